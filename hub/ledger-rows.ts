// What became of the lines of one journal write, as ledger rows: differences of each stream's cumulative counters to what
// they were before (DELIVERY.md 3, 21), so that nothing is counted twice and a missing batch does not take its counts along.
// read = stored + filtered + dropped + lost holds for every row by construction: what was read and neither stored,
// filtered nor dropped was lost.
import type { JournalEntry, JournalWrite, StreamCounters } from './ports.ts';
import type { LedgerRow } from './store/native/ledger-file.ts';

const nothing: StreamCounters = {
  linesRead: 0,
  linesFiltered: 0,
  linesTrimmed: 0,
  linesCut: 0,
  bytesRead: 0,
  bytesKept: 0,
  linesDropped: {},
};

export function ledgerRows(write: JournalWrite): LedgerRow[] {
  const marks = new Map(write.before);
  return write.entries.flatMap((entry) =>
    entry.streams.map((stream) => {
      const key = `${entry.agentId}/${stream.streamId}`;
      const before = marks.get(key) ?? nothing;
      marks.set(key, stream.counters);
      return rowOf({ entry, sourceId: stream.sourceId, streamId: stream.streamId, before, after: stream.counters });
    }),
  );
}

interface Step {
  readonly entry: JournalEntry;
  readonly sourceId: string;
  readonly streamId: string;
  readonly before: StreamCounters;
  readonly after: StreamCounters;
}

function rowOf({ entry, sourceId, streamId, before, after }: Step): LedgerRow {
  const grown = (name: Exclude<keyof StreamCounters, 'linesDropped'>): number => Math.max(0, after[name] - before[name]);
  const linesDropped = Object.fromEntries(
    Object.entries(after.linesDropped)
      .map(([reason, count]) => [reason, count - (before.linesDropped[reason] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  const dropped = Object.values(linesDropped).reduce((sum, count) => sum + count, 0);
  const remaining = Math.max(0, grown('linesRead') - grown('linesFiltered') - dropped);
  // A batch that carries several streams has one line count; a Lost stores none of what its streams read.
  const linesStored = entry.lineCount === 0 ? 0 : remaining;
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
    linesLost: remaining - linesStored,
    bytesRead: grown('bytesRead'),
    bytesKept: grown('bytesKept'),
    linesDropped,
  };
}
