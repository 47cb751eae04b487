// When a block is full: whole journal writes are grouped until there are rows enough, time enough has passed, or the day
// of commit changes (DESIGN.md 7). Pure functions, so that pipeline and simulation cut alike.
// Promises: no block spans two days; a block is never empty of writes; a single write larger than the limit is a block.

export const blockLimits = {
  /** A block closes after this long, so that a search finds a line within a second. */
  waitMs: 500,
  /** One with few rows closes sooner: its insert costs little, and somebody may be waiting for just these lines. */
  fewRows: 1_000,
  fewWaitMs: 200,
  /** Aim under load: fewer, larger parts mean fewer merges (DESIGN.md 4). */
  rowsAim: 50_000,
  writesMax: 4_096,
  /** Of frames as they were sent, compressed: few huge lines must not become one huge insert. */
  bytesAim: 32 * 1024 * 1024,
} as const;

export interface OpenBlockPlan {
  readonly day: string;
  readonly openedAtMs: number;
  readonly rows: number;
  readonly writes: number;
  readonly bytes: number;
}

/** UTC day of commit, YYYY-MM-DD: the partition. */
export function commitDay(committedAtMs: number): string {
  return new Date(committedAtMs).toISOString().slice(0, 10);
}

/** True when the open block must be sealed before a write of this day and size is added. */
export function mustSealBefore(
  open: OpenBlockPlan,
  next: { readonly day: string; readonly rows: number; readonly bytes: number },
): boolean {
  if (open.writes === 0) return false;
  if (open.day !== next.day || open.writes >= blockLimits.writesMax) return true;
  return open.rows + next.rows > blockLimits.rowsAim || open.bytes + next.bytes > blockLimits.bytesAim;
}

/** True when the open block should be sealed now, with what it has. `nowMs` is monotonic time, as `openedAtMs`. */
export function mustSealNow(open: OpenBlockPlan, nowMs: number): boolean {
  if (open.writes === 0) return false;
  const isFull = open.rows >= blockLimits.rowsAim || open.bytes >= blockLimits.bytesAim;
  const waitMs = open.rows < blockLimits.fewRows ? blockLimits.fewWaitMs : blockLimits.waitMs;
  return isFull || nowMs - open.openedAtMs >= waitMs;
}
