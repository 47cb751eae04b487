// Times as logs write them, to milliseconds since 1970. Readers work on character codes: no Date.parse, no regular
// expression, nothing allocated on the hot path.
// Promises: NaN for anything malformed; a time without a zone is read in the stream's zone; a time without a year is put
// into the year that brings it closest before (or at most a day after) the moment of reading.
import { clockAt, digitsAt, monthAt, offsetAtText, timeEnd, utcMs, withYear, type TimeContext, type TimeReader } from './time-parts.ts';
import { compileTemplate } from './time-template.ts';
import { zoneOffsetMs } from './time-zones.ts';

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
