// One event as the hub's hot path holds it: slots in front, columns behind (DESIGN.md 4). A row is made once per
// worker and used again for every line; nothing on the path copies it.
import { fields, slotCount } from './registry.ts';

export type FieldValue = string | number | boolean | readonly string[];

export class EventRow {
  /** Value by registry slot; undefined is absent. Read freely, write through `set`. */
  readonly slots: (FieldValue | undefined)[] = new Array<FieldValue | undefined>(slotCount).fill(undefined);
  /** Slots in use, in the order written, for clearing and for walking without visiting all. */
  readonly used: number[] = [];
  /** Fields the registry does not know: name and text. At most `extrasMax`. */
  readonly extraNames: string[] = [];
  readonly extraValues: string[] = [];
  /** Fields beyond the limit were left out (the raw line has them). */
  extrasLeftOut = 0;

  kindId = 0;
  decoder = '';
  decoderVersion = 0;
  /** Why the event is less than it should be; empty when nothing is wrong. */
  problem = '';
  /** `@timestamp`, `event.created`, `event.ingested`, in milliseconds since 1970. */
  timeMs = 0;
  createdMs = 0;
  ingestedMs = 0;
  /** The line as text, decoded once. */
  raw = '';

  set(slot: number, value: FieldValue): void {
    if (this.slots[slot] === undefined) this.used.push(slot);
    this.slots[slot] = value;
  }

  setExtra(name: string, value: string): void {
    if (this.extraNames.length >= extrasMax) {
      this.extrasLeftOut++;
      return;
    }
    this.extraNames.push(name);
    this.extraValues.push(value);
  }

  extra(name: string): string | undefined {
    const at = this.extraNames.indexOf(name);
    return at < 0 ? undefined : this.extraValues[at];
  }

  clear(): void {
    const { slots, used, extraNames, extraValues } = this;
    // Popped, not `length = 0`: that is a call out of compiled code and gives the memory back, to be taken again per line.
    while (used.length > 0) slots[used.pop() ?? 0] = undefined;
    while (extraNames.length > 0) {
      extraNames.pop();
      extraValues.pop();
    }
    this.extrasLeftOut = 0;
    this.kindId = 0;
    this.decoder = '';
    this.decoderVersion = 0;
    this.problem = '';
    this.timeMs = 0;
    this.createdMs = 0;
    this.ingestedMs = 0;
    this.raw = '';
  }
}

export const extrasMax = 512;

/** Dotted names to values, for people, tests and the command line; never on the hot path. */
export function rowToObject(row: EventRow): Record<string, FieldValue> {
  const object: Record<string, FieldValue> = {};
  for (const slot of [...row.used].sort((a, b) => a - b)) {
    const field = fields[slot];
    const value = row.slots[slot];
    if (field && value !== undefined)
      object[field.name] = field.type === 'date' && typeof value === 'number' ? new Date(value).toISOString() : value;
  }
  for (const [at, name] of row.extraNames.entries()) {
    if (!Object.hasOwn(object, name))
      Object.defineProperty(object, name, { value: row.extraValues[at] ?? '', enumerable: true, configurable: true, writable: true });
  }
  return object;
}
