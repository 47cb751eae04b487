// Cuts, masks, pseudonymises and shortens fields of a CEF extension (`CEF:0|vendor|…|severity|key=value key=value`), and
// leaves header and the rest as they were. A value reaches up to the white space before the next key, its own spaces
// included; `\=`, `\\`, `\n` and `\r` are escapes in it. A syslog header may stand before.
// Promises: what is not CEF (fewer than seven header fields, an extension that does not begin with a key) is told and left alone.
import { cefText, nothing, TextChanger } from './change-text.ts';
import { childState, type PathState } from './field-paths.ts';
import { cefEquals, CefExtension, cefKeyStart, isSpace, spaceBefore } from './scan-cef.ts';
import type { Splice } from './splice.ts';

export class CefTrimmer {
  readonly #root: PathState;
  readonly #splice: Splice;
  readonly #mask: Buffer;
  readonly #changer = new TextChanger(cefText);
  readonly #extension = new CefExtension();

  constructor(root: PathState, splice: Splice, mask: string) {
    this.#root = root;
    this.#splice = splice;
    this.#mask = Buffer.from(mask.replaceAll(/[\\=]/g, String.raw`\$&`));
  }

  trim(start: number): boolean {
    const splice = this.#splice;
    const { bytes, end } = splice;
    const extension = this.#extension;
    if (!extension.read(bytes, start, end)) return false;
    let key = extension.start;
    while (key < end && isSpace(bytes[key] ?? 0)) key++;
    if (key === end) return true;
    let equals = cefEquals(bytes, key, end);
    if (equals < 0 || cefKeyStart(bytes, key, equals) !== key) return false;
    for (let gap = key, hasKept = false; ;) {
      const value = equals + 1;
      const next = cefEquals(bytes, value, end);
      const nextKey = next < 0 ? end : cefKeyStart(bytes, value, next);
      const valueEnd = next < 0 ? end : spaceBefore(bytes, value, nextKey);
      const state = childState(this.#root, bytes, key, equals);
      // The space before goes along; a field at the very front takes the space behind it instead.
      if (state !== undefined && state.goes !== 'none') splice.cut(hasKept ? gap : key, hasKept ? valueEnd : nextKey);
      else {
        hasKept = true;
        if (state?.change?.is === 'mask') splice.replace(value, valueEnd, this.#mask, nothing);
        else if (state?.change) this.#changer.change(splice, state.change, value, valueEnd);
      }
      if (next < 0) return true;
      gap = valueEnd;
      key = nextKey;
      equals = next;
    }
  }
}
