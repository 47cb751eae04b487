// The tables of the embedded store and how a data folder comes to the version this program speaks.
// Promises: an empty folder becomes the current schema; a folder of a newer program is refused before anything is
// written, with the remedy; columns that a newer registry brings are added to an old table.
// Rows are kept in partitions by day of commit, sorted so that like lies by like (DESIGN.md 4).
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { columnTypes, eventColumns, type StoredColumn } from './event-columns.ts';

const schemaVersion = 1;

/** Runs one statement and gives its rows. */
export type Run = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/**
 * fsync on insert is the store's "stored"; fsync after a merge because the engine drops the parts it merged at once.
 * Small parts stay compact and merges are wide and few: measured in DESIGN.md 4.
 */
const settings = [
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
  'min_rows_to_fsync_after_merge = 1',
  'min_bytes_for_wide_part = 104857600',
  'merge_selector_base = 8',
  'max_bytes_to_merge_at_max_space_in_pool = 10737418240',
].join(', ');

const compressed: Readonly<Record<string, string>> = {
  raw: 'CODEC(ZSTD(3))',
  rest: 'CODEC(ZSTD(1))',
  time: 'CODEC(Delta, ZSTD(1))',
  created: 'CODEC(Delta, ZSTD(1))',
  ingested: 'CODEC(Delta, ZSTD(1))',
  sequence: 'CODEC(Delta, ZSTD(1))',
  line: 'CODEC(Delta, ZSTD(1))',
};

export async function bringSchema(run: Run): Promise<void> {
  await run('CREATE DATABASE IF NOT EXISTS atalaia');
  await run(
    'CREATE TABLE IF NOT EXISTS atalaia.schema (version UInt32) ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
  );
  const [row] = await run('SELECT toUInt32(max(version)) AS version FROM atalaia.schema');
  const found = Number(row?.version ?? 0);
  if (found > schemaVersion) throw newerThanUs(found);
  await run(eventsTable());
  await run(ledgerTable());
  await addMissingColumns(run);
  if (found < schemaVersion) await run(`INSERT INTO atalaia.schema VALUES (${schemaVersion})`);
}

function newerThanUs(found: number): AtalaiaError {
  return new AtalaiaError(
    'STORE_NEWER',
    `the event store was written by a newer atalaia-hub (schema ${found}, this program speaks ${schemaVersion}); nothing was changed. ` +
      'Start the newer version again, or give this one another data folder with --data',
  );
}

function eventsTable(): string {
  const columns = eventColumns.map(definition);
  return `CREATE TABLE IF NOT EXISTS atalaia.events (
    block UInt64 CODEC(Delta, ZSTD(1)),
    day Date,
    ${columns.join(',\n    ')},
    INDEX block_range block TYPE minmax GRANULARITY 1,
    INDEX sequence_range sequence TYPE minmax GRANULARITY 1,
    INDEX raw_tokens lower(raw) TYPE tokenbf_v1(65536, 3, 0) GRANULARITY 1
  ) ENGINE = MergeTree PARTITION BY day
  ORDER BY (toStartOfMinute(time), event_dataset, event_code, agent, time)
  SETTINGS ${settings}`;
}

function ledgerTable(): string {
  return `CREATE TABLE IF NOT EXISTS atalaia.ledger (
    block UInt64,
    day Date,
    agent LowCardinality(String),
    source LowCardinality(String),
    stream LowCardinality(String),
    minute DateTime('UTC'),
    lines_read UInt64,
    lines_stored UInt64,
    lines_filtered UInt64,
    lines_trimmed UInt64,
    lines_cut UInt64,
    lines_lost UInt64,
    bytes_read UInt64,
    bytes_kept UInt64,
    lines_dropped Map(LowCardinality(String), UInt64),
    INDEX block_range block TYPE minmax GRANULARITY 1
  ) ENGINE = MergeTree PARTITION BY day ORDER BY (minute, agent, source, stream) SETTINGS ${settings}`;
}

async function addMissingColumns(run: Run): Promise<void> {
  const rows = await run("SELECT name FROM system.columns WHERE database = 'atalaia' AND table = 'events'");
  const there = new Set(rows.map((row) => String(row.name)));
  for (const column of eventColumns) {
    if (!there.has(column.name)) await run(`ALTER TABLE atalaia.events ADD COLUMN IF NOT EXISTS ${definition(column)}`);
  }
}

function definition(column: StoredColumn): string {
  return `\`${column.name}\` ${columnTypes[column.shape]} ${compressed[column.name] ?? (column.shape === 'text' ? 'CODEC(ZSTD(1))' : '')}`.trimEnd();
}
