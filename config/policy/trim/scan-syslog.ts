// Finds the fields of a syslog header in a raw line without building values: RFC 5424 (`<134>1 time host app 77 ID [sd] msg`)
// and RFC 3164 as it is met (`Nov 24 10:00:00 host sshd[811]: msg`, with `<38>` before or an ISO 8601 time instead, which is
// what files under /var/log hold). A field that is `-` or missing is absent.
// Promises: allocates nothing per line; never reads at or beyond `end`; a line that has neither priority nor time has no header.
import { isSpace } from './scan-cef.ts';

const notSyslog = -1;

/** The fields, and where each one's place is kept. */
const placeOf = { timestamp: 0, hostname: 1, appname: 2, procid: 3, msgid: 4, message: 5, priority: 6, facility: 7, severity: 8 } as const;
export type SyslogField = keyof typeof placeOf;
export const syslogFields = ['timestamp', 'hostname', 'appname', 'procid', 'msgid', 'message', 'priority', 'facility', 'severity'] as const;

const digits = Array.from({ length: 192 }, (_, number) => Buffer.from(String(number)));
const none = Buffer.alloc(0);

/** One is made and used again. */
export class SyslogHeader {
  /** -1 without `<priority>`. */
  priority = -1;
  /** Where the message begins. */
  message = 0;
  isThere = false;
  readonly #starts = new Int32Array(syslogFields.length);
  readonly #ends = new Int32Array(syslogFields.length);

  read(bytes: Buffer, start: number, end: number): void {
    this.#starts.fill(-1);
    this.message = start;
    this.priority = priorityOf(bytes, start, end);
    this.isThere = this.priority >= 0;
    let i = start;
    if (this.isThere) while (bytes[i++] !== 0x3e);
    const isNew = this.isThere && i + 1 < end && bytes[i] === 0x31 && bytes[i + 1] === 0x20;
    this.message = isNew ? this.#readNew(bytes, i + 2, end) : this.#readOld(bytes, i, end);
    if (this.isThere) this.#set('message', this.message, end);
  }

  /** -1 where the header has no time. */
  get timeStart(): number {
    return this.#starts[placeOf.timestamp] ?? -1;
  }

  get timeEnd(): number {
    return this.#ends[placeOf.timestamp] ?? -1;
  }

  /** Shows where a field is by calling `see`, and gives back what it says; undefined when the field is absent. */
  show(field: SyslogField, bytes: Buffer, see: (bytes: Buffer, start: number, end: number) => boolean): boolean | undefined {
    if (field === 'priority' || field === 'facility' || field === 'severity') {
      if (this.priority < 0) return undefined;
      const number = field === 'priority' ? this.priority : field === 'facility' ? this.priority >> 3 : this.priority & 7;
      const text = digits[number] ?? none;
      return see(text, 0, text.length);
    }
    const place = placeOf[field];
    const from = this.#starts[place] ?? -1;
    return from < 0 ? undefined : see(bytes, from, this.#ends[place] ?? from);
  }

  #set(field: SyslogField, start: number, end: number): void {
    const place = placeOf[field];
    this.#starts[place] = start;
    this.#ends[place] = end;
  }

  /** Five words, then structured data. */
  #readNew(bytes: Buffer, at: number, end: number): number {
    let i = at;
    for (const field of ['timestamp', 'hostname', 'appname', 'procid', 'msgid'] as const) {
      const wordEnd = behindWord(bytes, i, end);
      const isNil = wordEnd === i + 1 && bytes[i] === 0x2d;
      if (wordEnd > i && !isNil) this.#set(field, i, wordEnd);
      i = Math.min(end, wordEnd + 1);
    }
    const data = behindStructuredData(bytes, i, end);
    return Math.min(end, (data < 0 ? i : data) + (data >= 0 && data < end ? 1 : 0));
  }

  #readOld(bytes: Buffer, at: number, end: number): number {
    const timeEnd = behindTime(bytes, at, end);
    if (timeEnd < 0) return at;
    this.isThere = true;
    this.#set('timestamp', at, timeEnd);
    let i = Math.min(end, timeEnd + 1);
    const hostEnd = behindWord(bytes, i, end);
    if (hostEnd > i && behindTag(bytes, i, hostEnd) < 0) {
      this.#set('hostname', i, hostEnd);
      i = Math.min(end, hostEnd + 1);
    }
    return this.#readTag(bytes, i, end);
  }

  /** `sshd[811]: ` or `kernel: `; without one the message begins at once. */
  #readTag(bytes: Buffer, at: number, end: number): number {
    const word = behindWord(bytes, at, end);
    const tagEnd = behindTag(bytes, at, word);
    if (tagEnd < 0) return at;
    let name = at;
    while (name < tagEnd && bytes[name] !== 0x5b && bytes[name] !== 0x3a) name++;
    this.#set('appname', at, name);
    if (bytes[name] === 0x5b) {
      let close = name;
      while (close < tagEnd && bytes[close] !== 0x5d) close++;
      if (close > name + 1) this.#set('procid', name + 1, close);
    }
    return tagEnd < end && bytes[tagEnd] === 0x20 ? tagEnd + 1 : tagEnd;
  }
}

/** The number in `<13>` at `at`, up to 191, else -1. */
function priorityOf(bytes: Buffer, at: number, end: number): number {
  if (at + 2 >= end || bytes[at] !== 0x3c) return notSyslog;
  let value = 0;
  let i = at + 1;
  for (; i < end && i < at + 4 && isDigit(bytes[i] ?? 0); i++) value = value * 10 + (bytes[i] ?? 0) - 0x30;
  return i > at + 1 && i < end && bytes[i] === 0x3e && value < 192 ? value : notSyslog;
}

function behindWord(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== 0x20) i++;
  return i;
}

/** Index behind the colon of a tag that begins at `at` and ends within its word; -1 for another word. */
function behindTag(bytes: Buffer, at: number, wordEnd: number): number {
  let i = at;
  while (i < wordEnd && bytes[i] !== 0x3a && bytes[i] !== 0x5b) i++;
  if (i === at || i === wordEnd) return notSyslog;
  if (bytes[i] === 0x5b) {
    while (i < wordEnd && bytes[i] !== 0x5d) i++;
    if (++i > wordEnd) return notSyslog;
    return i < wordEnd && bytes[i] === 0x3a ? i + 1 : i === wordEnd ? i : notSyslog;
  }
  // IPv6 addresses and other words with colons inside are names of hosts.
  return i + 1 === wordEnd ? wordEnd : notSyslog;
}

/** `Nov 24 10:00:00` or `2026-11-24T10:00:00.123Z`. */
function behindTime(bytes: Buffer, at: number, end: number): number {
  if (isShape(bytes, at, end, 'Aaa _0 00:00:00') && (at + 15 === end || bytes[at + 15] === 0x20)) return at + 15;
  return isShape(bytes, at, end, '0000-00-00T00:00') ? behindWord(bytes, at, end) : notSyslog;
}

/** `0` a digit, `_` a digit or a space, `A` and `a` letters, anything else itself. */
function isShape(bytes: Buffer, at: number, end: number, shape: string): boolean {
  if (at + shape.length > end) return false;
  for (let i = 0; i < shape.length; i++) {
    const c = bytes[at + i] ?? 0;
    const wanted = shape.charCodeAt(i);
    if (wanted === 0x30 ? !isDigit(c) : wanted === 0x5f ? !isDigit(c) && c !== 0x20 : !isLetterOr(c, wanted)) return false;
  }
  return true;
}

function isLetterOr(c: number, wanted: number): boolean {
  if (wanted === 0x41) return c >= 0x41 && c <= 0x5a;
  return wanted === 0x61 ? c >= 0x61 && c <= 0x7a : c === wanted;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

const wordsBeforeData = 5;

/** Where the structured data of an RFC 5424 line begins: at `[` or `-`. */
export function structuredDataStart(bytes: Buffer, start: number, end: number): number {
  if (priorityOf(bytes, start, end) < 0) return notSyslog;
  let i = start;
  while (bytes[i++] !== 0x3e);
  const version = i;
  while (i < end && isDigit(bytes[i] ?? 0)) i++;
  if (i === version || bytes[i] !== 0x20) return notSyslog;
  for (let word = 0; word < wordsBeforeData; word++) {
    const wordEnd = behindWord(bytes, i + 1, end);
    if (wordEnd === i + 1 || wordEnd === end) return notSyslog;
    i = wordEnd;
  }
  i++;
  if (i < end && bytes[i] === 0x5b) return i;
  return i < end && bytes[i] === 0x2d && (i + 1 === end || bytes[i + 1] === 0x20) ? i : notSyslog;
}

function behindStructuredData(bytes: Buffer, at: number, end: number): number {
  if (at >= end || bytes[at] === 0x2d) return Math.min(end, at + 1);
  let i = at;
  while (i < end && bytes[i] === 0x5b) {
    while (i < end && bytes[i] !== 0x5d) {
      if (bytes[i] === 0x22) i = closingQuoteOfParam(bytes, i + 1, end);
      if (i < 0) return notSyslog;
      i++;
    }
    i++;
  }
  return i > end ? notSyslog : i;
}

/** Index behind an id or a parameter's name. */
export function sdNameEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const c = bytes[i] ?? 0;
    if (c === 0x3d || c === 0x22 || c === 0x5d || isSpace(c)) break;
    i++;
  }
  return i === at ? notSyslog : i;
}

/** Index of the quote that ends the value which begins at `at`. */
export function closingQuoteOfParam(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    if (bytes[i] === 0x22) return i;
    if (bytes[i] === 0x5c) i++;
  }
  return notSyslog;
}
