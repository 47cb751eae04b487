// Cuts, masks, pseudonymises and shortens `key=value` pairs in a line of such pairs (logfmt, iptables, auditd), and leaves
// the rest as it was, records of several lines included. A value is bare up to white space, or quoted by " (with \ escapes)
// or by ' when it closes. Words without `=` stay, whatever is kept. A value in '…' that begins with a pair holds pairs, as
// auditd nests them (`msg='op=login acct="root"'`): operations reach them too; where such a value is kept it is kept whole.
// Promises: trimming twice changes nothing more (but a second pseudonym); a line with a " that never closes is told and left
// alone, because where its pairs end cannot be known. Names are matched whole and exactly; there are no paths here.
import { nothing, quotedText, TextChanger } from './change-text.ts';
import type { FieldChange } from './field-change.ts';
import { childState, type PathState } from './field-paths.ts';
import { isBlank, isDivider, isGap } from './pair-gaps.ts';
import type { Splice } from './splice.ts';

const notPairs = -1;

export class KeyValueTrimmer {
  readonly #root: PathState;
  /** For pairs within a value. */
  readonly #nested: PathState;
  readonly #splice: Splice;
  readonly #mask: Buffer;
  readonly #changer = new TextChanger(quotedText);

  /** `nested` is `root` without what `keep` lets go. */
  constructor(root: PathState, nested: PathState, splice: Splice, mask: string) {
    this.#root = root;
    this.#nested = nested;
    this.#splice = splice;
    const isBare = /^[^\s="'\\]+$/.test(mask);
    // An apostrophe would close the '…' around nested pairs.
    this.#mask = Buffer.from(isBare ? mask : `"${mask.replaceAll(/["'\\]/g, String.raw`\$&`)}"`);
  }

  /** The pairs from `start` to the end of the line that the splice has begun; false when they cannot be told apart. */
  trim(start: number): boolean {
    return this.#pairs(start, this.#splice.end, this.#root);
  }

  #pairs(start: number, end: number, root: PathState): boolean {
    const splice = this.#splice;
    const { bytes } = splice;
    let hasKept = false;
    let keptEnd = start;
    let i = start;
    while (i < end) {
      const gap = i;
      while (i < end && isBlank(bytes[i] ?? 0)) i++;
      if (i === end) break;
      if (isDivider(bytes[i] ?? 0)) {
        hasKept = false;
        i++;
        continue;
      }
      const word = i;
      const nameEnd = nameEndAt(bytes, i, end);
      i = wordEndAt(bytes, nameEnd, end);
      if (i < 0) return false;
      const isPair = nameEnd < end && nameEnd > word && bytes[nameEnd] === 0x3d;
      const state = isPair ? childState(root, bytes, word, nameEnd) : undefined;
      if (state !== undefined && state.goes !== 'none') {
        // The blank before goes along; a pair at the very front takes the blank behind it instead.
        if (!hasKept) while (i < end && isBlank(bytes[i] ?? 0)) i++;
        // A backslash must not come to stand before the apostrophe that closes nested pairs: one blank stays between them.
        const isEscape = hasKept && i === end && end < splice.end && bytes[keptEnd - 1] === 0x5c;
        splice.cut(hasKept ? gap + Number(isEscape) : word, i);
        continue;
      }
      hasKept = true;
      keptEnd = i;
      if (state?.change) this.#change(state.change, nameEnd + 1, i);
      else if (isPair && holdsPairs(bytes, nameEnd + 1, i) && !this.#pairs(nameEnd + 2, i - 1, this.#nested)) return false;
    }
    return true;
  }

  #change(change: FieldChange, start: number, end: number): void {
    const { bytes } = this.#splice;
    if (change.is === 'mask') {
      this.#splice.replace(start, end, this.#mask, nothing);
      return;
    }
    const quote = bytes[start];
    const isQuoted = end - start >= 2 && (quote === 0x22 || quote === 0x27) && closingQuote(bytes, start + 1, end, quote) === end - 1;
    if (isQuoted) this.#changer.change(this.#splice, change, start + 1, end - 1);
    else if (change.is === 'pseudonymise') this.#changer.change(this.#splice, change, start, end);
    else this.#shortenBare(change, start, end);
  }

  /** A quote left open would swallow the pairs behind: a bare value with quotes inside is cut before the first of them. */
  #shortenBare(change: Extract<FieldChange, { is: 'shorten' }>, start: number, end: number): void {
    const { bytes } = this.#splice;
    if (end - start <= change.bytesMax) return;
    let quote = start;
    while (quote < end && bytes[quote] !== 0x22 && bytes[quote] !== 0x27) quote++;
    const bytesMax = Math.min(change.bytesMax, quote - start);
    this.#changer.change(this.#splice, { is: 'shorten', bytesMax }, start, end);
  }
}

/** The value is one '…' and begins with a pair; within `"…"` everything is text. */
function holdsPairs(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] !== 0x27 || closingQuote(bytes, start + 1, end, 0x27) !== end - 1) return false;
  const nameEnd = nameEndAt(bytes, start + 1, end - 1);
  return nameEnd > start + 1 && nameEnd < end - 1 && bytes[nameEnd] === 0x3d;
}

function nameEndAt(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const c = bytes[i] ?? 0;
    if (c === 0x3d || c === 0x22 || isGap(c)) break;
    i++;
  }
  return i;
}

/** `at` is where a name stopped: at `=`, a quote or white space. Returns where the word ends, quotes passed. */
function wordEndAt(bytes: Buffer, at: number, end: number): number {
  let i = at;
  if (i + 1 < end && bytes[i] === 0x3d && bytes[i + 1] === 0x27) {
    const close = closingQuote(bytes, i + 2, end, 0x27);
    if (close >= 0) i = close + 1;
  }
  while (i < end && !isGap(bytes[i] ?? 0)) {
    if (bytes[i] === 0x22) {
      i = closingQuote(bytes, i + 1, end, 0x22);
      if (i < 0) return notPairs;
    }
    i++;
  }
  return i;
}

function closingQuote(bytes: Buffer, at: number, end: number, quote: number): number {
  for (let i = at; i < end; i++) {
    const c = bytes[i];
    if (c === quote) return i;
    if (c === 0x5c) i++;
  }
  return notPairs;
}
