// What makes lines alike for sample, limit and collapse: the values of named fields, or the line without the time in its
// syslog header (the same message a second later is a repeat). A field that is not there counts as a value of its own.
import { type FieldFinder, fieldFinder } from '../conditions/find-field.ts';
import type { ValueTest } from '../conditions/value-sight.ts';
import type { LineView } from '../conditions/line-view.ts';
import type { LineHash } from './line-hash.ts';

export class LineKey {
  readonly #fields: readonly FieldFinder[] | undefined;
  readonly #hash: LineHash;

  /** Without fields the line counts; with none of them all lines are alike. The policy schema has checked the names. */
  constructor(fields: readonly string[] | undefined, hash: LineHash) {
    this.#fields = fields?.map((name) => {
      const named = fieldFinder(name);
      if (!named.ok) throw new Error(`broken invariant: field ${name}: ${named.reason}`);
      return named.finder;
    });
    this.#hash = hash;
  }

  /** Good until the next call. */
  of(line: LineView): LineHash {
    const hash = this.#hash;
    hash.begin();
    if (this.#fields === undefined) this.#addTimeless(line);
    else for (let i = 0; i < this.#fields.length; i++) this.#fields[i]?.find(line, this.#addValue);
    hash.finish();
    return hash;
  }

  /** The first value of a field. */
  readonly #addValue: ValueTest = (bytes, start, end, isNull) => {
    this.#hash.add(mark, 0, isNull ? 0 : 1);
    this.#hash.add(bytes, start, end);
    return true;
  };

  #addTimeless({ bytes, start, end, header }: LineView): void {
    const { timeStart, timeEnd } = header;
    if (timeStart < 0) this.#hash.add(bytes, start, end);
    else {
      this.#hash.add(bytes, start, timeStart);
      this.#hash.add(bytes, timeEnd, end);
    }
  }
}

/** Before a value; nothing of it where there is none. */
const mark = Buffer.alloc(1);
