// Rewrites the text of one value where it stands: pseudonymised or shortened. What a character is, escapes included, differs
// by format and is said by its syntax. Masks replace a value with its quotes and are written by each format itself.
import type { FieldChange } from './field-change.ts';
import type { Splice } from './splice.ts';

export interface TextSyntax {
  /** Index behind the escape sequence at `at`, or `at` where none begins. */
  escapeEnd(bytes: Buffer, at: number, end: number): number;
  /** What the bytes mean; undefined when they hold no escapes and mean themselves. */
  decoded(bytes: Buffer, start: number, end: number): Buffer | undefined;
}

const pseudonymCharsMax = 64;
export const nothing = Buffer.alloc(0);

export class TextChanger {
  readonly #syntax: TextSyntax;
  readonly #pseudonyms = new Map<number, Buffer>();

  constructor(syntax: TextSyntax) {
    this.#syntax = syntax;
    for (let length = 1; length <= pseudonymCharsMax; length++) this.#pseudonyms.set(length, Buffer.alloc(length));
  }

  /** The text bytes[start, end) of a value, without its quotes. */
  change(splice: Splice, change: Exclude<FieldChange, { is: 'mask' }>, start: number, end: number): void {
    if (change.is === 'shorten') this.#shorten(splice, change.bytesMax, start, end);
    // An empty value stays empty: it hides nothing, and its pseudonym would be the same everywhere.
    else if (start < end) splice.replace(start, end, this.pseudonym(splice.bytes, change, start, end), nothing);
  }

  /** Good until the next call. */
  pseudonym(bytes: Buffer, { pseudonyms }: Extract<FieldChange, { is: 'pseudonymise' }>, start: number, end: number): Buffer {
    const out = this.#pseudonyms.get(pseudonyms.length) ?? nothing;
    const decoded = this.#syntax.decoded(bytes, start, end);
    if (decoded) pseudonyms.write(decoded, 0, decoded.length, { out, at: 0 });
    else pseudonyms.write(bytes, start, end, { out, at: 0 });
    return out;
  }

  #shorten(splice: Splice, bytesMax: number, start: number, end: number): void {
    if (end - start <= bytesMax) return;
    splice.cut(shortEnd(splice.bytes, this.#syntax, { start, end, bytesMax }), end);
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly bytesMax: number;
}

/** Where a text of at most `bytesMax` bytes ends that splits neither a character nor an escape. */
function shortEnd(bytes: Buffer, syntax: TextSyntax, { start, end, bytesMax }: Span): number {
  const last = Math.min(end, start + bytesMax);
  let at = start;
  for (;;) {
    const escape = syntax.escapeEnd(bytes, at, end);
    const next = escape > at ? escape : characterEnd(bytes, at, end);
    if (next > last || next === at) return at;
    at = next;
  }
}

/** Bytes that are not UTF-8 count as characters of their own. */
function characterEnd(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return at;
  const c = bytes[at] ?? 0;
  const length = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
  let i = at + 1;
  while (i < at + length && i < end && ((bytes[i] ?? 0) & 0xc0) === 0x80) i++;
  return i;
}

interface Escapes {
  readonly escape: number;
  /** What may stand behind the escape, and what the two mean. */
  readonly meanings: Readonly<Record<string, string>>;
  /**
   * Readers skip whatever stands behind an escape, though nothing else is escaped by it: cut between the two, the escape would
   * take the closing quote along.
   */
  readonly joinsAny?: boolean;
}

function escapedBy({ escape, meanings: escaped, joinsAny = false }: Escapes): TextSyntax {
  const meanings = new Map(Object.entries(escaped).map(([char, meaning]) => [char.charCodeAt(0), meaning.charCodeAt(0)]));
  const isEscape = (bytes: Buffer, at: number, end: number): boolean =>
    bytes[at] === escape && at + 1 < end && meanings.has(bytes[at + 1] ?? -1);
  return {
    escapeEnd: (bytes, at, end) => {
      if (joinsAny && bytes[at] === escape) return characterEnd(bytes, at + 1, end);
      return isEscape(bytes, at, end) ? at + 2 : at;
    },
    decoded: (bytes, start, end) => {
      let first = start;
      while (first < end && !isEscape(bytes, first, end)) first++;
      if (first === end) return undefined;
      const out: number[] = [];
      for (let i = start; i < end; i++) {
        if (isEscape(bytes, i, end)) out.push(meanings.get(bytes[++i] ?? 0) ?? 0);
        else out.push(bytes[i] ?? 0);
      }
      return Buffer.from(out);
    },
  };
}

/** Within quotes of key=value pairs and of structured data. */
export const quotedText = escapedBy({ escape: 0x5c, meanings: { '"': '"', "'": "'", '\\': '\\' }, joinsAny: true });
export const structuredText = escapedBy({ escape: 0x5c, meanings: { '"': '"', '\\': '\\', ']': ']' }, joinsAny: true });
export const cefText = escapedBy({ escape: 0x5c, meanings: { '=': '=', '\\': '\\', '|': '|', n: '\n', r: '\r' } });
export const csvQuotedText = escapedBy({ escape: 0x22, meanings: { '"': '"' } });
export const noEscapes: TextSyntax = { escapeEnd: (_bytes, at) => at, decoded: () => undefined };
