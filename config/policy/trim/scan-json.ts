// Walks the bytes of one JSON text without building values: where does this string, scalar or value end?
// Promises: accepts exactly what JSON.parse accepts (bytes that are not UTF-8 inside strings pass), up to depthMax levels;
// answers `notJson` (-1) for the rest; never reads at or beyond `end`; allocates nothing.
// The loops are written for V8: plain indexing and comparisons ordered by how often real log bytes take them.

export const depthMax = 128;
export const notJson = -1;

/** Index of the first byte at or after `at` that is not white space (may be `end`). */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const c = bytes[i] ?? 0;
    if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break;
    i++;
  }
  return i;
}

declare global {
  interface Buffer {
    /** Node 26 takes an end; its types do not say so yet. */
    indexOf(value: number, start: number, end: number): number;
  }
}

/** A native search costs about as much as looking at so many bytes here. */
const nativeBytesMin = 48;

/** Index of `byte` in [start, end), or `end`. */
export function indexOfByte(bytes: Buffer, byte: number, start: number, end: number): number {
  if (end - start >= nativeBytesMin) {
    // A Node that does not know the end would search on through the lines behind: slower, with the same answer.
    const found = bytes.indexOf(byte, start, end);
    return found < 0 || found > end ? end : found;
  }
  let i = start;
  while (i < end && bytes[i] !== byte) i++;
  return i;
}

/** `at` is just behind the opening quote; returns just behind the closing one. */
export function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const c = bytes[i] ?? 0;
    // Most bytes of log strings are lower-case letters: one comparison decides those.
    if (c > 0x5c) continue;
    if (c === 0x22) return i + 1;
    if (c === 0x5c) {
      const next = escapeEnd(bytes, i + 1, end);
      if (next < 0) return notJson;
      i = next - 1;
    } else if (c < 0x20) return notJson;
  }
  return notJson;
}

/** `at` is just behind a key's opening quote; just behind the closing one, or notJson also when the key holds escapes. */
export function plainKeyEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c > 0x5c) continue;
    if (c === 0x22) return i + 1;
    if (c === 0x5c || c < 0x20) return notJson;
  }
  return notJson;
}

/** `at` is at a backslash inside a checked string; just behind the escape, or behind both escapes of a surrogate pair. */
export function stringEscapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] !== 0x75) return Math.min(end, at + 2);
  const isHigh = ((bytes[at + 2] ?? 0) | 0x20) === 0x64 && isBetween(bytes[at + 3] ?? 0, 0x38, 0x62);
  const next = at + 6;
  const isPair = isHigh && next + 6 <= end && bytes[next] === 0x5c && bytes[next + 1] === 0x75;
  const isLow = isPair && ((bytes[next + 2] ?? 0) | 0x20) === 0x64 && isBetween(bytes[next + 3] ?? 0, 0x63, 0x66);
  return Math.min(end, isLow ? next + 6 : next);
}

/** Whether a hexadecimal digit is one of 8 9 a b (high surrogates, up to 0x62) or c d e f (low ones, from 0x63). */
function isBetween(c: number, first: number, last: number): boolean {
  const lower = isDigit(c) ? c : c | 0x20;
  return lower >= first && lower <= last;
}

function escapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return notJson;
  switch (bytes[at]) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 1;
    case 0x75:
      if (at + 5 > end) return notJson;
      for (let i = at + 1; i < at + 5; i++) if (!isHex(bytes[i] ?? 0)) return notJson;
      return at + 5;
    default:
      return notJson;
  }
}

function isHex(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66);
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** Just behind the number, `true`, `false` or `null` that begins at `at`. */
export function scalarEnd(bytes: Uint8Array, at: number, end: number): number {
  const c = bytes[at] ?? 0;
  if (c === 0x2d || isDigit(c)) return numberEnd(bytes, at, end);
  if (c === 0x74) return wordEnd(bytes, at, end, wordTrue);
  if (c === 0x66) return wordEnd(bytes, at, end, wordFalse);
  return c === 0x6e ? wordEnd(bytes, at, end, wordNull) : notJson;
}

const wordTrue = Buffer.from('true');
const wordFalse = Buffer.from('false');
const wordNull = Buffer.from('null');

function wordEnd(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  if (at + word.length > end) return notJson;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return notJson;
  return at + word.length;
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i] ?? 0)) i++;
  return i;
}

function numberEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = bytes[at] === 0x2d ? at + 1 : at;
  const whole = i;
  i = digitsEnd(bytes, i, end);
  if (i === whole || (bytes[whole] === 0x30 && i > whole + 1)) return notJson;
  if (i < end && bytes[i] === 0x2e) {
    const fraction = i + 1;
    i = digitsEnd(bytes, fraction, end);
    if (i === fraction) return notJson;
  }
  if (i < end && ((bytes[i] ?? 0) | 0x20) === 0x65) {
    let exponent = i + 1;
    if (exponent < end && (bytes[exponent] === 0x2b || bytes[exponent] === 0x2d)) exponent++;
    i = digitsEnd(bytes, exponent, end);
    if (i === exponent) return notJson;
  }
  return i;
}

/** Just behind the value that begins at `at` (no white space before it), checked whole. */
export function valueEnd(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end) return notJson;
  const c = bytes[at];
  if (c === 0x22) return stringEnd(bytes, at + 1, end);
  if (c === 0x7b) return objectEnd(bytes, at, end, depth + 1);
  if (c === 0x5b) return arrayEnd(bytes, at, end, depth + 1);
  return scalarEnd(bytes, at, end);
}

function objectEnd(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (depth > depthMax) return notJson;
  let i = skipSpace(bytes, at + 1, end);
  if (i < end && bytes[i] === 0x7d) return i + 1;
  for (;;) {
    i = memberValue(bytes, i, end);
    if (i < 0) return notJson;
    i = valueEnd(bytes, i, end, depth);
    if (i < 0) return notJson;
    i = skipSpace(bytes, i, end);
    if (i >= end) return notJson;
    const c = bytes[i];
    if (c === 0x7d) return i + 1;
    if (c !== 0x2c) return notJson;
    i = skipSpace(bytes, i + 1, end);
  }
}

/** `at` is where a member's key must begin; returns where its value begins. */
function memberValue(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== 0x22) return notJson;
  const keyEnd = stringEnd(bytes, at + 1, end);
  return keyEnd < 0 ? notJson : valueStart(bytes, keyEnd, end);
}

/** `at` is just behind a key; returns where the value behind the colon begins. */
export function valueStart(bytes: Uint8Array, at: number, end: number): number {
  const i = at < end && bytes[at] === 0x3a ? at : skipSpace(bytes, at, end);
  if (i >= end || bytes[i] !== 0x3a) return notJson;
  return skipSpace(bytes, i + 1, end);
}

function arrayEnd(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (depth > depthMax) return notJson;
  let i = skipSpace(bytes, at + 1, end);
  if (i < end && bytes[i] === 0x5d) return i + 1;
  for (;;) {
    i = valueEnd(bytes, i, end, depth);
    if (i < 0) return notJson;
    i = skipSpace(bytes, i, end);
    if (i >= end) return notJson;
    const c = bytes[i];
    if (c === 0x5d) return i + 1;
    if (c !== 0x2c) return notJson;
    i = skipSpace(bytes, i + 1, end);
  }
}
