// Rows of a Zeek log in Zeek's own JSON form: `{"_path":"conn","ts":1795514400.123456,"uid":"C…","id.orig_h":"192.0.2.1",…}`.
// What is unset is left out, an empty set is [], numbers keep their digits, \xHH is the byte it stands for; bytes that are
// not UTF-8 become the text \xHH, as Zeek writes them in JSON.
// Promises: the same header and row give the same bytes; the result is well-formed JSON whatever the row holds; never
// longer than a line may be: a row that would be has its long values cut, and says so. Nothing is allocated for a row of plain text.
import { limits } from '../delivery.ts';
import type { ZeekColumn, ZeekKind, ZeekTable } from './zeek-header.ts';

export interface RowPlace {
  readonly start: number;
  readonly end: number;
  /** The source line was cut at the line limit: its last value and the columns behind it may be missing. */
  readonly isCut: boolean;
}

/** `cut`: values were shortened. `other`: the row has another number of columns; nothing was written. */
export type WrittenRow = 'whole' | 'cut' | 'other';

/** A byte becomes six at most: \u0000. */
const growthMax = 6;
/** What a row begins with, and its brace. */
const startBytesMax = 2_048;
const shortBytesMax = 128;
const yes = Buffer.from('true');
const no = Buffer.from('false');
const quotes = Buffer.from('""');

export class ZeekRows {
  bytes: Buffer = Buffer.alloc(0);
  /** Where each line begins and ends, as the caller notes it. */
  starts = new Uint32Array(0);
  ends = new Uint32Array(0);
  filled = 0;
  #scratch = Buffer.alloc(4_096);
  #valueBytesMax = Number.POSITIVE_INFINITY;

  /** For so many lines; what was written before is gone. */
  begin(count: number): void {
    this.filled = 0;
    if (this.starts.length >= count) return;
    this.starts = new Uint32Array(count * 2);
    this.ends = new Uint32Array(count * 2);
  }

  /** Writes behind what is there. */
  write(from: Buffer, row: RowPlace, table: ZeekTable): WrittenRow {
    const { columns, separator } = table;
    const count = columnsIn(from, row, separator);
    if (row.isCut ? count > columns.length : count !== columns.length) return 'other';
    this.#makeRoom((row.end - row.start) * growthMax + table.keyBytes + columns.length * 4 + startBytesMax);
    const begun = this.filled;
    this.#valueBytesMax = Number.POSITIVE_INFINITY;
    this.#row(from, row, table);
    if (this.filled - begun <= limits.lineBytesMax) return row.isCut ? 'cut' : 'whole';
    this.filled = begun;
    const share = limits.lineBytesMax - table.keyBytes - startBytesMax - columns.length * 4;
    this.#valueBytesMax = Math.floor(share / columns.length / growthMax / 2);
    this.#row(from, row, table);
    return 'cut';
  }

  /** The line as it is. */
  copy(from: Buffer, start: number, end: number): void {
    this.#makeRoom(end - start);
    this.filled += from.copy(this.bytes, this.filled, start, end);
  }

  #makeRoom(byteLength: number): void {
    if (this.bytes.length - this.filled >= byteLength) return;
    const grown = Buffer.allocUnsafe((this.filled + byteLength) * 2);
    this.bytes.copy(grown, 0, 0, this.filled);
    this.bytes = grown;
  }

  #row(from: Buffer, { start, end }: RowPlace, table: ZeekTable): void {
    const { columns, separator, unset, empty } = table;
    this.#copy(table.start, 0, table.start.length);
    let at = start;
    for (let index = 0; index < columns.length && at <= end; index++) {
      const column = columns[index];
      let behind = at;
      while (behind < end && from[behind] !== separator) behind++;
      if (column && !isText(from, at, behind, unset)) {
        this.#copy(column.key, 0, column.key.length);
        if (column.isList) this.#list(from, at, behind, { column, table });
        else if (column.kind === 'text' && isText(from, at, behind, empty)) this.#copy(quotes, 0, 2);
        else this.#value(from, at, behind, column.kind);
      }
      at = behind + 1;
    }
    this.bytes[this.filled++] = 0x7d;
  }

  #list(from: Buffer, start: number, end: number, { column, table }: { readonly column: ZeekColumn; readonly table: ZeekTable }): void {
    const { setSeparator, empty, unset } = table;
    this.bytes[this.filled++] = 0x5b;
    const last = this.#endOf(start, end);
    for (let at = isText(from, start, end, empty) ? last + 1 : start; at <= last;) {
      const behind = separatorAt(from, at, last, setSeparator);
      if (at > start) this.bytes[this.filled++] = 0x2c;
      if (isText(from, at, behind, unset)) this.#put('null');
      else if (column.kind === 'text' && isText(from, at, behind, empty)) this.#put('""');
      else this.#value(from, at, behind, column.kind);
      at = behind + (behind === last ? 1 : setSeparator.length);
    }
    this.bytes[this.filled++] = 0x5d;
  }

  #endOf(start: number, end: number): number {
    return Math.min(end, start + this.#valueBytesMax);
  }

  #value(from: Buffer, start: number, end: number, kind: ZeekKind): void {
    if (kind === 'number' && isNumber(from, start, end)) this.#copy(from, start, end);
    else if (kind === 'truth' && end - start === 1 && (from[start] === 0x54 || from[start] === 0x46))
      this.#copy(from[start] === 0x54 ? yes : no, 0, from[start] === 0x54 ? yes.length : no.length);
    else this.#text(from, start, this.#endOf(start, end));
  }

  /** Most are short: a call into the runtime would take longer than the copying. */
  #copy(from: Buffer, start: number, end: number): void {
    const out = this.bytes;
    let to = this.filled;
    if (end - start > shortBytesMax) to += from.copy(out, to, start, end);
    else for (let at = start; at < end; at++) out[to++] = from[at] ?? 0;
    this.filled = to;
  }

  #put(text: string): void {
    this.filled += this.bytes.write(text, this.filled, 'latin1');
  }

  #text(from: Buffer, start: number, end: number): void {
    const out = this.bytes;
    let to = this.filled;
    out[to++] = 0x22;
    let at = start;
    for (; at < end; at++) {
      const c = from[at] ?? 0;
      if (c === 0x5c || c === 0x22 || c < 0x20 || c >= 0x80) break;
      out[to++] = c;
    }
    this.filled = to;
    if (at < end) this.#oddText(from, at, end);
    out[this.filled++] = 0x22;
  }

  /** With escapes of Zeek, or bytes that JSON wants escaped. */
  #oddText(from: Buffer, start: number, end: number): void {
    if (this.#scratch.length < end - start) this.#scratch = Buffer.allocUnsafe((end - start) * 2);
    const length = unescapeInto(this.#scratch, from, { start, end });
    for (let at = 0; at < length;) {
      const c = this.#scratch[at] ?? 0;
      const more = c < 0x80 ? 1 : characterBytes(this.#scratch, at, length);
      if (more === 0) this.#put(`\\\\x${c.toString(16).padStart(2, '0')}`);
      else if (c === 0x22 || c === 0x5c) this.#put(c === 0x22 ? '\\"' : '\\\\');
      else if (c < 0x20) this.#put(`\\u${c.toString(16).padStart(4, '0')}`);
      else this.filled += this.#scratch.copy(this.bytes, this.filled, at, at + more);
      at += Math.max(1, more);
    }
  }
}

/** Index of the separator in [start, end), or `end`. A native search would go on to the end of the buffer for every set of one. */
function separatorAt(bytes: Buffer, start: number, end: number, separator: Buffer): number {
  let at = start;
  while (at + separator.length <= end && !isText(bytes, at, at + separator.length, separator)) at++;
  return at + separator.length <= end ? at : end;
}

function columnsIn(bytes: Buffer, { start, end }: RowPlace, separator: number): number {
  let count = 1;
  for (let at = start; at < end; at++) if (bytes[at] === separator) count++;
  return count;
}

function isText(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/** As JSON writes numbers; whatever else Zeek may write (nan, inf) goes as text. */
function isNumber(bytes: Buffer, start: number, end: number): boolean {
  let at = bytes[start] === 0x2d ? start + 1 : start;
  const whole = digitsEnd(bytes, at, end);
  if (whole === at || (bytes[at] === 0x30 && whole > at + 1)) return false;
  at = whole;
  if (at < end && bytes[at] === 0x2e) {
    const fraction = digitsEnd(bytes, at + 1, end);
    if (fraction === at + 1) return false;
    at = fraction;
  }
  if (at < end && ((bytes[at] ?? 0) | 0x20) === 0x65) {
    const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? at + 2 : at + 1;
    at = digitsEnd(bytes, sign, end);
    if (at === sign) return false;
  }
  return at === end;
}

function digitsEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39) at++;
  return at;
}

function hexDigit(c: number | undefined): number {
  if (c === undefined) return -1;
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** `\xHH` is a byte, `\\` a backslash; any other backslash stands for itself. Returns the bytes written. */
function unescapeInto(out: Buffer, from: Buffer, { start, end }: { readonly start: number; readonly end: number }): number {
  let to = 0;
  for (let at = start; at < end; at++) {
    const c = from[at] ?? 0;
    if (c === 0x5c && at + 3 < end && from[at + 1] === 0x78) {
      const [high, low] = [hexDigit(from[at + 2]), hexDigit(from[at + 3])];
      if (high >= 0 && low >= 0) {
        out[to++] = high * 16 + low;
        at += 3;
        continue;
      }
    }
    if (c === 0x5c && at + 1 < end && from[at + 1] === 0x5c) at++;
    out[to++] = c;
  }
  return to;
}

/** How many bytes the UTF-8 character at `at` has; 0 where there is none. */
function characterBytes(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  if (length === 0 || at + length > end) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  // Over-long forms, halves of surrogate pairs, and what is beyond Unicode.
  const isOut =
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f);
  return isOut ? 0 : length;
}
