// Sizes ("64MiB") and durations ("200ms") as people write them, parsed once at the edge into bytes and milliseconds.
// A bare number is refused: nobody remembers whether it meant seconds or milliseconds.
import * as z from 'zod';

const bytesPer: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};
const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export interface Bounds {
  readonly min: string;
  readonly max: string;
}

/** Bytes, from text such as 64MiB. */
export const sizeSchema = (bounds?: Bounds) => quantity('a size such as 64MiB or 1GiB', bytesPer, bounds);

/** Milliseconds, from text such as 200ms. */
export const durationSchema = (bounds?: Bounds) => quantity('a duration such as 200ms, 5s or 24h', msPer, bounds);

/** Milliseconds, undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  return amount(text, msPer);
}

function quantity(words: string, units: Readonly<Record<string, number>>, bounds?: Bounds) {
  const min = bounds ? amount(bounds.min, units) : 0;
  const max = bounds ? amount(bounds.max, units) : Number.MAX_SAFE_INTEGER;
  const error = bounds ? `expected ${words}, from ${bounds.min} to ${bounds.max}` : `expected ${words}`;
  return z.string({ error }).transform((text, context) => {
    const value = amount(text, units);
    if (value !== undefined && value >= (min ?? 0) && value <= (max ?? 0)) return value;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?) ?([A-Za-z]{1,3})$/.exec(text);
  const unit = match?.[2] ?? '';
  if (!match || !Object.hasOwn(units, unit)) return undefined;
  const value = Number(match[1]) * (units[unit] ?? 0);
  return Number.isSafeInteger(value) ? value : undefined;
}
