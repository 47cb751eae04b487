import { expect, test } from 'vitest';
import { ledgerRows } from './ledger-rows.ts';
import type { JournalEntry, JournalWrite, StreamCounters } from './ports.ts';

const agentId = 'a'.repeat(32);

function counters(linesRead: number, linesFiltered = 0, linesDropped: Record<string, number> = {}): StreamCounters {
  return { linesRead, linesFiltered, linesTrimmed: 0, linesCut: 0, bytesRead: linesRead * 10, bytesKept: 0, linesDropped };
}

function entry(lineCount: number, after: StreamCounters): JournalEntry {
  const stream = { sourceId: 'auth', streamId: 's1', offset: 0, lineNumber: 0, tailHash: new Uint8Array(), cursor: '', counters: after };
  return {
    agentId,
    lane: 'normal',
    epoch: 'e'.repeat(32),
    fromSequence: 1,
    sequence: 1,
    hash: new Uint8Array(32),
    receivedAtMs: 90_500,
    lineCount,
    frame: new Uint8Array(),
    streams: [stream],
  };
}

function writeOf(entries: readonly JournalEntry[], before: StreamCounters): JournalWrite {
  return { number: 1, committedAtMs: 91_000, entries, before: new Map([[`${agentId}/s1`, before]]), attempts: 0 };
}

test('a batch counts what its stream grew by since the last one', () => {
  const rows = ledgerRows(writeOf([entry(6, counters(20, 4))], counters(10)));

  expect(rows).toMatchObject([
    { sourceId: 'auth', minuteMs: 60_000, linesRead: 10, linesFiltered: 4, linesStored: 6, linesLost: 0, bytesRead: 100 },
  ]);
});

test('two batches of one stream in one write are not counted twice', () => {
  const rows = ledgerRows(writeOf([entry(5, counters(15)), entry(5, counters(20))], counters(10)));

  expect(rows.map(({ linesRead }) => linesRead)).toEqual([5, 5]);
});

test('a hole tells dropped lines by reason and the rest as lost', () => {
  const rows = ledgerRows(writeOf([entry(0, counters(20, 1, { full: 3 }))], counters(10)));

  expect(rows).toMatchObject([{ linesRead: 10, linesFiltered: 1, linesDropped: { full: 3 }, linesStored: 0, linesLost: 6 }]);
});
