// Cuts, masks, pseudonymises and shortens elements and parameters of RFC 5424 structured data
// (`<134>1 time host app 77 ID [id name="value"] message`), and leaves header, message and the rest as they were.
// `id` names a whole element, `id.name` one parameter; an element stays, if empty, while only its parameters go, and
// structured data of which nothing stays becomes `-`. `\"`, `\\` and `\]` are escapes in a value.
// Promises: what has no RFC 5424 header, or structured data that is not well-formed, is told and left alone.
import { nothing, structuredText, TextChanger } from './change-text.ts';
import { childState, type PathState } from './field-paths.ts';
import { closingQuoteOfParam, sdNameEnd, structuredDataStart } from './scan-syslog.ts';
import type { Splice } from './splice.ts';

const malformed = -1;
const nilValue = Buffer.from('-');

export class StructuredDataTrimmer {
  readonly #root: PathState;
  readonly #splice: Splice;
  readonly #mask: Buffer;
  readonly #changer = new TextChanger(structuredText);

  constructor(root: PathState, splice: Splice, mask: string) {
    this.#root = root;
    this.#splice = splice;
    this.#mask = Buffer.from(mask.replaceAll(/["\\\]]/g, String.raw`\$&`));
  }

  trim(start: number): boolean {
    const splice = this.#splice;
    const { bytes, end } = splice;
    const first = structuredDataStart(bytes, start, end);
    if (first < 0) return false;
    if (bytes[first] === 0x2d) return true;
    let goneFrom = -1;
    let hasKept = false;
    let i = first;
    while (i < end && bytes[i] === 0x5b) {
      const idEnd = sdNameEnd(bytes, i + 1, end);
      if (idEnd < 0) return false;
      const state = childState(this.#root, bytes, i + 1, idEnd);
      const goes = state?.goes === 'all';
      if (goes && goneFrom < 0) goneFrom = i;
      if (!goes && goneFrom >= 0) splice.cut(goneFrom, i);
      if (!goes) {
        goneFrom = -1;
        hasKept = true;
      }
      i = this.#params(idEnd, goes ? undefined : state);
      if (i < 0) return false;
    }
    if (i === first || (i < end && bytes[i] !== 0x20)) return false;
    if (hasKept && goneFrom >= 0) splice.cut(goneFrom, i);
    else if (!hasKept) splice.replace(goneFrom, i, nilValue, nothing);
    return true;
  }

  /** `at` is behind an element's id; returns the index behind its bracket. */
  #params(at: number, element: PathState | undefined): number {
    const splice = this.#splice;
    const { bytes, end } = splice;
    let i = at;
    while (i < end && bytes[i] === 0x20) {
      const gap = i;
      while (i < end && bytes[i] === 0x20) i++;
      const name = i;
      i = sdNameEnd(bytes, name, end);
      if (i < 0 || i + 1 >= end || bytes[i] !== 0x3d || bytes[i + 1] !== 0x22) return malformed;
      const value = i + 2;
      const quote = closingQuoteOfParam(bytes, value, end);
      if (quote < 0) return malformed;
      const state = element === undefined ? undefined : childState(element, bytes, name, i);
      i = quote + 1;
      const change = state?.change ?? element?.change;
      if (state !== undefined && state.goes !== 'none') splice.cut(gap, i);
      else if (change?.is === 'mask') splice.replace(value, quote, this.#mask, nothing);
      else if (change) this.#changer.change(splice, change, value, quote);
    }
    return i < end && bytes[i] === 0x5d ? i + 1 : malformed;
  }
}
