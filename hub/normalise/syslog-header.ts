// Reads the head of a syslog line: RFC 5424 strictly, RFC 3164 as it is really written (with or without <PRI>, with a year,
// an ISO time, without a host, without a time), up to where the message begins.
// Promises: linear, never throws, allocates only the names it found. The answer is one reused record (one thread).
// `fault` is set when the line began as RFC 5424 and broke its grammar; the caller keeps such a line with a problem.
import { digitsAt, monthAt, timeEnd, type TimeContext } from './time-parts.ts';
import { bsdAt, isoAt } from './timestamps.ts';
import { readStructuredData } from './structured-data.ts';

export const header = {
  priority: -1,
  version: 0,
  timeMs: Number.NaN,
  host: '',
  app: '',
  procId: '',
  msgId: '',
  /** sd-id.name, value, sd-id.name, value … */
  data: [] as string[],
  messageAt: 0,
  fault: '',
};

export function clearHeader(): void {
  header.priority = -1;
  header.version = 0;
  header.timeMs = Number.NaN;
  header.host = '';
  header.app = '';
  header.procId = '';
  header.msgId = '';
  header.data.length = 0;
  header.fault = '';
}

export function readSyslogHeader(text: string, context: TimeContext): boolean {
  clearHeader();
  let at = 0;
  if (text.charCodeAt(0) === 60) {
    at = readPriority(text);
    if (at < 0) return false;
    if (looksLike5424(text, at)) return read5424(text, at, context);
    return readLegacy(text, at, context);
  }
  if (startsWithTime(text, 0)) return readLegacy(text, 0, context);
  // macOS and some devices write a blank for the T; much else begins like that too, so a program has to follow.
  return text.charCodeAt(10) === 32 && text.charCodeAt(4) === 45 && text.charCodeAt(13) === 58 && readSpaced(text, context);
}

function readSpaced(text: string, context: TimeContext): boolean {
  header.timeMs = isoAt(text, 0, context);
  if (Number.isNaN(header.timeMs) || text.charCodeAt(timeEnd.at) !== 32) return false;
  return readHostAndTag(text, timeEnd.at + 1) && header.app !== '' && header.host !== '';
}

function readPriority(text: string): number {
  const close = text.indexOf('>', 1);
  if (close < 2 || close > 4) return -1;
  const priority = digitsAt(text, 1, close - 1);
  if (!(priority <= 191) || (close > 2 && text.charCodeAt(1) === 48)) return -1;
  header.priority = priority;
  return close + 1;
}

/** `1 2026-…` or `1 -`: a version of one to three digits and then a time or nothing. */
function looksLike5424(text: string, at: number): boolean {
  let end = at;
  while (end < at + 4 && !Number.isNaN(digitsAt(text, end, 1))) end++;
  if (end === at || text.charCodeAt(end) !== 32) return false;
  const next = text.charCodeAt(end + 1);
  return next === 45 || (next >= 48 && next <= 57) || Number.isNaN(next);
}

const longest = { host: 255, app: 48, procId: 128, msgId: 32 } as const;

function read5424(text: string, start: number, context: TimeContext): boolean {
  let at = text.indexOf(' ', start);
  header.version = digitsAt(text, start, at - start);
  if (!(header.version >= 1 && header.version <= 999)) return wrong('version');
  at++;
  if (text.charCodeAt(at) === 45) at++;
  else {
    header.timeMs = strictTime(text, at, context);
    if (Number.isNaN(header.timeMs)) return wrong('timestamp');
    at = timeEnd.at;
  }
  for (const part of ['host', 'app', 'procId', 'msgId'] as const) {
    if (text.charCodeAt(at) !== 32) return wrong(part);
    const end = wordEnd(text, at + 1);
    if (end === at + 1 || end - at - 1 > longest[part]) return wrong(part);
    const value = text.slice(at + 1, end);
    header[part] = value === '-' ? '' : value;
    at = end;
  }
  if (text.charCodeAt(at) !== 32) return wrong('structured data');
  const end = readStructuredData(text, at + 1, header.data);
  if (end < 0) {
    header.messageAt = at + 1;
    return wrong('structured data');
  }
  if (end < text.length && text.charCodeAt(end) !== 32) return wrong('structured data');
  header.messageAt = Math.min(text.length, end + 1);
  if (text.startsWith('\ufeff', header.messageAt)) header.messageAt++;
  // RFC 5424 is UTF-8 by definition; bytes that were none arrive as U+FFFD.
  if (text.includes('\ufffd')) header.fault = 'RFC 5424 line with bytes that are not UTF-8';
  return true;
}

function wrong(part: string): boolean {
  header.fault = `RFC 5424 header with a malformed ${part}`;
  return true;
}

/** RFC 5424 asks for upper-case T, at most six digits of fraction and a zone. */
function strictTime(text: string, at: number, context: TimeContext): number {
  const ms = isoAt(text, at, context);
  const end = timeEnd.at;
  if (text.charCodeAt(at + 10) !== 84 || text.charCodeAt(at + 4) !== 45) return Number.NaN;
  const zone = text.charCodeAt(end - 1) === 90 ? 1 : 6;
  const fraction = end - zone - at - 19;
  if (fraction < 0 || fraction > 7) return Number.NaN;
  return zone === 6 && text.charCodeAt(end - 3) !== 58 ? Number.NaN : ms;
}

function wordEnd(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code <= 32 || code > 126) break;
  }
  return end;
}

function startsWithTime(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) return text.charCodeAt(at + 4) === 45 && text.charCodeAt(at + 10) === 84;
  return text.charCodeAt(at + 3) === 32 && monthAt(text, at) >= 0;
}

function readLegacy(text: string, start: number, context: TimeContext): boolean {
  let at = start;
  while (text.charCodeAt(at) === 32 && at < start + 2) at++;
  if (startsWithTime(text, at)) {
    const first = text.charCodeAt(at);
    header.timeMs = first >= 48 && first <= 57 ? isoAt(text, at, context) : bsdAt(text, at, context);
    if (Number.isNaN(header.timeMs)) return header.priority >= 0 && readTag(text, at, start);
    at = timeEnd.at;
    at = skipZoneAndYear(text, at);
    if (text.charCodeAt(at) === 58) at++;
    if (at < text.length && text.charCodeAt(at) !== 32) return header.priority >= 0 && readTag(text, at, start);
    while (text.charCodeAt(at) === 32) at++;
    return readHostAndTag(text, at);
  }
  return readTag(text, at, start);
}

/** Some devices write ` UTC` or ` 2026` behind the clock. */
function skipZoneAndYear(text: string, at: number): number {
  if (text.charCodeAt(at) === 32 && text.charCodeAt(at + 5) === 32 && digitsAt(text, at + 1, 4) > 1989) return at + 5;
  if (text.startsWith(' UTC ', at) || text.startsWith(' GMT ', at)) return at + 4;
  return at;
}

function readHostAndTag(text: string, at: number): boolean {
  const end = spaceOrEnd(text, at);
  if (end === at) return finish(at);
  // `Nov 24 10:00:00 sshd[8]: …` has no host: the first word is a tag already.
  if (isTag(text, at, end)) return readTagAt(text, at, end);
  header.host = text.slice(at, text.charCodeAt(end - 1) === 58 ? end - 1 : end);
  let next = end;
  while (text.charCodeAt(next) === 32) next++;
  const tagEnd = spaceOrEnd(text, next);
  if (isTag(text, next, tagEnd)) return readTagAt(text, next, tagEnd);
  // `program: message` with a program of several words, or no tag at all: what is left is the message.
  return finish(next);
}

/** A tag ends with a colon, or holds a process number in brackets, or is a word in brackets (metalog). */
function isTag(text: string, at: number, end: number): boolean {
  if (end - at < 2) return false;
  const first = text.charCodeAt(at);
  const last = text.charCodeAt(end - 1);
  if (first === 91) return last === 93 || (last === 58 && text.charCodeAt(end - 2) === 93);
  if (first === 123 || first === 34 || first === 60) return false;
  if (last === 58 || last === 93) return last === 58 || text.lastIndexOf('[', end) > at;
  const colon = text.indexOf(']:', at);
  if (colon > at && colon < end) return true;
  return false;
}

function readTagAt(text: string, start: number, end: number): boolean {
  let stop = end;
  const inside = text.indexOf(']:', start);
  if (inside > start && inside < end) stop = inside + 2;
  let next = stop;
  if (text.charCodeAt(stop - 1) === 58) stop--;
  const bracketed = text.charCodeAt(start) === 91;
  const open = bracketed ? -1 : text.indexOf('[', start);
  if (bracketed) header.app = text.slice(start + 1, text.charCodeAt(stop - 1) === 93 ? stop - 1 : stop);
  else if (open > start && open < stop && text.charCodeAt(stop - 1) === 93) {
    header.app = text.slice(start, open);
    header.procId = text.slice(open + 1, stop - 1);
  } else header.app = text.slice(start, stop);
  while (text.charCodeAt(next) === 32) next++;
  return finish(next);
}

/** After <PRI> without a time: `program: message` or only a message. */
function readTag(text: string, at: number, start: number): boolean {
  const end = spaceOrEnd(text, at);
  if (at === start && isTag(text, at, end) && end < text.length) return readTagAt(text, at, end);
  header.messageAt = at;
  return header.priority >= 0;
}

function finish(at: number): boolean {
  header.messageAt = at;
  return true;
}

function spaceOrEnd(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 32 || code === 9) return end;
  }
  return text.length;
}
