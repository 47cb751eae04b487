// Ledger rows (what became of the lines of one stream in one minute) as a Native file. Few rows, main thread.
// Promises: the rows given, in order, in one file that the engine reads whole. Reasons of drops are kept apart.
import { closeSync, openSync } from 'node:fs';
import { ByteSink } from './byte-sink.ts';
import { writeAll } from './write-all.ts';

export interface LedgerRow {
  readonly agentId: string;
  readonly sourceId: string;
  readonly streamId: string;
  /** Minute in which the hub committed it (or the agent read it, where known), milliseconds since 1970. */
  readonly minuteMs: number;
  readonly linesRead: number;
  readonly linesStored: number;
  readonly linesFiltered: number;
  readonly linesTrimmed: number;
  readonly linesCut: number;
  readonly linesLost: number;
  readonly bytesRead: number;
  readonly bytesKept: number;
  readonly linesDropped: Readonly<Record<string, number>>;
}

type Column = readonly [name: string, type: string, write: (sink: ByteSink, rows: readonly LedgerRow[]) => void];

export const ledgerColumns: readonly Column[] = [
  ['agent', 'String', texts((row) => row.agentId)],
  ['source', 'String', texts((row) => row.sourceId)],
  ['stream', 'String', texts((row) => row.streamId)],
  ['minute', 'UInt64', counts((row) => Math.floor(row.minuteMs / 60_000) * 60)],
  ['lines_read', 'UInt64', counts((row) => row.linesRead)],
  ['lines_stored', 'UInt64', counts((row) => row.linesStored)],
  ['lines_filtered', 'UInt64', counts((row) => row.linesFiltered)],
  ['lines_trimmed', 'UInt64', counts((row) => row.linesTrimmed)],
  ['lines_cut', 'UInt64', counts((row) => row.linesCut)],
  ['lines_lost', 'UInt64', counts((row) => row.linesLost)],
  ['bytes_read', 'UInt64', counts((row) => row.bytesRead)],
  ['bytes_kept', 'UInt64', counts((row) => row.bytesKept)],
  ['lines_dropped', 'Map(String, UInt64)', writeDrops],
];

/** Writes the file anew; an empty list makes an empty file. */
export async function writeLedgerFile(path: string, rows: readonly LedgerRow[]): Promise<void> {
  const sink = new ByteSink(4_096);
  if (rows.length > 0) {
    sink.varint(ledgerColumns.length);
    sink.varint(rows.length);
    for (const [name, type, write] of ledgerColumns) {
      sink.text(name);
      sink.text(type);
      write(sink, rows);
    }
  }
  const descriptor = openSync(path, 'w', 0o600);
  try {
    writeAll(descriptor, [sink.written()]);
  } finally {
    closeSync(descriptor);
  }
}

function texts(of: (row: LedgerRow) => string): Column[2] {
  return (sink, rows) => {
    for (const row of rows) sink.text(of(row));
  };
}

// Counters come from agents: whatever they claim must not become a broken file.
function counts(of: (row: LedgerRow) => number): Column[2] {
  return (sink, rows) => {
    for (const row of rows) sink.u64(safeCount(of(row)));
  };
}

function writeDrops(sink: ByteSink, rows: readonly LedgerRow[]): void {
  const drops = rows.map((row) => Object.entries(row.linesDropped));
  let sum = 0;
  for (const list of drops) sink.u64((sum += list.length));
  for (const [reason] of drops.flat()) sink.text(reason);
  for (const [, count] of drops.flat()) sink.u64(safeCount(count));
}

function safeCount(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
