// Time formats of the long tail, written like strptime: `%d.%m.%Y %H:%M:%S`. Used where none of the built-in formats fits.
// Tokens: %Y %y %m %d %e %j %b %H %I %M %S %f %p %z %Z %s %a %A %%. A blank in the template takes one or more blanks.
// Promises: NaN for what does not fit to the end; a missing year or zone is treated as in timestamps.ts.
import { digitsAt, monthAt, offsetAtText, timeEnd, utcMs, withYear, type TimeContext, type TimeReader } from './time-parts.ts';
import { zoneOffsetMs } from './time-zones.ts';

interface Parts {
  at: number;
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  afternoon: number;
  offset: number | undefined;
  epochMs: number;
}

type Step = (text: string, parts: Parts) => boolean;

export function compileTemplate(template: string): TimeReader {
  const steps: Step[] = [];
  for (let at = 0; at < template.length; at++) {
    const char = template.charAt(at);
    if (char === '%') steps.push(stepOf(template.charAt(++at)));
    else steps.push(char === ' ' ? blanks : literal(char));
  }
  return (text, context) => {
    const parts: Parts = {
      at: 0,
      year: 0,
      month: 0,
      day: 1,
      hour: 0,
      minute: 0,
      second: 0,
      ms: 0,
      afternoon: -1,
      offset: undefined,
      epochMs: -1,
    };
    for (const step of steps) if (!step(text, parts)) return Number.NaN;
    return parts.at === text.length ? assemble(parts, context) : Number.NaN;
  };
}

function assemble(parts: Parts, context: TimeContext): number {
  if (parts.epochMs >= 0) return parts.epochMs + parts.ms;
  const hour = parts.afternoon < 0 ? parts.hour : (parts.hour % 12) + parts.afternoon * 12;
  if (hour > 23 || parts.minute > 59 || parts.second > 60) return Number.NaN;
  const clock = ((hour * 60 + parts.minute) * 60 + Math.min(parts.second, 59)) * 1000 + parts.ms;
  const local = parts.year > 0 ? utcMs(parts.year, parts.month, parts.day) + clock : withYear(parts.month, parts.day, clock, context);
  return Number.isNaN(local) ? local : local - (parts.offset ?? zoneOffsetMs(context.zone, local));
}

const literal =
  (char: string): Step =>
  (text, parts) =>
    text.charAt(parts.at++) === char;

const blanks: Step = (text, parts) => {
  const start = parts.at;
  while (text.charCodeAt(parts.at) === 32) parts.at++;
  return parts.at > start;
};

function number(least: number, most: number, put: (parts: Parts, value: number) => void): Step {
  return (text, parts) => {
    let count = 0;
    while (count < most && !Number.isNaN(digitsAt(text, parts.at + count, 1))) count++;
    if (count < least) return false;
    put(parts, digitsAt(text, parts.at, count));
    parts.at += count;
    return true;
  };
}

const letters: Step = (text, parts) => {
  const start = parts.at;
  while (/[A-Za-z]/.test(text.charAt(parts.at))) parts.at++;
  return parts.at > start;
};

const monthName: Step = (text, parts) => {
  parts.month = monthAt(text, parts.at);
  return parts.month >= 0 && letters(text, parts);
};

const fraction: Step = (text, parts) => {
  let scale = 100;
  const start = parts.at;
  let ms = 0;
  for (let digit = digitsAt(text, parts.at, 1); !Number.isNaN(digit); digit = digitsAt(text, ++parts.at, 1), scale /= 10)
    ms += digit * scale;
  parts.ms = Math.floor(ms + 1e-6);
  return parts.at > start;
};

const offset: Step = (text, parts) => {
  parts.offset = offsetAtText(text, parts.at);
  if (parts.offset === undefined) return false;
  parts.at = timeEnd.at;
  return true;
};

const half: Step = (text, parts) => {
  const two = text.slice(parts.at, parts.at + 2).toLowerCase();
  parts.at += 2;
  parts.afternoon = two === 'pm' ? 1 : 0;
  return two === 'am' || two === 'pm';
};

const zoneName: Step = (text, parts) => {
  const start = parts.at;
  if (!letters(text, parts)) return false;
  if (/^(UTC|GMT|Z)$/.test(text.slice(start, parts.at))) parts.offset = 0;
  return true;
};

function stepOf(token: string): Step {
  switch (token) {
    case 'Y':
      return number(4, 4, (parts, value) => (parts.year = value));
    case 'y':
      return number(2, 2, (parts, value) => (parts.year = value + (value < 70 ? 2000 : 1900)));
    case 'm':
      return number(1, 2, (parts, value) => (parts.month = value - 1));
    case 'd':
      return number(1, 2, (parts, value) => (parts.day = value));
    case 'e':
      return (text, parts) => (text.charCodeAt(parts.at) === 32 ? parts.at++ : 0, number(1, 2, (p, value) => (p.day = value))(text, parts));
    case 'j':
      return number(3, 3, (parts, value) => ([parts.month, parts.day] = monthOfDay(parts.year, value)));
    case 'b':
      return monthName;
    case 'H':
    case 'I':
      return number(1, 2, (parts, value) => (parts.hour = value));
    case 'M':
      return number(2, 2, (parts, value) => (parts.minute = value));
    case 'S':
      return number(2, 2, (parts, value) => (parts.second = value));
    case 'f':
      return fraction;
    case 'p':
      return half;
    case 'z':
      return offset;
    case 'Z':
      return zoneName;
    case 's':
      return number(1, 12, (parts, value) => (parts.epochMs = value * 1000));
    case '%':
      return literal('%');
    default:
      return letters;
  }
}

function monthOfDay(year: number, dayOfYear: number): [number, number] {
  const date = new Date(utcMs(year, 0, 1) + (dayOfYear - 1) * 86_400_000);
  return [date.getUTCMonth(), date.getUTCDate()];
}
