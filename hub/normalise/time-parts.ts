// The pieces that every way of writing a time is made of: digits, month names, a clock, an offset, a date without a year.
// Promises: character codes only, nothing allocated, NaN for what does not fit (31 September, hour 24, minute 60).
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

const monthByLetters = new Map<number, number>(Array.from({ length: 12 }, (_, month) => [lettersAt(months, month * 3), month] as const));

function lettersAt(text: string, at: number): number {
  return ((text.charCodeAt(at) | 32) << 16) | ((text.charCodeAt(at + 1) | 32) << 8) | (text.charCodeAt(at + 2) | 32);
}

export function monthAt(text: string, at: number): number {
  return monthByLetters.get(lettersAt(text, at)) ?? -1;
}

/** HH:MM:SS with fraction (after . or ,) from `at`; sets timeEnd. A leap second counts as the second before. */
export function clockAt(text: string, at: number): number {
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

/** Puts a date without a year beside the moment it was read. */
export function withYear(month: number, day: number, clock: number, context: TimeContext): number {
  const year = yearOf(context.readAtMs);
  const latest = context.readAtMs + dayMs;
  for (let back = -1; back <= 4; back++) {
    const local = utcMs(year - back, month, day) + clock;
    if (local - zoneOffsetMs(context.zone, local) <= latest) return local;
  }
  return Number.NaN;
}

const known = { year: 0, fromMs: 0, toMs: 0 };

/** Lines of one year come together: the calendar is asked once. */
function yearOf(ms: number): number {
  if (ms >= known.fromMs && ms < known.toMs) return known.year;
  known.year = new Date(ms).getUTCFullYear();
  known.fromMs = utcMs(known.year, 0, 1);
  known.toMs = utcMs(known.year + 1, 0, 1);
  return known.year;
}
