// Of the lines of each source that a lane has lost, how many the hub has acknowledged as lost; kept with the lane's memory, so
// that a restart forgets none. Pure. Keys are source ids, numbers are lines kept by the filter, `to` is a log number.
// What damage, a roll-back or another life of the buffer leaves open (committed or lost?) is never guessed: nothing is told
// until the lane is drained, and what was kept until then counts as `unsure` from there on.
import type { StreamCounters, StreamPosition } from '../ports.ts';

export type LinesBySource = Readonly<Record<string, number>>;

export interface LostLines {
  /** Lost, and acknowledged by the hub. */
  readonly told: LinesBySource;
  /** Lost, and not acknowledged as lost. Ascending. */
  readonly untold: readonly Untold[];
  /** Thrown away by drop-newest, and in no record yet. */
  readonly unsaid: LinesBySource;
  /** Committed or lost: which of both is not known. */
  readonly unsure: LinesBySource;
  /** All of it is unsure until the lane is drained. */
  readonly isPending: boolean;
}

/** Lines between two log numbers: behind what the hub has or may have (it was sent before it was dropped), up to a hole's end. */
export interface Untold {
  readonly behind: number;
  readonly to: number;
  readonly lines: LinesBySource;
}

export const noLostLines: LostLines = { told: {}, untold: [], unsaid: {}, unsure: {}, isPending: false };
export const pendingLostLines: LostLines = { ...noLostLines, isPending: true };

/** One Lost says what touches, so there are few; further ones are told when the last of them is. */
const untoldMax = 64;

/** Lines that filter and limits left: to be delivered, or told as lost. */
export function linesKept({ linesRead, linesFiltered, linesDropped }: StreamCounters): number {
  return Object.values(linesDropped).reduce((left, lines) => left - lines, linesRead - linesFiltered);
}

/** Up to a place; none before the first. */
export function keptUpTo(position: StreamPosition | undefined): number {
  return position ? linesKept(position.counters) : 0;
}

/** By how much the streams' kept lines grew from one place to the other; undefined where `before` does not say. */
export function keptBetween(before: (streamId: string) => number | undefined, after: readonly StreamPosition[]): LinesBySource | undefined {
  const lines: Record<string, number> = {};
  for (const { stream, counters } of after) {
    const from = before(stream.streamId);
    if (from === undefined) return undefined;
    lines[stream.sourceId] = linesOf(lines, stream.sourceId) + linesKept(counters) - from;
  }
  return lines;
}

export function withUnsaid(lost: LostLines, lines: LinesBySource): LostLines {
  return { ...lost, unsaid: sumOf(lost.unsaid, lines) };
}

/** A record with this number says what no record said yet. */
export function withSaid(lost: LostLines, to: number): LostLines {
  return Object.keys(lost.unsaid).length === 0 ? lost : { ...withUntold(lost, { behind: to - 1, to, lines: lost.unsaid }), unsaid: {} };
}

/** With all the lines that are gone there, those known before included. */
export function withUntold(lost: LostLines, untold: Untold): LostLines {
  const apart = lost.untold.filter(({ to }) => to <= untold.behind || to > untold.to);
  const [first, second, ...others] = [...apart, untold].toSorted((a, b) => a.to - b.to);
  if (!first || !second || others.length + 2 <= untoldMax) return { ...lost, untold: [first, second, ...others].filter((one) => !!one) };
  return { ...lost, untold: [{ behind: first.behind, to: second.to, lines: sumOf(first.lines, second.lines) }, ...others] };
}

/** The hub has acknowledged everything up to here. */
export function withTold(lost: LostLines, acked: number): LostLines {
  if (!lost.untold.some(({ to }) => to <= acked)) return lost;
  const told = lost.untold.filter(({ to }) => to <= acked).reduce((sum, { lines }) => sumOf(sum, lines), lost.told);
  return { ...lost, told, untold: lost.untold.filter(({ to }) => to > acked) };
}

/** Streams of an earlier buffer, of which the hub knows. */
export function withUnsure(lost: LostLines, strangers: readonly StreamPosition[]): LostLines {
  const lines = lost.isPending || strangers.length === 0 ? undefined : keptBetween(() => 0, strangers);
  return lines ? { ...lost, unsure: sumOf(lost.unsure, lines) } : lost;
}

/** The lane is drained: what it was not sure of is behind everything that is to come. */
export function withSettled(lost: LostLines, positions: readonly StreamPosition[]): LostLines {
  return lost.isPending ? { ...noLostLines, unsure: keptBetween(() => 0, positions) ?? {} } : lost;
}

/** A source may be called `constructor`. */
export function linesOf(lines: LinesBySource, source: string): number {
  return Object.hasOwn(lines, source) ? (lines[source] ?? 0) : 0;
}

function sumOf(one: LinesBySource, other: LinesBySource): LinesBySource {
  const sum: Record<string, number> = { ...one };
  for (const [source, lines] of Object.entries(other)) if (lines !== 0) sum[source] = linesOf(sum, source) + lines;
  return sum;
}
