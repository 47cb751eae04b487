// Cuts, masks, pseudonymises and shortens fields of a LEEF extension (1.0: tabs; 2.0: the delimiter its header names), and
// leaves header and the rest as they were. A part without `=` goes on with the value before it: that holds the delimiter.
// LEEF has no escapes. A syslog header may stand before.
// Promises: what is not LEEF is told and left alone. A mask that holds the line's delimiter becomes empty.
import { noEscapes, nothing, TextChanger } from './change-text.ts';
import { childState, type PathState } from './field-paths.ts';
import { isSpace, LeefExtension, notFound } from './scan-cef.ts';
import { indexOfByte } from './scan-json.ts';
import type { Splice } from './splice.ts';

/**
 * Where LEEF 2.0 says no delimiter, a pipe before the first `=` is taken for the end of one, and one right behind an empty one
 * for the delimiter. When what stood before such a name went, this stands for it; it is never longer.
 */
const emptyField = Buffer.from('=\t');

export class LeefTrimmer {
  readonly #root: PathState;
  readonly #splice: Splice;
  readonly #mask: Buffer;
  readonly #changer = new TextChanger(noEscapes);
  readonly #extension = new LeefExtension();

  constructor(root: PathState, splice: Splice, mask: string) {
    this.#root = root;
    this.#splice = splice;
    this.#mask = Buffer.from(mask);
  }

  trim(start: number): boolean {
    const splice = this.#splice;
    const { bytes, end } = splice;
    const extension = this.#extension;
    if (!extension.read(bytes, start, end)) return false;
    const { delimiter } = extension;
    const mask = indexOfByte(this.#mask, delimiter, 0, this.#mask.length) < this.#mask.length ? nothing : this.#mask;
    let hasKept = false;
    let isHeaderClosed = extension.header === 'says-delimiter';
    for (let part = extension.start; part < end;) {
      const equals = leefEquals(bytes, part, end, delimiter);
      const partEnd = leefValueEnd(bytes, equals < 0 ? part : equals + 1, end, delimiter);
      const state = equals < 0 ? undefined : childState(this.#root, bytes, leefKeyStart(bytes, part, equals), equals);
      // The delimiter before goes along; a field at the very front takes the one behind it instead.
      if (state !== undefined && state.goes !== 'none')
        splice.cut(hasKept ? part - 1 : part, hasKept ? partEnd : Math.min(end, partEnd + 1));
      else {
        if (!isHeaderClosed && part > extension.start && wouldGoOn(extension, bytes, part, equals))
          splice.replace(part, part, emptyField, nothing);
        isHeaderClosed ||= equals >= 0 || extension.header === 'has-empty-delimiter';
        hasKept = true;
        if (state?.change?.is === 'mask') splice.replace(equals + 1, partEnd, mask, nothing);
        else if (state?.change) this.#changer.change(splice, state.change, equals + 1, partEnd);
      }
      part = partEnd + 1;
    }
    return true;
  }
}

/** Whether the header is read on into the name bytes[part, equals) when nothing with `=` stands before it. */
function wouldGoOn({ header }: LeefExtension, bytes: Buffer, part: number, equals: number): boolean {
  return header === 'has-empty-delimiter' ? bytes[part] === 0x7c : indexOfByte(bytes, 0x7c, part, equals) < equals;
}

/** Index of the `=` of the part that begins at `part`. */
export function leefEquals(bytes: Buffer, part: number, end: number, delimiter: number): number {
  for (let i = part; i < end && bytes[i] !== delimiter; i++) if (bytes[i] === 0x3d) return i;
  return notFound;
}

export function leefKeyStart(bytes: Buffer, part: number, equals: number): number {
  let i = part;
  while (i < equals && isSpace(bytes[i] ?? 0)) i++;
  return i;
}

/** Where the value ends that goes on at `at`: before the next delimiter with a pair behind it. */
export function leefValueEnd(bytes: Buffer, at: number, end: number, delimiter: number): number {
  let i = indexOfByte(bytes, delimiter, at, end);
  while (i < end) {
    const next = indexOfByte(bytes, delimiter, i + 1, end);
    if (indexOfByte(bytes, 0x3d, i + 1, next) < next) break;
    i = next;
  }
  return i;
}
