// The event store in memory, for tests and the simulation, with the faults that the real engine has: it may log an
// attempt's token and lose the rows, store a part of them, store all and still fail, or stay silent until it is ended.
// It stands for the disk: keep it over a simulated crash of the hub and call `hubDied()`.
import { AtalaiaError } from '../../../proto/runtime/errors.ts';
import type { BlockFiles, BlockPresence, BlockRecord, EventSearch, EventStore, LedgerSum, SearchAnswer, StoredEvent } from '../../ports.ts';
import type { LedgerRow } from '../native/ledger-file.ts';
import { matchesEvent } from './match-event.ts';

/** What happens to one insert. `token-only` and `part` leave the attempt's token behind, as MergeTree does. */
export type InsertFault = 'none' | 'before' | 'token-only' | 'part' | 'after' | 'refused';

export interface MemoryStoreOptions {
  readonly insertFault?: (block: BlockRecord) => InsertFault;
  /** True: this other call fails as if the engine were down. */
  readonly isDown?: () => boolean;
  /** Waited for in the middle of each insert. */
  readonly latency?: () => Promise<void>;
}

/** Everything in the tables at one moment: what a backup of the store holds. */
export interface StoreImage {
  readonly events: readonly StoredRow<StoredEvent>[];
  readonly ledger: readonly StoredRow<LedgerRow>[];
  readonly tokens: ReadonlySet<string>;
}

interface StoredRow<T> {
  readonly block: number;
  readonly day: string;
  readonly row: T;
}

interface BlockRows {
  readonly events: readonly StoredEvent[];
  readonly ledger: readonly LedgerRow[];
}

export class MemoryStore implements EventStore {
  /** Block files by name: put what a file holds here before inserting it. */
  readonly eventFiles = new Map<string, readonly StoredEvent[]>();
  readonly ledgerFiles = new Map<string, readonly LedgerRow[]>();
  readonly #options: MemoryStoreOptions;
  #tokens: Set<string> = new Set();
  readonly #running = new Set<{ readonly block: number; isEnded: boolean }>();
  #events: StoredRow<StoredEvent>[] = [];
  #ledger: StoredRow<LedgerRow>[] = [];

  constructor(options: MemoryStoreOptions = {}) {
    this.#options = options;
  }

  /** Every stored event in the order stored: what the simulation counts. */
  get events(): readonly StoredEvent[] {
    return this.#events.map((stored) => stored.row);
  }

  get ledgerRows(): readonly LedgerRow[] {
    return this.#ledger.map((stored) => stored.row);
  }

  image(): StoreImage {
    return { events: [...this.#events], ledger: [...this.#ledger], tokens: new Set(this.#tokens) };
  }

  /** Goes back to an image; what still ran is ended. */
  restore({ events, ledger, tokens }: StoreImage): void {
    this.hubDied();
    this.#events = [...events];
    this.#ledger = [...ledger];
    this.#tokens = new Set(tokens);
  }

  /** The engine's child goes with the hub: nothing that still ran takes effect. An engine that lives on (DELIVERY.md 20
   * broken) ends what it began, and no later hub can stop it. */
  hubDied(engine: 'gone' | 'lives on' = 'gone'): void {
    if (engine === 'gone') for (const attempt of this.#running) attempt.isEnded = true;
    this.#running.clear();
  }

  async insert(block: BlockRecord, files: BlockFiles): Promise<void> {
    const attempt = { block: block.number, isEnded: false };
    this.#running.add(attempt);
    const rows = this.#rowsOf(files);
    await this.#options.latency?.();
    this.#running.delete(attempt);
    const fault = this.#options.insertFault?.(block) ?? 'none';
    if (attempt.isEnded || fault === 'before') throw down();
    if (fault === 'refused') throw new AtalaiaError('STORE_REFUSED', 'the rows were refused');
    const token = `${block.number}.${block.attempt}`;
    // A token seen before is skipped in silence, whether its rows are there or not.
    if (!this.#tokens.has(token)) this.#take(block, rows, fault);
    this.#tokens.add(token);
    if (fault !== 'none') throw down();
  }

  async presence(block: BlockRecord): Promise<BlockPresence> {
    this.#up();
    for (const attempt of this.#running) if (attempt.block === block.number) attempt.isEnded = true;
    const events = this.#events.filter((stored) => stored.block === block.number).length;
    const ledger = this.#ledger.filter((stored) => stored.block === block.number).length;
    if (events === block.eventRows && ledger === block.ledgerRows) return 'all';
    return events + ledger === 0 ? 'none' : 'some';
  }

  async removeBlock(block: Pick<BlockRecord, 'number' | 'day'>): Promise<void> {
    this.#up();
    this.#keep((stored) => stored.block !== block.number);
  }

  async removeBlocksAbove(number: number): Promise<number> {
    this.#up();
    return this.#keep((stored) => stored.block <= number);
  }

  async search(search: EventSearch, signal: AbortSignal): Promise<SearchAnswer> {
    signal.throwIfAborted();
    const sign = search.newestFirst ? -1 : 1;
    const { after } = search;
    const found = this.#matching(search)
      .sort((a, b) => sign * compareEvents(a, b))
      .filter((event) => !after || sign * compareEvents(event, after) > 0);
    return { events: found.slice(0, search.limit), isPartial: false, reason: '', tookMs: 0, rowsRead: this.#events.length };
  }

  async histogram(
    search: Omit<EventSearch, 'limit' | 'newestFirst' | 'after'>,
    bucketMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly timeMs: number; readonly count: number }[]> {
    signal.throwIfAborted();
    const counts = new Map<number, number>();
    for (const { timeMs } of this.#matching(search)) {
      const bucket = Math.floor(timeMs / bucketMs) * bucketMs;
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    return [...counts].sort(([a], [b]) => a - b).map(([timeMs, count]) => ({ timeMs, count }));
  }

  async get(eventIds: readonly string[], signal: AbortSignal): Promise<readonly StoredEvent[]> {
    signal.throwIfAborted();
    return this.events.filter((event) => eventIds.includes(event.id)).sort(compareEvents);
  }

  async ledger(sinceMs: number, signal: AbortSignal): Promise<readonly LedgerSum[]> {
    signal.throwIfAborted();
    const since = Math.floor(sinceMs / 60_000) * 60_000;
    const rows = this.ledgerRows.filter((row) => Math.floor(row.minuteMs / 60_000) * 60_000 >= since);
    const groups = Map.groupBy(rows, (row) => JSON.stringify([row.agentId, row.sourceId]));
    return [...groups.keys()].sort().map((key) => sumOf(groups.get(key) ?? []));
  }

  async expireBefore(day: string): Promise<number> {
    this.#up();
    const days = new Set([...this.#events, ...this.#ledger].map((stored) => stored.day).filter((stored) => stored < day));
    this.#keep((stored) => stored.day >= day);
    return days.size;
  }

  async status(): Promise<{ readonly isUp: boolean; readonly restarts: number; readonly rows: number; readonly bytesOnDisk: number }> {
    return { isUp: !(this.#options.isDown?.() ?? false), restarts: 0, rows: this.#events.length, bytesOnDisk: 0 };
  }

  async close(): Promise<void> {}

  /** An insert opens its files when it begins. */
  #rowsOf(files: BlockFiles): BlockRows {
    return {
      events: files.events.flatMap((file) => this.eventFiles.get(file) ?? []),
      ledger: files.ledger.flatMap((file) => this.ledgerFiles.get(file) ?? []),
    };
  }

  #take({ number: block, day }: BlockRecord, { events, ledger }: BlockRows, fault: InsertFault): void {
    if (fault === 'token-only') return;
    const share = fault === 'part' ? 0.5 : 1;
    for (const row of events.slice(0, Math.floor(events.length * share))) this.#events.push({ block, day, row });
    // Two tables, two inserts: events may be there without their ledger.
    if (fault !== 'part') for (const row of ledger) this.#ledger.push({ block, day, row });
  }

  #matching(search: Pick<EventSearch, 'where' | 'sinceMs' | 'untilMs'>): StoredEvent[] {
    return this.events.filter(
      (event) => event.timeMs >= search.sinceMs && event.timeMs < search.untilMs && matchesEvent(search.where, event),
    );
  }

  #keep(isKept: (stored: StoredRow<unknown>) => boolean): number {
    const before = this.#events.length + this.#ledger.length;
    this.#events = this.#events.filter(isKept);
    this.#ledger = this.#ledger.filter(isKept);
    return before - this.#events.length - this.#ledger.length;
  }

  #up(): void {
    if (this.#options.isDown?.()) throw down();
  }
}

function down(): AtalaiaError {
  return new AtalaiaError('STORE_DOWN', 'the engine does not answer', { isRetryable: true });
}

function compareEvents(a: Pick<StoredEvent, 'timeMs' | 'id'>, b: Pick<StoredEvent, 'timeMs' | 'id'>): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  const [left, right] = [a.id.split(':'), b.id.split(':')];
  for (const at of [0, 1, 2]) {
    const [one = '', two = ''] = [left[at], right[at]];
    if (one !== two) return one < two ? -1 : 1;
  }
  return Number(left[3]) - Number(right[3]) || Number(left[4]) - Number(right[4]);
}

function sumOf(rows: readonly LedgerRow[]): LedgerSum {
  const sum = (of: (row: LedgerRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    agentId: rows[0]?.agentId ?? '',
    sourceId: rows[0]?.sourceId ?? '',
    linesRead: sum((row) => row.linesRead),
    linesStored: sum((row) => row.linesStored),
    linesFiltered: sum((row) => row.linesFiltered),
    linesDropped: sum((row) => Object.values(row.linesDropped).reduce((total, count) => total + count, 0)),
    linesLost: sum((row) => row.linesLost),
    linesTrimmed: sum((row) => row.linesTrimmed),
    bytesRead: sum((row) => row.bytesRead),
    bytesKept: sum((row) => row.bytesKept),
  };
}
