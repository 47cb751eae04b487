// Looks for one path in a JSON text and shows every value there to a sight, until one is taken. Nothing is allocated unless
// a value holds escapes. A broken text is searched as far as it can be read.
// Most lines do not have the field, or have it once: the bytes of its last name in quotes are looked for first, and again
// behind a value that was not taken, and the text is walked only where they stand (a third of the time of walking it all).
// A key may be spelled with \u escapes instead; a line that holds any is walked whole.
import { childState, escapedKeyState, type PathState } from '../trim/field-paths.ts';
import { indexOfByte, plainKeyEnd, skipSpace, stringEnd, valueEnd, valueStart } from '../trim/scan-json.ts';
import type { LineView } from './line-view.ts';
import { type LiteralSearch, searchLiteral } from './search-literal.ts';
import type { ValueSight } from './value-sight.ts';

const depthMax = 64;
/** Cannot go on; found. Other answers of a search are the index behind what was read. */
const broken = -1;
const found = -2;

export class JsonField {
  readonly #path: PathState;
  readonly #sight: ValueSight;
  /** The last name of the path in its quotes; undefined where the path ends in `*`, or the name has other spellings. */
  readonly #key: LiteralSearch | undefined;
  #line: LineView | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;

  constructor(path: PathState, lastName: string | undefined, sight: ValueSight) {
    this.#path = path;
    this.#sight = sight;
    const isPlain = lastName !== undefined && /^[\w .:@-]+$/.test(lastName);
    this.#key = isPlain ? searchLiteral(`"${lastName}"`, { cased: true }) : undefined;
  }

  /** Whether a value was taken in the JSON text of the line. */
  search(line: LineView): boolean {
    this.#line = line;
    this.#bytes = line.bytes;
    this.#end = line.end;
    return !this.#isOver(line.json) && this.#seek(line.json, this.#path, 0) === found;
  }

  /** The key cannot stand behind `at`. */
  #isOver(at: number): boolean {
    return this.#key !== undefined && !this.#key.contains(this.#bytes, at, this.#end) && this.#line?.hasEscapes === false;
  }

  #seek(at: number, state: PathState, depth: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (at >= end || depth > depthMax) return broken;
    if (state.isFound) return this.#tryValue(at, state, depth);
    if (bytes[at] === 0x7b) return this.#seekInObject(at, state, depth);
    if (bytes[at] === 0x5b && state.other) return this.#seekInArray(at, state.other, depth + 1);
    return valueEnd(bytes, at, end, depth);
  }

  #seekInObject(at: number, state: PathState, depth: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = skipSpace(bytes, at + 1, end);
    while (i < end && bytes[i] === 0x22) {
      const key = i + 1;
      let keyEnd = plainKeyEnd(bytes, key, end);
      const isPlain = keyEnd >= 0;
      if (!isPlain) keyEnd = stringEnd(bytes, key, end);
      if (keyEnd < 0) return broken;
      const below = isPlain ? childState(state, bytes, key, keyEnd - 1) : escapedKeyState(state, bytes, key, keyEnd - 1);
      const value = valueStart(bytes, keyEnd, end);
      if (value < 0) return broken;
      i = below ? this.#seek(value, below, depth + 1) : valueEnd(bytes, value, end, depth);
      if (i < 0) return i;
      i = skipSpace(bytes, i, end);
      if (i < end && bytes[i] === 0x2c) i = skipSpace(bytes, i + 1, end);
    }
    return i < end && bytes[i] === 0x7d ? i + 1 : broken;
  }

  #seekInArray(at: number, element: PathState, depth: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = skipSpace(bytes, at + 1, end);
    while (i < end && bytes[i] !== 0x5d) {
      // The elements of a value are parts of it: whether the key comes again is asked behind the whole.
      i = element.isFound ? this.#showValue(i, element, depth) : this.#seek(i, element, depth);
      if (i < 0) return i;
      i = skipSpace(bytes, i, end);
      if (i < end && bytes[i] === 0x2c) i = skipSpace(bytes, i + 1, end);
    }
    return i < end ? i + 1 : broken;
  }

  #tryValue(at: number, state: PathState, depth: number): number {
    const behind = this.#showValue(at, state, depth);
    return behind >= 0 && this.#isOver(behind) ? broken : behind;
  }

  #showValue(at: number, state: PathState, depth: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (at >= end || depth > depthMax) return broken;
    const c = bytes[at];
    if (this.#sight.seesTrees) return found;
    if (c === 0x5b) return this.#seekInArray(at, state, depth + 1);
    const behind = valueEnd(bytes, at, end, depth);
    if (behind < 0 || c === 0x7b) return behind;
    if (c === 0x6e) return this.#sight.seeNull() ? found : behind;
    if (c !== 0x22) return this.#sight.see(bytes, at, behind) ? found : behind;
    if (indexOfByte(bytes, 0x5c, at, behind) === behind) return this.#sight.see(bytes, at + 1, behind - 1) ? found : behind;
    const text: unknown = JSON.parse(bytes.toString('utf8', at, behind));
    const decoded = Buffer.from(String(text));
    return this.#sight.see(decoded, 0, decoded.length) ? found : behind;
  }
}
