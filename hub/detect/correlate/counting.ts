// The arithmetic of windows, on sorted entries: pure, so that the correlator only keeps books.
// A window is (end - timespan, end] on event time and slides; a condition that zero events would satisfy means absence and
// is judged when a window closes, every other condition when an event arrives.
import type { CountCondition } from '../sigma/rule.ts';

export interface Entry {
  /** Event time. */
  readonly t: number;
  /** How many events at it. */
  n: number;
  /** Distinct value (value_count). */
  readonly v: string;
  /** Which input of the correlation it came from. */
  readonly r: number;
  /** Kept until the watermark has passed this. */
  readonly until: number;
}

export function holds({ gt, gte, lt, lte, eq, neq }: CountCondition, count: number): boolean {
  return (
    (gt === undefined || count > gt) &&
    (gte === undefined || count >= gte) &&
    (lt === undefined || count < lt) &&
    (lte === undefined || count <= lte) &&
    (eq === undefined || count === eq) &&
    (neq === undefined || count !== neq)
  );
}

export function isAbsence(condition: CountCondition): boolean {
  return holds(condition, 0);
}

export interface Span {
  /** Indexes of entries, inclusive. */
  readonly from: number;
  readonly to: number;
}

type Counting = (entries: readonly Entry[], from: number, to: number) => number;

export const countEvents: Counting = (entries, from, to) => {
  let sum = 0;
  for (let at = from; at <= to; at++) sum += entries[at]?.n ?? 0;
  return sum;
};

export const countValues: Counting = (entries, from, to) => {
  const seen = new Set<string>();
  for (let at = from; at <= to; at++) seen.add(entries[at]?.v ?? '');
  return seen.size;
};

/** The first window that holds entry `at` and satisfies the condition. */
export function findWindow(
  entries: readonly Entry[],
  at: number,
  spanMs: number,
  satisfies: (from: number, to: number) => boolean,
): Span | undefined {
  const anchor = entries[at];
  if (!anchor) return undefined;
  let from = at;
  while (from > 0 && (entries[from - 1]?.t ?? 0) > anchor.t - spanMs) from--;
  for (let to = at; to < entries.length; to++) {
    const end = entries[to]?.t ?? 0;
    if (end >= anchor.t + spanMs) break;
    while ((entries[from]?.t ?? 0) <= end - spanMs) from++;
    // Entries of the same moment belong to the window together.
    if (entries[to + 1]?.t === end) continue;
    if (satisfies(from, to)) return { from, to };
  }
  return undefined;
}

/** All inputs seen in the window, in any order. */
export function holdsAllInputs(entries: readonly Entry[], { from, to }: Span, inputs: number): boolean {
  const seen = new Set<number>();
  for (let at = from; at <= to; at++) seen.add(entries[at]?.r ?? -1);
  return seen.size >= inputs;
}

/** Inputs seen one after another; equal times count in the order of arrival. One entry stands for one input only. */
export function holdsInOrder(entries: readonly Entry[], { from, to }: Span, inputs: number): boolean {
  let wanted = 0;
  for (let at = from; at <= to && wanted < inputs; at++) if (entries[at]?.r === wanted) wanted++;
  return wanted >= inputs;
}

/** Keeps order by time, then by arrival. Returns where it went. */
export function insertSorted<T extends Entry>(entries: T[], entry: T): number {
  let at = entries.length;
  while (at > 0 && (entries[at - 1]?.t ?? 0) > entry.t) at--;
  entries.splice(at, 0, entry);
  return at;
}
