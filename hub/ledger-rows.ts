// What became of the lines of one journal write, as ledger rows: differences of each stream's cumulative counters to what
// they were before (DELIVERY.md 3, 21), so that nothing is counted twice and a missing batch does not take its counts along.
// Stored is what the workers really made rows of, never what is left over: a row that does not balance
// (read = stored + filtered + dropped + lost) is a gap, and has to stay visible as one. What an agent read and neither
// filtered, dropped nor got stored is lost; more stored than read is a contradiction of the agent and shows as such.
import type { JournalEntry, JournalWrite, StreamCounters } from './ports.ts';
import type { LedgerRow } from './store/native/ledger-file.ts';
import type { StoredLines } from './work.ts';

const nothing: StreamCounters = {
  linesRead: 0,
  linesFiltered: 0,
  linesTrimmed: 0,
  linesCut: 0,
  bytesRead: 0,
  bytesKept: 0,
  linesDropped: {},
};

/** `stored` as the workers told it for this write; batches that they could not read are not in it. */
export function ledgerRows(write: JournalWrite, stored: readonly StoredLines[]): LedgerRow[] {
  const marks = new Map(write.before);
  const storedBy = new Map(stored.map((count) => [placeOf(count, count.streamId), count.lines]));
  return write.entries.flatMap((entry) =>
    entry.streams.map((stream) => {
      const key = `${entry.agentId}/${stream.streamId}`;
      const before = marks.get(key) ?? nothing;
      // As in the journal's own marks, counts never go back: what is lost may say a stream's place of long ago.
      if (before.linesRead <= stream.counters.linesRead) marks.set(key, stream.counters);
      const { sourceId, streamId, counters } = stream;
      return rowOf({ entry, sourceId, streamId, before, after: counters, linesStored: storedBy.get(placeOf(entry, streamId)) ?? 0 });
    }),
  );
}

function placeOf(
  { agentId, epoch, lane, sequence }: Pick<StoredLines, 'agentId' | 'epoch' | 'lane' | 'sequence'>,
  streamId: string,
): string {
  return JSON.stringify([agentId, epoch, lane, sequence, streamId]);
}

interface Step {
  readonly entry: JournalEntry;
  readonly sourceId: string;
  readonly streamId: string;
  readonly before: StreamCounters;
  readonly after: StreamCounters;
  readonly linesStored: number;
}

function rowOf({ entry, sourceId, streamId, before, after, linesStored }: Step): LedgerRow {
  const grown = (name: Exclude<keyof StreamCounters, 'linesDropped'>): number => Math.max(0, after[name] - before[name]);
  const linesDropped = Object.fromEntries(
    Object.entries(after.linesDropped)
      .map(([reason, count]) => [reason, count - (before.linesDropped[reason] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  const dropped = Object.values(linesDropped).reduce((sum, count) => sum + count, 0);
  const toStore = grown('linesRead') - grown('linesFiltered') - dropped;
  return {
    agentId: entry.agentId,
    sourceId,
    streamId,
    minuteMs: Math.floor(entry.receivedAtMs / 60_000) * 60_000,
    linesRead: grown('linesRead'),
    linesStored,
    linesFiltered: grown('linesFiltered'),
    linesTrimmed: grown('linesTrimmed'),
    linesCut: grown('linesCut'),
    linesLost: Math.max(0, toStore - linesStored),
    bytesRead: grown('bytesRead'),
    bytesKept: grown('bytesKept'),
    linesDropped,
  };
}
