// The ladder of a source: what became of its lines, rung by rung, over all lanes that carry some of them.
// It balances: read = filtered + dropped + kept, and kept = committed + waiting + lost + unsure, since the streams began and
// as far as they are buffered. What is not known is null, never a guess (buffer/DECISION-lane-lines.md).
import type { LaneName } from '../proto/delivery.ts';
import type { LaneBuffer } from './buffer/lane-buffer.ts';
import type { LinesInLane } from './buffer/lane-lines.ts';
import type { StreamCounters } from './ports.ts';

/** Lines, of LinesInLane too. */
export interface SourceLadder extends LinesInLane {
  readonly read: number;
  readonly filtered: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** What is left: buffered, to be sent. */
  readonly kept: number;
  readonly trimmed: number;
  readonly cut: number;
  readonly bytesRead: number;
  readonly bytesKept: number;
}

const noLines: LinesInLane = { committed: 0, waiting: 0, sent: 0, lost: 0, unsure: 0 };
export const noLadder: SourceLadder = {
  ...noLines,
  read: 0,
  filtered: 0,
  dropped: {},
  kept: 0,
  trimmed: 0,
  cut: 0,
  bytesRead: 0,
  bytesKept: 0,
};

/** By source. `lastSent`: the sequences sent last in the connection that lives. */
export function laddersOf(
  buffers: ReadonlyMap<LaneName, LaneBuffer>,
  lastSent: Readonly<Partial<Record<LaneName, number>>>,
): ReadonlyMap<string, SourceLadder> {
  const ladders = new Map<string, SourceLadder>();
  for (const [lane, buffer] of buffers) {
    for (const { stream, counters } of buffer.places())
      ladders.set(stream.sourceId, withCounters(ladders.get(stream.sourceId) ?? noLadder, counters));
    for (const [source, lines] of buffer.lines(lastSent[lane] ?? 0)) {
      const ladder = ladders.get(source) ?? noLadder;
      ladders.set(source, { ...ladder, ...withLines(ladder, lines) });
    }
  }
  return ladders;
}

function withLines(one: LinesInLane, other: LinesInLane): LinesInLane {
  const sum = (rung: keyof LinesInLane): number | null => {
    const [a, b] = [one[rung], other[rung]];
    return a === null || b === null ? null : a + b;
  };
  return { committed: sum('committed'), waiting: sum('waiting'), sent: sum('sent'), lost: sum('lost'), unsure: sum('unsure') };
}

function withCounters(ladder: SourceLadder, counters: StreamCounters): SourceLadder {
  const dropped: Record<string, number> = { ...ladder.dropped };
  for (const [reason, lines] of Object.entries(counters.linesDropped)) dropped[reason] = (dropped[reason] ?? 0) + lines;
  const read = ladder.read + counters.linesRead;
  const filtered = ladder.filtered + counters.linesFiltered;
  return {
    ...ladder,
    read,
    filtered,
    dropped,
    kept: Object.values(dropped).reduce((left, lines) => left - lines, read - filtered),
    trimmed: ladder.trimmed + counters.linesTrimmed,
    cut: ladder.cut + counters.linesCut,
    bytesRead: ladder.bytesRead + counters.bytesRead,
    bytesKept: ladder.bytesKept + counters.bytesKept,
  };
}
