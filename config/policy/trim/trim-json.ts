// Cuts, masks, pseudonymises and shortens fields of one JSON text, byte by byte, and leaves the rest as it was.
// Promises: parse(trim(text)) equals parse(text) with the fields changed; trimming twice changes nothing more (but a second
// pseudonym); what is not JSON (or deeper than 128 levels) is told and left alone. Nothing is allocated per line.
// White space between kept members stays. Pseudonyms and cuts reach every text below a named field; numbers get a pseudonym
// too and are never cut; true, false and null stay. A mask stands for the whole value, whatever it was.
import { type TextSyntax, TextChanger } from './change-text.ts';
import type { FieldChange } from './field-change.ts';
import { escapedKeyState, type PathState, childState } from './field-paths.ts';
import { depthMax, notJson, plainKeyEnd, scalarEnd, skipSpace, stringEnd, stringEscapeEnd, valueEnd, valueStart } from './scan-json.ts';
import type { Splice } from './splice.ts';

/** The shortest value there is. */
const zero = Buffer.from('0');

export class JsonTrimmer {
  readonly #root: PathState;
  readonly #splice: Splice;
  readonly #mask: Buffer;
  readonly #changer = new TextChanger(jsonText);

  constructor(root: PathState, splice: Splice, mask: string) {
    this.#root = root;
    this.#splice = splice;
    this.#mask = Buffer.from(JSON.stringify(mask));
  }

  /** The text from `at` to the end of the line that the splice has begun; false when it is not JSON. */
  trim(at: number): boolean {
    const { bytes, end } = this.#splice;
    const behind = this.#value(skipSpace(bytes, at, end), this.#root, 0);
    return behind >= 0 && skipSpace(bytes, behind, end) === end;
  }

  #value(at: number, state: PathState | undefined, depth: number): number {
    const { bytes, end } = this.#splice;
    if (at >= end) return notJson;
    const c = bytes[at];
    if (state?.change !== undefined) return this.#changed(at, state, state.change, depth);
    if (c === 0x22) return stringEnd(bytes, at + 1, end);
    if (c !== 0x7b && c !== 0x5b) return scalarEnd(bytes, at, end);
    const matters = state !== undefined && (c === 0x7b || state.other !== undefined);
    return matters ? this.#inside(at, state, depth + 1) : valueEnd(bytes, at, end, depth);
  }

  #changed(at: number, state: PathState, change: FieldChange, depth: number): number {
    const splice = this.#splice;
    const { bytes, end } = splice;
    if (change.is === 'mask') {
      const behind = valueEnd(bytes, at, end, depth);
      if (behind >= 0) splice.replace(at, behind, this.#mask, zero);
      return behind;
    }
    const c = bytes[at] ?? 0;
    if (c === 0x7b || c === 0x5b) return this.#inside(at, state, depth + 1);
    if (c === 0x22) {
      const behind = stringEnd(bytes, at + 1, end);
      if (behind >= 0) this.#changer.change(splice, change, at + 1, behind - 1);
      return behind;
    }
    const behind = scalarEnd(bytes, at, end);
    const isNumber = c === 0x2d || (c >= 0x30 && c <= 0x39);
    if (behind >= 0 && isNumber && change.is === 'pseudonymise') this.#pseudonymOfNumber(at, behind, change);
    return behind;
  }

  #pseudonymOfNumber(at: number, behind: number, change: Extract<FieldChange, { is: 'pseudonymise' }>): void {
    const digits = this.#changer.pseudonym(this.#splice.bytes, change, at, behind);
    const text = this.#quoted.subarray(0, digits.length + 2);
    text[0] = 0x22;
    text.set(digits, 1);
    text[digits.length + 1] = 0x22;
    this.#splice.replace(at, behind, text, zero);
  }

  readonly #quoted = Buffer.alloc(66);

  /**
   * An object's members or an array's elements. Commas: what goes takes the comma before it when something before it stays,
   * else everything up to the next one, or up to the closing bracket's white space when there is none.
   */
  #inside(at: number, state: PathState, depth: number): number {
    if (depth > depthMax) return notJson;
    const splice = this.#splice;
    const { bytes, end } = splice;
    const isObject = bytes[at] === 0x7b;
    const close = isObject ? 0x7d : 0x5d;
    let i = skipSpace(bytes, at + 1, end);
    if (i < end && bytes[i] === close) return i + 1;
    let comma = i;
    let cutFrom = -1;
    let hasKept = false;
    for (;;) {
      const first = i;
      let below = state.other;
      if (isObject) {
        if (i >= end || bytes[i] !== 0x22) return notJson;
        const keyStart = i + 1;
        i = plainKeyEnd(bytes, keyStart, end);
        if (i >= 0) below = childState(state, bytes, keyStart, i - 1);
        else {
          i = stringEnd(bytes, keyStart, end);
          if (i < 0) return notJson;
          below = escapedKeyState(state, bytes, keyStart, i - 1);
        }
        i = valueStart(bytes, i, end);
        if (i < 0) return notJson;
      }
      if (below !== undefined && goesAt(below, bytes, i, end)) {
        if (cutFrom < 0) cutFrom = hasKept ? comma : first;
        i = valueEnd(bytes, i, end, depth);
      } else {
        if (cutFrom >= 0) splice.cut(cutFrom, hasKept ? comma : first);
        cutFrom = -1;
        hasKept = true;
        i = this.#value(i, below, depth);
      }
      if (i < 0) return notJson;
      const behind = i;
      i = skipSpace(bytes, i, end);
      if (i >= end) return notJson;
      if (bytes[i] === close) {
        if (cutFrom >= 0) splice.cut(cutFrom, behind);
        return i + 1;
      }
      if (bytes[i] !== 0x2c) return notJson;
      comma = i;
      i = skipSpace(bytes, i + 1, end);
    }
  }
}

function goesAt(state: PathState, bytes: Buffer, at: number, end: number): boolean {
  if (state.goes === 'none') return false;
  return state.goes === 'all' || !(at < end && (bytes[at] === 0x7b || bytes[at] === 0x5b));
}

const jsonText: TextSyntax = {
  escapeEnd: (bytes, at, end) => (bytes[at] === 0x5c ? stringEscapeEnd(bytes, at, end) : at),
  decoded: (bytes, start, end) => {
    let i = start;
    while (i < end && bytes[i] !== 0x5c) i++;
    if (i === end) return undefined;
    const text: unknown = JSON.parse(bytes.toString('utf8', start - 1, end + 1));
    return Buffer.from(String(text));
  },
};
