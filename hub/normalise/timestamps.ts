// Times as logs write them, to milliseconds since 1970. Readers work on character codes: no Date.parse, no regular
// expression, nothing allocated on the hot path.
// Promises: NaN for anything malformed (31 September, hour 24); a time without a zone is read in the stream's zone; a time
// without a year is put into the year that brings it closest before (or at most a day after) the moment of reading.
import { compileTemplate } from './time-template.ts';
import { zoneOffsetMs } from './time-zones.ts';

export interface TimeContext {
  readAtMs: number;
  zone: string;
}

export type TimeReader = (text: string, context: TimeContext) => number;

/** Where the last reader that takes a prefix stopped. One thread, no re-entrance. */
export const timeEnd = { at: 0 };

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const months = 'janfebmaraprmayjunjulaugsepoctnovdec';
const dayMs = 86_400_000;

export function utcMs(year: number, month: number, day: number): number {
  const most = month === 1 && isLeap(year) ? 29 : (days[month] ?? 0);
  if (!(month >= 0 && month < 12 && day >= 1 && day <= most && year >= 1900 && year <= 9999)) return Number.NaN;
  const y = month < 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month < 2 ? month + 10 : month - 2) + 2) / 5) + day - 1;
  return (era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468) * dayMs;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** `count` digits as a number, or NaN. */
export function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let end = at + count; at < end; at++) {
    const code = text.charCodeAt(at) - 48;
    if (!(code >= 0 && code <= 9)) return Number.NaN;
    value = value * 10 + code;
  }
  return value;
}

export function monthAt(text: string, at: number): number {
  for (let month = 0; month < 12; month++) {
    let same = true;
    for (let i = 0; i < 3 && same; i++) same = (text.charCodeAt(at + i) | 32) === months.charCodeAt(month * 3 + i);
    if (same) return month;
  }
  return -1;
}

/** HH:MM:SS with fraction (after . or ,) from `at`; sets timeEnd. A leap second counts as the second before. */
function clockAt(text: string, at: number): number {
  const hour = digitsAt(text, at, 2);
  const minute = digitsAt(text, at + 3, 2);
  const second = digitsAt(text, at + 6, 2);
  if (!(hour < 24 && minute < 60 && second <= 60) || text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return Number.NaN;
  let end = at + 8;
  const mark = text.charCodeAt(end);
  let fraction = 0;
  if (mark === 46 || mark === 44) {
    let scale = 100;
    const start = ++end;
    for (; end < text.length; end++) {
      const digit = text.charCodeAt(end) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      fraction += digit * scale;
      scale /= 10;
    }
    if (end === start) return Number.NaN;
  }
  timeEnd.at = end;
  return ((hour * 60 + minute) * 60 + Math.min(second, 59)) * 1000 + Math.floor(fraction + 1e-6);
}

/** Z, +hh:mm, +hhmm, +hh at `at`: milliseconds, undefined when there is none, NaN when malformed; moves timeEnd. */
export function offsetAtText(text: string, at: number): number | undefined {
  const code = text.charCodeAt(at);
  if (code === 90) {
    timeEnd.at = at + 1;
    return 0;
  }
  if (code !== 43 && code !== 45) return undefined;
  const hours = digitsAt(text, at + 1, 2);
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
  let minutes = digitsAt(text, at + 3 + colon, 2);
  timeEnd.at = at + 5 + colon;
  if (Number.isNaN(minutes)) {
    if (colon === 1) return Number.NaN;
    minutes = 0;
    timeEnd.at = at + 3;
  }
  if (!(hours < 24 && minutes < 60)) return Number.NaN;
  return (code === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** 2026-11-24T10:00:00.5+01:00 and its variants with a space, a comma, without a zone; a prefix of the text. */
export function isoAt(text: string, at: number, context: TimeContext): number {
  const dash = text.charCodeAt(at + 4);
  if ((dash !== 45 && dash !== 47) || text.charCodeAt(at + 7) !== dash) return Number.NaN;
  const between = text.charCodeAt(at + 10);
  if (between !== 84 && between !== 32) return Number.NaN;
  const local = utcMs(digitsAt(text, at, 4), digitsAt(text, at + 5, 2) - 1, digitsAt(text, at + 8, 2)) + clockAt(text, at + 11);
  if (Number.isNaN(local)) return local;
  const end = timeEnd.at;
  const spaced = text.charCodeAt(end) === 32 && (text.charCodeAt(end + 1) === 43 || text.charCodeAt(end + 1) === 45) ? 1 : 0;
  const offset = offsetAtText(text, end + spaced);
  if (offset === undefined) {
    timeEnd.at = end;
    return local - zoneOffsetMs(context.zone, local);
  }
  if (spaced === 1 && Number.isNaN(offset)) {
    timeEnd.at = end;
    return local - zoneOffsetMs(context.zone, local);
  }
  return local - offset;
}

/** Mmm dd [yyyy] HH:MM:SS[.f], day with one or two digits; a prefix of the text. */
export function bsdAt(text: string, at: number, context: TimeContext): number {
  const month = monthAt(text, at);
  if (month < 0 || text.charCodeAt(at + 3) !== 32) return Number.NaN;
  let next = at + 4;
  if (text.charCodeAt(next) === 32) next++;
  let day = digitsAt(text, next, 2);
  if (Number.isNaN(day)) day = digitsAt(text, next, 1);
  next += text.charCodeAt(next + 1) === 32 ? 1 : 2;
  if (text.charCodeAt(next) !== 32) return Number.NaN;
  next++;
  let year = 0;
  if (text.charCodeAt(next + 4) === 32 && !Number.isNaN(digitsAt(text, next, 4))) {
    year = digitsAt(text, next, 4);
    next += 5;
  }
  const clock = clockAt(text, next);
  if (Number.isNaN(clock)) return Number.NaN;
  const local = year > 0 ? utcMs(year, month, day) + clock : withYear(month, day, clock, context);
  return local - zoneOffsetMs(context.zone, local);
}

/** Puts a date without a year beside the moment it was read. */
export function withYear(month: number, day: number, clock: number, context: TimeContext): number {
  const year = new Date(context.readAtMs).getUTCFullYear();
  const latest = context.readAtMs + dayMs;
  for (let back = -1; back <= 4; back++) {
    const local = utcMs(year - back, month, day) + clock;
    if (local - zoneOffsetMs(context.zone, local) <= latest) return local;
  }
  return Number.NaN;
}

/** 24/Nov/2026:10:00:00 +0100 */
function clf(text: string, context: TimeContext): number {
  const local = utcMs(digitsAt(text, 7, 4), monthAt(text, 3), digitsAt(text, 0, 2)) + clockAt(text, 12);
  if (Number.isNaN(local)) return local;
  const offset = text.charCodeAt(timeEnd.at) === 32 ? offsetAtText(text, timeEnd.at + 1) : undefined;
  return offset === undefined ? local - zoneOffsetMs(context.zone, local) : local - offset;
}

const whole =
  (reader: (text: string, at: number, context: TimeContext) => number): TimeReader =>
  (text, context) => {
    const ms = reader(text, 0, context);
    return timeEnd.at === text.length ? ms : Number.NaN;
  };

const epoch =
  (perSecond: number): TimeReader =>
  (text) => {
    const value = text === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) && value > 0 ? Math.floor((value / perSecond) * 1000 + 1e-4) : Number.NaN;
  };

const readers: Readonly<Record<string, TimeReader>> = {
  iso: whole(isoAt),
  bsd: whole(bsdAt),
  clf,
  epoch: epoch(1),
  'epoch-ms': epoch(1_000),
  'epoch-us': epoch(1_000_000),
};

export function timeReader(formats: readonly string[]): TimeReader {
  const list = formats.map((format) => readers[format] ?? compileTemplate(format));
  const [only] = list;
  if (only && list.length === 1) return only;
  return (text, context) => {
    for (const reader of list) {
      const ms = reader(text, context);
      if (!Number.isNaN(ms)) return ms;
    }
    return Number.NaN;
  };
}
