// Scans a text of several records, a line each, as the audit system writes events: `type=EXECVE … a0="ls" a1=2D6C`. A raw
// name `EXECVE.a0` is the key a0 of records of that type, a plain name the key of any record; `EXECVE.a#` are the numbered
// keys a0, a1, … as one list, with the pieces a1[0], a1[1] put together; `AVC._text` is all of such a record; `_types` are
// the types of all records.
// Promises: linear, never throws, at most so many records, words and elements; keys that nobody wants cost a look-up. A
// word without the assign mark is a flag with the value `true`.
import type { EventRow } from '../../config/fields/row.ts';
import type { TimeContext } from './time-parts.ts';
import type { Write } from './write-field.ts';

const recordsMax = 1_024;
const wordsMax = 8_192;
const elementsMax = 1_024;
const typesMax = 64;

export interface RecordShape {
  readonly between: string;
  readonly assign: string;
  readonly by: string;
  readonly parts: string | undefined;
  readonly nested: string | undefined;
  readonly hex: ReadonlySet<string>;
}

interface NumberedKeys {
  readonly prefix: string;
  readonly isHex: boolean;
  readonly writes: readonly Write[];
}

interface Wanted {
  readonly keys: Map<string, readonly Write[]>;
  readonly lists: NumberedKeys[];
}

export interface RecordWrites {
  /** By type; under '' those of any record. */
  readonly byType: ReadonlyMap<string, Wanted>;
}

interface Target {
  readonly row: EventRow;
  readonly context: TimeContext;
}

export function groupRecordWrites(grouped: ReadonlyMap<string, readonly Write[]>, hex: ReadonlySet<string>): RecordWrites {
  const byType = new Map<string, Wanted>();
  for (const [name, writes] of grouped) {
    const dot = name.indexOf('.');
    const [type, key] = dot < 0 ? ['', name] : [name.slice(0, dot), name.slice(dot + 1)];
    const wanted: Wanted = byType.get(type) ?? { keys: new Map(), lists: [] };
    byType.set(type, wanted);
    if (key.endsWith('#')) wanted.lists.push({ prefix: key.slice(0, -1), isHex: hex.has(name), writes });
    else wanted.keys.set(key, writes);
  }
  return { byType };
}

/** Returns how many pairs it saw, flags not counted. */
export function readRecords(text: string, shape: RecordShape, writes: RecordWrites, target: Target): number {
  const scan = new RecordScan(shape, writes, target);
  let at = 0;
  for (let record = 0; record < recordsMax && at < text.length; record++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    scan.record(text.slice(at, end));
    at = end + 1;
  }
  scan.flush();
  return scan.pairs;
}

interface Element {
  text: string;
  readonly isQuoted: boolean;
}

class RecordScan {
  readonly #shape: RecordShape;
  readonly #writes: RecordWrites;
  readonly #target: Target;
  readonly #lists = new Map<NumberedKeys, Element[]>();
  readonly #types = new Set<string>();
  #type = '';
  #wanted: Wanted | undefined;
  #words = 0;
  pairs = 0;

  constructor(shape: RecordShape, writes: RecordWrites, target: Target) {
    this.#shape = shape;
    this.#writes = writes;
    this.#target = target;
  }

  record(text: string): void {
    const { parts } = this.#shape;
    this.#type = this.#typeOf(text);
    if (this.#type !== '' && this.#types.size < typesMax) this.#types.add(this.#type);
    this.#wanted = this.#type === '' ? undefined : this.#writes.byType.get(this.#type);
    for (let at = 0; at < text.length;) {
      const found = parts === undefined ? -1 : text.indexOf(parts, at);
      const behind = found < 0 ? text.length : found;
      this.#pairsIn(text, at, behind);
      at = behind + 1;
    }
    this.#write(this.#wanted?.keys.get('_text'), text);
  }

  /** Lists are whole only behind the last record. */
  flush(): void {
    const { row, context } = this.#target;
    for (const write of this.#writes.byType.get('')?.keys.get('_types') ?? []) write(row, [...this.#types], context);
    for (const [{ isHex, writes }, elements] of this.#lists) {
      const list = [...elements].map((one) => (one === undefined ? '' : isHex && !one.isQuoted ? unhex(one.text) : one.text));
      for (const write of writes) write(row, list, context);
    }
  }

  #typeOf(text: string): string {
    const { by, assign, between } = this.#shape;
    const mark = `${by}${assign}`;
    const inside = text.indexOf(`${between}${mark}`);
    if (!text.startsWith(mark) && inside < 0) return '';
    const from = text.startsWith(mark) ? mark.length : inside + between.length + mark.length;
    const gap = text.indexOf(between, from);
    return text.slice(from, gap < 0 ? text.length : gap);
  }

  #pairsIn(text: string, start: number, end: number): void {
    const { between, assign, nested } = this.#shape;
    let mark = -1;
    for (let at = start; at < end && this.#words < wordsMax;) {
      if (text.startsWith(between, at)) {
        at += between.length;
        continue;
      }
      const gap = within(text.indexOf(between, at), end);
      // Looked for once, however many words stand before it.
      if (mark < at) mark = beyondNone(text.indexOf(assign, at));
      this.#words++;
      if (mark >= gap) {
        this.#take(text.slice(at, gap), 'true', true);
        at = gap + between.length;
        continue;
      }
      this.pairs++;
      const from = mark + assign.length;
      const opening = text[from];
      if (opening === nested && nested !== undefined && from < end) {
        const last = text.lastIndexOf(nested, end - 1);
        const behind = last > from ? last : end;
        this.#pairsIn(text, from + 1, behind);
        at = behind + 1;
        continue;
      }
      // Nothing is escaped within quotes: what holds a quote is written in hexadecimal.
      const isQuoted = opening === '"' && from < end;
      const to = isQuoted ? within(text.indexOf('"', from + 1), end) : gap;
      this.#take(text.slice(at, mark), text.slice(isQuoted ? from + 1 : from, to), isQuoted);
      at = isQuoted ? to + 1 : to + between.length;
    }
  }

  #take(key: string, value: string, isQuoted: boolean): void {
    const { hex } = this.#shape;
    const ofType = this.#wanted?.keys.get(key);
    const ofAny = this.#writes.byType.get('')?.keys.get(key);
    if (ofType) this.#write(ofType, !isQuoted && hex.has(`${this.#type}.${key}`) ? unhex(value) : value);
    if (ofAny) this.#write(ofAny, !isQuoted && hex.has(key) ? unhex(value) : value);
    for (const list of this.#wanted?.lists ?? []) if (key.startsWith(list.prefix)) this.#gather(list, key, { text: value, isQuoted });
  }

  #gather(list: NumberedKeys, key: string, piece: Element): void {
    const [, index] = /^(\d{1,6})(?:\[\d{1,6}\])?$/.exec(key.slice(list.prefix.length)) ?? [];
    if (index === undefined || Number(index) >= elementsMax) return;
    const elements = this.#lists.get(list) ?? [];
    this.#lists.set(list, elements);
    const before = elements[Number(index)];
    if (before && key.endsWith(']')) before.text += piece.text;
    else elements[Number(index)] = piece;
  }

  #write(writes: readonly Write[] | undefined, value: string): void {
    if (writes) for (const write of writes) write(this.#target.row, value, this.#target.context);
  }
}

function beyondNone(at: number): number {
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function within(at: number, end: number): number {
  return at < 0 || at > end ? end : at;
}

/** What is no hexadecimal, as in `(null)` and `?`, stays. */
function unhex(value: string): string {
  if (value.length % 2 !== 0 || value.length === 0 || !/^[0-9A-Fa-f]+$/.test(value)) return value;
  const text = Buffer.from(value, 'hex').toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', ' ').trimEnd() : text;
}
