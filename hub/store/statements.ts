// The statements of the embedded store that are put together from values. Values are numbers, checked days, or literals.
import type { BlockRecord, EventSearch } from '../ports.ts';
import { parseEventId } from '../../proto/ids.ts';
import { columnTypes, eventColumns } from './event-columns.ts';
import { ledgerColumns } from './native/ledger-file.ts';
import { conditionOf } from './search-sql.ts';
import { literal } from './sql-literal.ts';
import { eventSelection } from './stored-event.ts';

const eventsPerSearchMax = 1_000;
const bucketsMax = 10_000;
/** One part per insert, and no threads beside the writer's own. */
const insertSettings = 'SETTINGS max_threads = 1, max_insert_threads = 1, input_format_parallel_parsing = 0';

const eventNames = eventColumns.map((column) => column.name).join(', ');
const eventStructure = doubled(eventColumns.map((column) => `${column.name} ${columnTypes[column.shape]}`).join(', '));
const ledgerNames = ledgerColumns.map(([name]) => name).join(', ');
const ledgerStructure = ledgerColumns.map(([name, type]) => `${name} ${type}`).join(', ');

/** Empty when there is nothing to insert. */
export function insertEvents(block: BlockRecord, files: readonly string[]): string {
  return insertion('atalaia.events', block, files, { names: eventNames, structure: eventStructure });
}

export function insertLedger(block: BlockRecord, files: readonly string[]): string {
  return insertion('atalaia.ledger', block, files, { names: ledgerNames, structure: ledgerStructure });
}

function insertion(
  table: string,
  block: BlockRecord,
  files: readonly string[],
  { names, structure }: { names: string; structure: string },
): string {
  if (files.length === 0) return '';
  const rows = files.map((file) => `SELECT ${names} FROM file(${literal(file)}, Native, '${structure}')`);
  return `INSERT INTO ${table} (block, day, ${names}) SELECT ${block.number}, toDate('${block.day}'), ${names} FROM (${rows.join(' UNION ALL ')}) ${insertSettings}`;
}

export function searchStatement(search: EventSearch): string {
  const order = search.newestFirst ? 'DESC' : 'ASC';
  // The minute comes first because it is the table's order: the newest rows are found without reading the rest.
  const keys = ['toStartOfMinute(time)', 'time', 'agent', 'epoch', 'lane', 'sequence', 'line'].map((key) => `${key} ${order}`);
  return `SELECT ${eventSelection} FROM atalaia.events WHERE ${within(search)} AND ${conditionOf(search.where)} AND ${beyond(search)}
    ORDER BY ${keys.join(', ')} LIMIT ${limitOf(search.limit)}`;
}

export function histogramStatement(search: Pick<EventSearch, 'where' | 'sinceMs' | 'untilMs'>, bucketMs: number): string {
  const width = Math.max(1, Math.floor(bucketMs));
  return `SELECT intDiv(toUnixTimestamp64Milli(time), ${width}) * ${width} AS bucket, count() AS events FROM atalaia.events
    WHERE ${within(search)} AND ${conditionOf(search.where)} GROUP BY bucket ORDER BY bucket LIMIT ${bucketsMax}`;
}

export function ledgerSums(sinceMs: number): string {
  return `SELECT agent, source, sum(lines_read) AS read, sum(lines_stored) AS stored, sum(lines_filtered) AS filtered,
    sum(arraySum(mapValues(lines_dropped))) AS dropped, sum(lines_lost) AS lost, sum(lines_trimmed) AS trimmed,
    sum(bytes_read) AS bytes_in, sum(bytes_kept) AS bytes_out
    FROM atalaia.ledger WHERE minute >= toDateTime(${Math.floor(clampMs(sinceMs) / 60_000) * 60}, 'UTC') GROUP BY agent, source ORDER BY agent, source LIMIT 100000`;
}

export function limitOf(limit: number): number {
  return Math.min(eventsPerSearchMax, Math.max(1, Math.floor(limit) || 1));
}

function within({ sinceMs, untilMs }: Pick<EventSearch, 'sinceMs' | 'untilMs'>): string {
  return `time >= ${timeOf(sinceMs)} AND time < ${timeOf(untilMs)}`;
}

function beyond({ after, newestFirst }: EventSearch): string {
  if (!after) return '1';
  const place = parseEventId(after.id);
  const sign = newestFirst ? '<' : '>';
  const edge = timeOf(after.timeMs);
  if (!place) return `time ${sign} ${edge}`;
  const id = [literal(place.agentId), literal(place.epoch), literal(place.lane), place.sequence, place.index].join(', ');
  return `(time ${sign}= ${edge} AND (time ${sign} ${edge} OR (agent, epoch, lane, sequence, line) ${sign} (${id})))`;
}

function timeOf(ms: number): string {
  return `fromUnixTimestamp64Milli(${clampMs(ms)}, 'UTC')`;
}

function clampMs(ms: number): number {
  return Math.floor(Math.min(4_294_967_295_000, Math.max(0, ms || 0)));
}

function doubled(structure: string): string {
  return structure.replaceAll("'", "''");
}
