// The store stage's bookkeeping: which journal writes are which block, and which blocks are stored (DELIVERY.md 1, 17-19).
// Promises: a block's number and bounds are durable before its first insert and never change; a number once given is
// never given again; `store` resolves only when the block is confirmed durably, so the journal may then be freed up to
// `confirmedThrough`; rows are removed only when the files to put in their place are in hand.
// Blocks are confirmed in order. Does not make rows: whoever drives it (pipeline.ts) makes them again for `pending`.
// Would break it: two keepers on one state, or other rows than before for a pending block.
import type { Clock } from '../../proto/runtime/clock.ts';
import { assert, AtalaiaError } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import type { BlockFiles, BlockRecord, EventStore, State } from '../ports.ts';

export interface BlockKeeperOptions {
  readonly state: State;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: StoreLog;
}

/** What the store's parts need of a logger (pino's shape). */
export interface StoreLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export interface OpenedBlocks {
  /** Every journal write up to here is stored; 0 when none. */
  readonly confirmedThrough: number;
  /** Blocks whose rows must be made again with exactly these bounds, oldest first, and handed to `store`. */
  readonly pending: readonly BlockRecord[];
}

export type NewBlock = Pick<BlockRecord, 'fromWrite' | 'toWrite' | 'day' | 'eventRows' | 'ledgerRows'>;

interface BlockDocument {
  readonly highest: number;
  readonly confirmedThrough: number;
  readonly pending: readonly BlockRecord[];
}

const key = 'store/blocks';
/** More pending blocks than this means that the driver does not wait for the store. */
const pendingBlocksMax = 16;
/** An insert that the engine itself refuses this often will not go in by trying again. */
const refusalsMax = 3;
const retryDelayMs = { first: 100, max: 10_000 };
const none: BlockDocument = { highest: 0, confirmedThrough: 0, pending: [] };

export class BlockKeeper {
  readonly #state: State;
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #log: StoreLog;
  /** State changes and inserts each go one at a time: blocks are confirmed in the order of their numbers. */
  readonly #documents = new Serial();
  readonly #inserts = new Serial();
  #document: BlockDocument | undefined;
  #revision = 0;
  /** Blocks of an earlier life, or of a failed attempt: rows may be there already. */
  readonly #uncertain = new Set<number>();
  #failure: { readonly error: unknown } | undefined;

  constructor({ state, store, clock, log }: BlockKeeperOptions) {
    this.#state = state;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  get confirmedThrough(): number {
    return this.#current().confirmedThrough;
  }

  /** The last journal write of the newest block that has bounds, stored or not. */
  get pendingThrough(): number {
    return lastWriteOf(this.#current());
  }

  /** Reads the record, settles the blocks whose rows are all there, and removes rows that nobody remembers. */
  async open(signal: AbortSignal): Promise<OpenedBlocks> {
    const found = await this.#state.get<BlockDocument>(key);
    this.#document = found?.value ?? none;
    this.#revision = found?.revision ?? 0;
    const removed = await this.#whenUp(() => this.#store.removeBlocksAbove(this.#current().highest), signal);
    if (removed > 0) this.#log.warn({ rows: removed, above: this.#current().highest }, 'rows of forgotten blocks removed');
    while (this.#current().pending.length > 0) {
      const [oldest] = this.#current().pending;
      if (!oldest || (await this.#whenUp(() => this.#store.presence(oldest), signal)) !== 'all') break;
      await this.#confirm(oldest.number);
    }
    for (const record of this.#current().pending) this.#uncertain.add(record.number);
    return { confirmedThrough: this.confirmedThrough, pending: this.#current().pending };
  }

  /** Gives the block its number and writes it down. Bounds follow the last block's without a gap. */
  async begin(block: NewBlock): Promise<BlockRecord> {
    return this.#documents.run(async () => {
      const now = this.#current();
      const expected = lastWriteOf(now) + 1;
      assert(block.fromWrite === expected || now.highest === 0, `block from write ${block.fromWrite}, expected ${expected}`);
      assert(block.toWrite >= block.fromWrite, `block from write ${block.fromWrite} to ${block.toWrite}`);
      assert(/^\d{4}-\d{2}-\d{2}$/.test(block.day), `block day ${block.day}`);
      assert(now.pending.length < pendingBlocksMax, `more than ${pendingBlocksMax} blocks pending`);
      const { fromWrite, toWrite, day, eventRows, ledgerRows } = block;
      const record: BlockRecord = { number: now.highest + 1, fromWrite, toWrite, day, eventRows, ledgerRows, attempt: 1 };
      await this.#put({ ...now, highest: record.number, pending: [...now.pending, record] });
      killPoint('hub.after-block-bounds');
      return record;
    });
  }

  /**
   * Resolves when the block's rows are in the store exactly once and that is written down. Tries until then. A block that
   * is given up ends the keeper: the blocks that wait behind it are given up for the same reason.
   */
  async store(record: BlockRecord, files: BlockFiles, signal: AbortSignal): Promise<void> {
    return this.#inserts.run(async () => {
      if (this.#failure) throw this.#failure.error;
      try {
        await this.#storeNow(record.number, files, signal);
      } catch (error) {
        this.#failure = { error };
        throw error;
      }
    });
  }

  async #storeNow(number: number, files: BlockFiles, signal: AbortSignal): Promise<void> {
    let record = this.#current().pending.find((pending) => pending.number === number);
    if (!record) return;
    assert(record === this.#current().pending[0], `block ${number} before an older one`);
    for (let refusals = 0; ;) {
      if (this.#uncertain.has(number)) {
        const presence = await this.#settle(record, signal);
        if (presence === 'all') break;
        record = await this.#nextAttempt(record, signal);
      }
      this.#uncertain.add(number);
      try {
        await this.#store.insert(record, files);
        break;
      } catch (error) {
        if (!(error instanceof AtalaiaError)) throw error;
        if (!error.isRetryable && ++refusals >= refusalsMax) throw refused(record, error);
        this.#log.warn({ block: number, attempt: record.attempt, code: error.code, err: error }, 'block insert failed, will be settled');
      }
    }
    killPoint('hub.after-insert');
    await this.#whenUp(() => this.#confirm(number), signal);
    killPoint('hub.after-confirm');
  }

  /** What is there of the block; a part of it is removed, for its files are in hand (DELIVERY.md 18). */
  async #settle(record: BlockRecord, signal: AbortSignal): Promise<'all' | 'none'> {
    return this.#whenUp(async () => {
      const presence = await this.#store.presence(record);
      if (presence !== 'some') return presence;
      this.#log.warn({ block: record.number }, 'part of a block found, removed to be inserted whole');
      await this.#store.removeBlock(record);
      return 'none';
    }, signal);
  }

  /** A fresh attempt has a token of its own; written down first, so that no token is used twice. */
  async #nextAttempt(record: BlockRecord, signal: AbortSignal): Promise<BlockRecord> {
    const next = { ...record, attempt: record.attempt + 1 };
    await this.#whenUp(() => this.#documents.run(() => this.#put(replaced(this.#current(), next))), signal);
    return this.#current().pending.find((pending) => pending.number === record.number) ?? next;
  }

  async #confirm(number: number): Promise<void> {
    await this.#documents.run(async () => {
      const now = this.#current();
      const [oldest, ...younger] = now.pending;
      if (oldest?.number !== number) return;
      await this.#put({ ...now, confirmedThrough: oldest.toWrite, pending: younger });
      this.#uncertain.delete(number);
    });
  }

  /** After a write that failed, what the state says counts: it may have taken effect. */
  async #put(document: BlockDocument): Promise<void> {
    try {
      this.#revision = await this.#state.put(key, document, this.#revision);
      this.#document = document;
    } catch (error) {
      const found = await this.#state.get<BlockDocument>(key);
      this.#revision = found?.revision ?? 0;
      this.#document = found?.value ?? none;
      if (JSON.stringify(this.#document) !== JSON.stringify(document)) throw error;
    }
  }

  /** Tries again with growing pauses while the world says "later"; other errors are the caller's. */
  async #whenUp<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let delayMs = retryDelayMs.first; ; delayMs = Math.min(delayMs * 2, retryDelayMs.max)) {
      signal.throwIfAborted();
      try {
        return await task();
      } catch (error) {
        if (!(error instanceof AtalaiaError) || !error.isRetryable) throw error;
        this.#log.warn({ code: error.code, delayMs }, 'store not ready, trying again');
        await this.#clock.sleep(delayMs, signal);
      }
    }
  }

  #current(): BlockDocument {
    assert(this.#document, 'block keeper used before open()');
    return this.#document;
  }
}

/** The highest journal write that a block remembers: the journal never gives a number up to it again. */
export async function highestBlockWrite(state: State): Promise<number> {
  return lastWriteOf((await state.get<BlockDocument>(key))?.value ?? none);
}

function lastWriteOf({ pending, confirmedThrough }: BlockDocument): number {
  return pending.at(-1)?.toWrite ?? confirmedThrough;
}

function replaced(document: BlockDocument, record: BlockRecord): BlockDocument {
  return { ...document, pending: document.pending.map((pending) => (pending.number === record.number ? record : pending)) };
}

function refused(record: BlockRecord, cause: AtalaiaError): AtalaiaError {
  return new AtalaiaError(
    'BLOCK_REFUSED',
    `the event store refused block ${record.number} (journal writes ${record.fromWrite} to ${record.toWrite}) ${refusalsMax} times; the journal keeps it`,
    { cause },
  );
}
