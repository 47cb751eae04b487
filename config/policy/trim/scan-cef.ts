// Finds its way in CEF and LEEF lines without building values: header fields between pipes, then an extension of pairs.
// CEF: seven header fields; keys and values separated by spaces, a value reaching up to the space before the next key.
// LEEF 1: five header fields, pairs separated by tabs. LEEF 2: a sixth says the delimiter, as itself or in hexadecimal;
// empty, or left out by senders that go straight on with a pair, it is the tab.
// Promises: allocates nothing; never reads at or beyond `end`.

export const notFound = -1;

/** A tag stands at the beginning of a line or behind a syslog header: not deep in somebody's text. */
const prefixBytesMax = 1_024;

/** Index of `tag` (CEF: or LEEF:) at the beginning of a word and before a digit. */
function tagAt(bytes: Buffer, tag: Buffer, start: number, end: number): number {
  const last = Math.min(end - tag.length, start + prefixBytesMax);
  for (let i = start; i < last; i++) {
    if (bytes[i] !== tag[0] || (i > start && isWordByte(bytes[i - 1] ?? 0))) continue;
    let t = 1;
    while (t < tag.length && bytes[i + t] === tag[t]) t++;
    if (t === tag.length && isDigit(bytes[i + t] ?? 0)) return i;
  }
  return notFound;
}

/** Index of the next pipe that no backslash escapes. */
export function pipeAt(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    if (bytes[i] === 0x7c) return i;
    if (bytes[i] === 0x5c) i++;
  }
  return notFound;
}

/** Index behind the given number of pipes. */
export function behindPipes(bytes: Buffer, at: number, end: number, count: number): number {
  let i = at;
  for (let pipe = 0; pipe < count; pipe++) {
    const next = pipeAt(bytes, i, end);
    if (next < 0) return notFound;
    i = next + 1;
  }
  return i;
}

const cefTag = Buffer.from('CEF:');
const leefTag = Buffer.from('LEEF:');
const cefHeaderFields = 7;
const leefHeaderFields = 5;

/** Where the header fields of a CEF line and its extension begin. One is made and used again. */
export class CefExtension {
  tagEnd = 0;
  start = 0;

  /** False when the line is not CEF. */
  read(bytes: Buffer, from: number, end: number): boolean {
    const tag = tagAt(bytes, cefTag, from, end);
    if (tag < 0) return false;
    this.tagEnd = tag + cefTag.length;
    this.start = behindPipes(bytes, this.tagEnd, end, cefHeaderFields);
    return this.start >= 0;
  }
}

/** Index of the `=` behind the next key of a CEF extension; a key begins behind a space, the first also behind the header. */
export function cefEquals(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const c = bytes[i];
    // Senders write paths as they are: a backslash before a space or a letter escapes nothing.
    if (c === 0x5c) i += bytes[i + 1] === 0x5c || bytes[i + 1] === 0x3d ? 1 : 0;
    else if (c === 0x3d) {
      const key = cefKeyStart(bytes, at, i);
      const before = bytes[key - 1] ?? 0;
      if (key < i && (isSpace(before) || (key === at && before === 0x7c))) return i;
    }
  }
  return notFound;
}

/** Where the key before the `=` at `equals` begins, not before `from`. */
export function cefKeyStart(bytes: Buffer, from: number, equals: number): number {
  let i = equals;
  while (i > from && isKeyByte(bytes[i - 1] ?? 0)) i--;
  return i;
}

/** `at` without the white space before it, not before `from`. */
export function spaceBefore(bytes: Buffer, from: number, at: number): number {
  let i = at;
  while (i > from && isSpace(bytes[i - 1] ?? 0)) i--;
  return i;
}

/** The extension of a LEEF line and what separates its pairs. One is made and used again. */
export class LeefExtension {
  tagEnd = 0;
  start = 0;
  delimiter = 0x09;
  /** Where the header says none it is the tab. */
  header: 'says-delimiter' | 'has-empty-delimiter' | 'has-no-delimiter' = 'says-delimiter';

  /** False when the line is not LEEF, or its delimiter could not be told from the text of keys and numbers. */
  read(bytes: Buffer, from: number, end: number): boolean {
    const tag = tagAt(bytes, leefTag, from, end);
    const header = tag < 0 ? notFound : behindPipes(bytes, tag, end, leefHeaderFields);
    if (header < 0) return false;
    this.tagEnd = tag + leefTag.length;
    this.start = header;
    this.delimiter = 0x09;
    this.header = 'says-delimiter';
    if (bytes[this.tagEnd] === 0x31) return true;
    let i = header;
    while (i < end && bytes[i] !== 0x7c && bytes[i] !== 0x3d) i++;
    // The pipe itself may be the delimiter: LEEF:2.0|v|p|1|id|||a=1.
    if (i === header && i + 1 < end && bytes[i] === 0x7c && bytes[i + 1] === 0x7c) {
      this.start = header + 2;
      this.delimiter = 0x7c;
      return true;
    }
    if (i >= end || bytes[i] === 0x3d) {
      this.header = 'has-no-delimiter';
      return true;
    }
    this.start = i + 1;
    if (i === header) {
      this.header = 'has-empty-delimiter';
      return true;
    }
    this.delimiter = i === header + 1 ? (bytes[header] ?? 0) : hexadecimal(bytes, header, i);
    return this.delimiter > 0 && this.delimiter < 0x80 && !isKeyByte(this.delimiter) && this.delimiter !== 0x3d;
  }
}

/** `x5e`, `0x5e`, `0x005e`; 0 for anything else. */
function hexadecimal(bytes: Buffer, start: number, end: number): number {
  let i = start;
  if (bytes[i] === 0x30) i++;
  if (((bytes[i] ?? 0) | 0x20) !== 0x78 || end - i > 5 || end - i < 2) return 0;
  let value = 0;
  for (i++; i < end; i++) {
    const c = bytes[i] ?? 0;
    const lower = c | 0x20;
    const digit = isDigit(c) ? c - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
    if (digit < 0) return 0;
    value = value * 16 + digit;
  }
  return value;
}

export function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x09;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function isWordByte(c: number): boolean {
  const lower = c | 0x20;
  return isDigit(c) || (lower >= 0x61 && lower <= 0x7a) || c === 0x5f;
}

/** Letters, digits, `_ . - [ ]`. */
function isKeyByte(c: number): boolean {
  return isWordByte(c) || c === 0x2e || c === 0x2d || c === 0x5b || c === 0x5d;
}
