// What `atalaia-agent trim` tells at its end: lines and bytes before and after, lines dropped by reason, and what each
// operation on each field saves as if it stood alone (less than nothing for masks and pseudonyms that are longer).
import { fieldsOf, type TrimRule, trimOperations } from '../../config/policy/trim/trim-rules.ts';
import { createTrimmer, type Trimmer, type TrimSpec } from '../../config/policy/trim/trimmer.ts';
import type { KeptBlock } from '../filter/keep-lines.ts';
import { readKeyFile } from '../filter/read-key-file.ts';
import type { LineBlock } from '../ports.ts';

interface Effect {
  readonly name: string;
  readonly trimmer: Trimmer;
  bytes: number;
  lines: number;
}

const keptNamesMax = 5;

export class TrimSummary {
  readonly #effects: readonly Effect[];
  #out = Buffer.alloc(0);
  #linesBefore = 0;
  #bytesBefore = 0;
  #linesAfter = 0;
  #bytesAfter = 0;
  #linesUnparsed = 0;
  readonly #dropped: Record<string, number> = {};

  constructor(rules: readonly TrimRule[]) {
    this.#effects = rules.flatMap((rule) =>
      alone(rule).map(({ name, spec }) => ({ name, trimmer: createTrimmer(spec, readKeyFile), bytes: 0, lines: 0 })),
    );
  }

  before({ bytes, starts, ends, count }: LineBlock): void {
    for (let i = 0; i < count; i++) {
      const [start, end] = [starts[i] ?? 0, ends[i] ?? 0];
      this.#linesBefore += 1;
      this.#bytesBefore += end - start;
      for (const effect of this.#effects) this.#measure(effect, bytes, start, end);
    }
  }

  #measure(effect: Effect, bytes: Buffer, start: number, end: number): void {
    const { trimmer } = effect;
    const room = trimmer.roomFor(end - start);
    if (this.#out.length < room) this.#out = Buffer.allocUnsafe(room);
    const written = trimmer.trim(bytes, start, end, { out: this.#out, at: 0 });
    if (!trimmer.isChanged()) return;
    effect.bytes += end - start - written;
    effect.lines += 1;
  }

  after(block: LineBlock, { count, starts, ends, linesUnparsed, droppedBetween }: KeptBlock): void {
    this.#linesAfter += count;
    this.#linesUnparsed += linesUnparsed;
    for (let i = 0; i < count; i++) this.#bytesAfter += (ends[i] ?? 0) - (starts[i] ?? 0);
    const byReason = Object.entries(droppedBetween?.(0, block.count) ?? {});
    const filtered = block.count - count - byReason.reduce((sum, [, lines]) => sum + lines, 0);
    for (const [reason, lines] of [['filtered', filtered] as const, ...byReason])
      if (lines > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + lines;
  }

  text(): string {
    const share = this.#bytesBefore === 0 ? 0 : (100 * (this.#bytesBefore - this.#bytesAfter)) / this.#bytesBefore;
    const rows = [...this.#effects]
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ name, bytes, lines }) => `${String(bytes).padStart(14)} bytes in ${String(lines).padStart(10)} lines  ${name}`);
    const dropped = Object.entries(this.#dropped).map(([reason, lines]) => `${lines} ${reason}`);
    return [
      `lines ${[`${this.#linesBefore} read`, ...dropped, `${this.#linesAfter} shipped`].join(', ')}`,
      `bytes ${this.#bytesBefore} read, ${this.#bytesAfter} shipped (${share.toFixed(1)} % saved)`,
      ...(this.#linesUnparsed > 0 ? [`${this.#linesUnparsed} lines were not in the format of a trim and passed it as they were`] : []),
      ...(rows.length > 0 ? ['saved by each alone:', ...rows] : []),
      '',
    ].join('\n');
  }
}

/** A rule taken apart: one operation on one field each; `keep` is one operation as a whole. */
function alone(rule: TrimRule): { readonly name: string; readonly spec: TrimSpec }[] {
  const { format } = rule;
  const shape = 'columns' in rule ? { columns: rule.columns, delimiter: rule.delimiter } : {};
  return trimOperations.flatMap((operation) => {
    const fields = fieldsOf(rule, operation);
    if (operation === 'keep')
      return fields.length === 0 ? [] : [{ name: `keep ${listed(fields)}`, spec: { format, ...shape, keep: fields } }];
    return fields.map((field) => ({ name: `${operation} ${field}`, spec: { format, ...shape, ...only(rule, operation, field) } }));
  });
}

function only(rule: TrimRule, operation: 'drop' | 'mask' | 'pseudonymise' | 'shorten', field: string): Partial<TrimSpec> {
  const fields = [field];
  if (operation === 'mask' && rule.mask) return { mask: { ...rule.mask, fields } };
  if (operation === 'pseudonymise' && rule.pseudonymise) return { pseudonymise: { ...rule.pseudonymise, fields } };
  return operation === 'shorten' && rule.shorten ? { shorten: { ...rule.shorten, fields } } : { drop: fields };
}

function listed(fields: readonly string[]): string {
  const more = fields.length - keptNamesMax;
  return fields.slice(0, keptNamesMax).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
