// Looks for one literal in bytes, upper and lower case alike as Sigma wants (or exactly, when `cased`).
// Promises: no decoding and nothing allocated for ASCII literals; linear skipping search (Horspool) on folded bytes.
// Literals with other letters are compared as decoded, lower-cased text. Folding of ASCII literals is ASCII folding: the
// Kelvin sign does not equal k.

export interface LiteralSearch {
  /** Bytes of the literal. */
  readonly length: number;
  /** Where it first stands, or -1. */
  indexIn(bytes: Buffer, start: number, end: number): number;
  contains(bytes: Buffer, start: number, end: number): boolean;
  startsWith(bytes: Buffer, start: number, end: number): boolean;
  endsWith(bytes: Buffer, start: number, end: number): boolean;
  equals(bytes: Buffer, start: number, end: number): boolean;
}

const lowered = new Uint8Array(256).map((_, c) => (c >= 0x41 && c <= 0x5a ? c + 0x20 : c));
const unchanged = new Uint8Array(256).map((_, c) => c);

export function searchLiteral(text: string, { cased }: { readonly cased: boolean }): LiteralSearch {
  // oxlint-disable-next-line no-control-regex -- every ASCII character is meant, control characters too
  if (!cased && /[^\u0000-\u007f]/.test(text)) return searchDecoded(text.toLowerCase());
  return searchFolded(Buffer.from(cased ? text : text.toLowerCase()), cased ? unchanged : lowered);
}

function searchFolded(needle: Uint8Array, fold: Uint8Array): LiteralSearch {
  const length = needle.length;
  const skip = new Uint32Array(256).fill(Math.max(1, length));
  for (let i = 0; i < length - 1; i++) for (let c = 0; c < 256; c++) if (fold[c] === needle[i]) skip[c] = length - 1 - i;
  const isAt = (bytes: Buffer, at: number): boolean => {
    for (let i = length - 1; i >= 0; i--) if (fold[bytes[at + i] ?? 0] !== needle[i]) return false;
    return true;
  };
  const indexIn = (bytes: Buffer, start: number, end: number): number => {
    if (length === 0) return start;
    for (let at = start; at + length <= end; at += skip[bytes[at + length - 1] ?? 0] ?? 1) if (isAt(bytes, at)) return at;
    return -1;
  };
  return {
    length,
    indexIn,
    contains: (bytes, start, end) => indexIn(bytes, start, end) >= 0,
    startsWith: (bytes, start, end) => start + length <= end && isAt(bytes, start),
    endsWith: (bytes, start, end) => start + length <= end && isAt(bytes, end - length),
    equals: (bytes, start, end) => start + length === end && isAt(bytes, start),
  };
}

function searchDecoded(needle: string): LiteralSearch {
  const text = (bytes: Buffer, start: number, end: number): string => bytes.toString('utf8', start, end).toLowerCase();
  return {
    length: Buffer.byteLength(needle),
    // Lower case may have another length in bytes, so the place in the value cannot be told; globTest asks only for ASCII.
    indexIn: (bytes, start, end) => (text(bytes, start, end).includes(needle) ? start : -1),
    contains: (bytes, start, end) => text(bytes, start, end).includes(needle),
    startsWith: (bytes, start, end) => text(bytes, start, end).startsWith(needle),
    endsWith: (bytes, start, end) => text(bytes, start, end).endsWith(needle),
    equals: (bytes, start, end) => text(bytes, start, end) === needle,
  };
}
