// The embedded event store: chDB in a child process behind the EventStore port (DESIGN.md 4 and 7, DELIVERY.md 18-20).
// Promises: an insert that resolved is fsynced; one that rejected is no longer running. Searches never hold intake up:
// they have connections, time, rows and memory of their own, give way while intake is behind (DECISION-giving-way.md),
// and the engine's death costs a restart, not a line.
// Inserts carry no deduplication token: see DECISION-tokens.md.
// Would break it: a second process on the folder (the engine refuses), or other hands in the `blocks` folder.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { parseEventId } from '../../proto/ids.ts';
import type { BlockFiles, BlockPresence, BlockRecord, EventSearch, EventStore, LedgerSum, SearchAnswer, StoredEvent } from '../ports.ts';
import type { StoreLog } from './blocks.ts';
import { cutReason } from './cut-reason.ts';
import { Engine } from './engine/engine.ts';
import type { ReaderLimits } from './engine/messages.ts';
import { GivingWay } from './giving-way.ts';
import { insertEvents, insertLedger, ledgerSums, searchStatement, histogramStatement, limitOf } from './statements.ts';
import { Readers } from './readers.ts';
import { bringSchema } from './schema.ts';
import { placeCondition } from './search-sql.ts';
import { literal } from './sql-literal.ts';
import { eventOfRow, eventSelection } from './stored-event.ts';

export interface ChdbStoreOptions {
  /** The engine keeps `engine/` and its pid here; block files belong into `blocks/`, which is emptied at start. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly readers?: number;
  readonly readerLimits?: Partial<ReaderLimits>;
  /** An insert that takes longer is given up: the engine is ended and the block settled. */
  readonly insertMsMax?: number;
}

const defaultLimits: ReaderLimits = {
  secondsMax: 20,
  rowsMax: 2_000_000_000,
  memoryBytesMax: 1024 * 1024 * 1024,
  resultBytesMax: 128 * 1024 * 1024,
};
/** Removing rows rewrites parts; a day's merge may stand before it. */
const changeMsMax = 600_000;
const idsMax = 1_000;
/** A live tail looks back ten minutes and ahead five. */
const briefMsMax = 15 * 60_000;

export async function openChdbStore(options: ChdbStoreOptions): Promise<ChdbStore> {
  const folder = resolve(options.folder);
  if (/[*?{}[\]'"\\\0]/.test(folder)) {
    throw new UsageError(
      `the data folder's path ${JSON.stringify(folder)} contains one of * ? { } [ ] quotes or a backslash, which the engine reads as a pattern; choose another with --data`,
    );
  }
  rmSync(join(folder, 'blocks'), { recursive: true, force: true });
  mkdirSync(join(folder, 'blocks'), { recursive: true, mode: 0o700 });
  const readerLimits = { ...defaultLimits, ...options.readerLimits };
  const readers = options.readers ?? 2;
  const engine = new Engine({ folder, clock: options.clock, log: options.log, readers: readers + 1, readerLimits });
  try {
    await engine.start();
    await bringSchema(async (statement) => (await engine.run('writer', statement, changeMsMax)).rows);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const givingWay = new GivingWay(engine, options.clock);
  const timeoutMs = readerLimits.secondsMax * 1_000 + 10_000;
  const turns = new Readers(engine, { clock: options.clock, givingWay, count: readers, timeoutMs });
  return new ChdbStore({
    engine,
    givingWay,
    readers: turns,
    clock: options.clock,
    limits: readerLimits,
    insertMsMax: options.insertMsMax ?? 60_000,
  });
}

interface Parts {
  readonly engine: Engine;
  readonly givingWay: GivingWay;
  readonly readers: Readers;
  readonly clock: Clock;
  readonly limits: ReaderLimits;
  readonly insertMsMax: number;
}

export class ChdbStore implements EventStore {
  readonly #parts: Parts;
  readonly #inserting = new Set<number>();
  #lastSize = { rows: 0, bytesOnDisk: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** For operators and tests: the engine's process. */
  get enginePid(): number | undefined {
    return this.#parts.engine.pid;
  }

  /** Who can say how long the oldest line that waits for being worked has waited, in ms: searches give way by it. */
  heedIntake(waitingMs: () => number): void {
    this.#parts.givingWay.heed(waitingMs);
  }

  async insert(block: BlockRecord, files: BlockFiles): Promise<void> {
    this.#inserting.add(block.number);
    try {
      for (const statement of [insertEvents(block, notEmpty(files.events)), insertLedger(block, notEmpty(files.ledger))]) {
        if (statement !== '') await this.#parts.engine.run('writer', statement, this.#parts.insertMsMax);
      }
    } finally {
      this.#inserting.delete(block.number);
    }
    for (const file of [...files.events, ...files.ledger]) rmSync(file, { force: true });
  }

  async presence(block: BlockRecord): Promise<BlockPresence> {
    // Only a caller that did not wait for its insert gets here with one running.
    if (this.#inserting.has(block.number)) await this.#parts.engine.end(`block ${block.number} is asked for while it is inserted`);
    const where = `WHERE day = toDate('${block.day}') AND block = ${block.number}`;
    const [row] = await this.#change(
      `SELECT (SELECT count() FROM atalaia.events ${where}) AS events, (SELECT count() FROM atalaia.ledger ${where}) AS ledger`,
    );
    const found = { events: Number(row?.events), ledger: Number(row?.ledger) };
    if (found.events === block.eventRows && found.ledger === block.ledgerRows) return 'all';
    return found.events === 0 && found.ledger === 0 ? 'none' : 'some';
  }

  async removeBlock(block: Pick<BlockRecord, 'number' | 'day'>): Promise<void> {
    await this.#remove(`day = toDate('${block.day}') AND block = ${block.number}`);
  }

  async removeBlocksAbove(number: number): Promise<number> {
    return this.#remove(`block > ${number}`);
  }

  async search(search: EventSearch, signal: AbortSignal): Promise<SearchAnswer> {
    const startedMs = this.#parts.clock.monotonicMs();
    const answer = await this.#parts.readers.run({ statement: searchStatement(search), isBrief: isBrief(search) }, signal);
    const { rows, rowsRead } = answer;
    const tookMs = this.#parts.clock.monotonicMs() - startedMs;
    const reason = rows.length < limitOf(search.limit) ? cutReason(answer, this.#parts.limits, 'what was found until then is shown') : '';
    return { events: rows.map(eventOfRow), isPartial: reason !== '', reason, tookMs, rowsRead };
  }

  async histogram(
    search: Omit<EventSearch, 'limit' | 'newestFirst' | 'after'>,
    bucketMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly timeMs: number; readonly count: number }[]> {
    const answer = await this.#parts.readers.run({ statement: histogramStatement(search, bucketMs), isBrief: isBrief(search) }, signal);
    const { rows } = answer;
    // Events found so far are worth seeing; counts of a part would be taken for the whole.
    const reason = cutReason(answer, this.#parts.limits, 'counts of a part are not shown');
    if (reason !== '') throw new AtalaiaError('COUNTS_CUT', `counting ${reason}`, { isRetryable: true });
    return rows.map((row) => ({ timeMs: Number(row.bucket), count: Number(row.events) }));
  }

  async get(eventIds: readonly string[], signal: AbortSignal): Promise<readonly StoredEvent[]> {
    if (eventIds.length > idsMax)
      throw new AtalaiaError('SEARCH_TOO_LARGE', `at most ${idsMax} events can be asked for by id, not ${eventIds.length}`);
    const places = eventIds.map(parseEventId).filter((place) => place !== undefined);
    if (places.length === 0) return [];
    const statement = `SELECT ${eventSelection} FROM atalaia.events WHERE ${placeCondition(places)} ORDER BY time, sequence, line`;
    const { rows } = await this.#parts.readers.run({ statement, isBrief: true }, signal);
    return rows.map(eventOfRow);
  }

  async ledger(sinceMs: number, signal: AbortSignal): Promise<readonly LedgerSum[]> {
    const { rows } = await this.#parts.readers.run({ statement: ledgerSums(sinceMs), isBrief: true }, signal);
    return rows.map((row) => ({
      agentId: String(row.agent),
      sourceId: String(row.source),
      linesRead: Number(row.read),
      linesStored: Number(row.stored),
      linesFiltered: Number(row.filtered),
      linesDropped: Number(row.dropped),
      linesLost: Number(row.lost),
      linesTrimmed: Number(row.trimmed),
      bytesRead: Number(row.bytes_in),
      bytesKept: Number(row.bytes_out),
    }));
  }

  async expireBefore(day: string): Promise<number> {
    const rows = await this.#change(
      `SELECT DISTINCT table, partition FROM system.parts WHERE database = 'atalaia' AND table IN ('events', 'ledger') AND active AND partition < ${literal(day)}`,
    );
    for (const row of rows)
      await this.#change(
        `ALTER TABLE atalaia.${row.table === 'ledger' ? 'ledger' : 'events'} DROP PARTITION ${literal(String(row.partition))}`,
      );
    return new Set(rows.map((row) => row.partition)).size;
  }

  async status(): Promise<{ readonly isUp: boolean; readonly restarts: number; readonly rows: number; readonly bytesOnDisk: number }> {
    const { engine } = this.#parts;
    try {
      const statement =
        "SELECT sumIf(rows, table = 'events') AS events, sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'atalaia' AND active";
      const [row] = (await engine.run('control', statement, this.#parts.insertMsMax)).rows;
      this.#lastSize = { rows: Number(row?.events ?? 0), bytesOnDisk: Number(row?.bytes ?? 0) };
    } catch {
      // Down for the moment: the last known size, and isUp says so.
    }
    return { isUp: engine.isUp, restarts: engine.restarts, ...this.#lastSize };
  }

  async close(): Promise<void> {
    await this.#parts.engine.close();
  }

  async #change(statement: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.#parts.engine.run('writer', statement, changeMsMax)).rows;
  }

  async #remove(condition: string): Promise<number> {
    let removed = 0;
    for (const table of ['events', 'ledger']) {
      const [row] = await this.#change(`SELECT count() AS found FROM atalaia.${table} WHERE ${condition}`);
      if (Number(row?.found) === 0) continue;
      removed += Number(row?.found);
      await this.#change(`ALTER TABLE atalaia.${table} DELETE WHERE ${condition} SETTINGS mutations_sync = 2`);
    }
    return removed;
  }
}

function isBrief({ sinceMs, untilMs }: Pick<EventSearch, 'sinceMs' | 'untilMs'>): boolean {
  return untilMs - sinceMs <= briefMsMax;
}

function notEmpty(files: readonly string[]): string[] {
  return files.filter((file) => statSync(file).size > 0);
}
