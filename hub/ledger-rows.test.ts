import { expect, test } from 'vitest';
import { ledgerRows } from './ledger-rows.ts';
import type { JournalEntry, JournalWrite, StreamCounters } from './ports.ts';
import type { StoredLines } from './work.ts';

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
  return { number: 1, committedAtMs: 91_000, entries, before: new Map([[`${agentId}/s1`, before]]) };
}

function storedLines(lines: number, sequence = 1): StoredLines {
  return { agentId, epoch: 'e'.repeat(32), lane: 'normal', sequence, streamId: 's1', lines };
}

test('a batch counts what its stream grew by since the last one', () => {
  const rows = ledgerRows(writeOf([entry(6, counters(20, 4))], counters(10)), [storedLines(6)]);

  expect(rows).toMatchObject([
    { sourceId: 'auth', minuteMs: 60_000, linesRead: 10, linesFiltered: 4, linesStored: 6, linesLost: 0, bytesRead: 100 },
  ]);
});

test('two batches of one stream in one write are not counted twice', () => {
  const second = { ...entry(5, counters(20)), fromSequence: 2, sequence: 2 };

  const rows = ledgerRows(writeOf([entry(5, counters(15)), second], counters(10)), [storedLines(5), storedLines(5, 2)]);

  expect(rows.map(({ linesRead, linesStored, linesLost }) => [linesRead, linesStored, linesLost])).toEqual([
    [5, 5, 0],
    [5, 5, 0],
  ]);
});

test('a hole that says an earlier place of its stream takes nothing back from what follows it in the same write', () => {
  const lost = entry(0, counters(20));
  const next = { ...entry(5, counters(35)), fromSequence: 2, sequence: 2 };

  const rows = ledgerRows(writeOf([lost, next], counters(30)), [storedLines(5, 2)]);

  expect(rows.map(({ linesRead, linesStored, linesLost }) => [linesRead, linesStored, linesLost])).toEqual([
    [0, 0, 0],
    [5, 5, 0],
  ]);
});

test('a hole tells dropped lines by reason and the rest as lost', () => {
  const rows = ledgerRows(writeOf([entry(0, counters(20, 1, { full: 3 }))], counters(10)), []);

  expect(rows).toMatchObject([{ linesRead: 10, linesFiltered: 1, linesDropped: { full: 3 }, linesStored: 0, linesLost: 6 }]);
});

test('a batch that no worker could read is lost, not stored', () => {
  const rows = ledgerRows(writeOf([entry(10, counters(20))], counters(10)), []);

  expect(rows).toMatchObject([{ linesRead: 10, linesStored: 0, linesLost: 10 }]);
});

test('lines that went missing before a batch are lost in its row, although the batch itself came whole', () => {
  const rows = ledgerRows(writeOf([entry(4, counters(20))], counters(10)), [storedLines(4)]);

  expect(rows).toMatchObject([{ linesRead: 10, linesStored: 4, linesLost: 6 }]);
});

test('an agent that sends more lines than it says it read leaves a row that does not balance', () => {
  const rows = ledgerRows(writeOf([entry(12, counters(20))], counters(10)), [storedLines(12)]);

  expect(rows).toMatchObject([{ linesRead: 10, linesStored: 12, linesLost: 0 }]);
});
