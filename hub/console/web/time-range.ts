// The time range of a search as it stands in the address: `24h` back from now, or two instants in milliseconds.
export interface TimeRange {
  readonly sinceMs: number;
  readonly untilMs: number;
}

export const relativeRanges: readonly { readonly id: string; readonly label: string; readonly ms: number }[] = [
  { id: '15m', label: 'Last 15 minutes', ms: 900_000 },
  { id: '1h', label: 'Last hour', ms: 3_600_000 },
  { id: '4h', label: 'Last 4 hours', ms: 14_400_000 },
  { id: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { id: '7d', label: 'Last 7 days', ms: 604_800_000 },
  { id: '30d', label: 'Last 30 days', ms: 2_592_000_000 },
];

export const rangeDefault = '1h';

export function readRange(text: string, nowMs: number): TimeRange {
  const absolute = /^(\d{1,13})-(\d{1,13})$/.exec(text);
  if (absolute && Number(absolute[1]) < Number(absolute[2])) return { sinceMs: Number(absolute[1]), untilMs: Number(absolute[2]) };
  const relative = relativeRanges.find(({ id }) => id === text) ?? relativeRanges.find(({ id }) => id === rangeDefault);
  // A little beyond now: hosts whose clock is ahead must not be invisible.
  return { sinceMs: nowMs - (relative?.ms ?? 3_600_000), untilMs: nowMs + 60_000 };
}

export function isAbsolute(text: string): boolean {
  return /^\d+-\d+$/.test(text);
}
