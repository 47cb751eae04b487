// Journal writes into blocks: which block a write's rows go to, when a block is sealed, and its way into the store.
// Promises (DESIGN.md 7): writes keep their order and are never split; blocks that an earlier life wrote down are made
// again with exactly their bounds; blocks are begun and stored one after the other, in order.
// Bounded: at most finishingMax sealed blocks wait for the store; whoever drives this looks at `isFull`.
import type { Clock } from '../proto/runtime/clock.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { Serial } from '../proto/runtime/serial.ts';
import { ledgerRows } from './ledger-rows.ts';
import type { Worked } from './line-work.ts';
import type { LineWorkers } from './pipeline-ports.ts';
import type { BlockRecord, JournalWrite } from './ports.ts';
import { commitDay, mustSealBefore, mustSealNow } from './store/block-plan.ts';
import type { BlockKeeper } from './store/blocks.ts';
import type { LedgerRow } from './store/native/ledger-file.ts';

export interface MakingBlocksOptions {
  readonly keeper: BlockKeeper;
  readonly confirmedThrough: number;
  readonly pending: readonly BlockRecord[];
  readonly lines: LineWorkers;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly writeLedger: (block: number, rows: readonly LedgerRow[]) => Promise<string>;
  readonly onStored: () => void;
  readonly onFailed: (error: unknown) => void;
}

interface OpenBlock {
  /** Of this life, for files; the block's lasting number is given when it is sealed. */
  readonly id: number;
  readonly record: BlockRecord | undefined;
  readonly fromWrite: number;
  toWrite: number;
  readonly day: string;
  rows: number;
  bytes: number;
  writes: number;
  readonly openedAtMs: number;
  readonly works: Promise<{ readonly rows: number; readonly ledger: readonly LedgerRow[] }>[];
}

const finishingMax = 4;

export class MakingBlocks {
  readonly #options: MakingBlocksOptions;
  readonly #pending: BlockRecord[];
  readonly #finish = new Serial();
  #open: OpenBlock | undefined;
  /** A write was placed and its work is not noted yet: a block sealed now would hold the write without its rows. */
  #isPlacing = false;
  #nextFrom: number;
  #lastId = 0;
  #finishing = 0;
  #progressMs = 0;

  constructor(options: MakingBlocksOptions) {
    this.#options = options;
    this.#pending = [...options.pending];
    this.#nextFrom = options.confirmedThrough + 1;
  }

  get isFull(): boolean {
    return this.#finishing >= finishingMax;
  }

  /** When a block was last stored, or the first of those that wait was sealed. */
  get progressMs(): number {
    return this.#progressMs;
  }

  get isDrained(): boolean {
    return this.#finishing === 0;
  }

  /** Where the rows of this write go: 0 when they are stored. The writes come in order. */
  place(write: JournalWrite): number {
    if (write.number < this.#nextFrom && !this.#open) return 0;
    const rows = write.entries.reduce((sum, { lineCount }) => sum + lineCount, 0);
    const bytes = write.entries.reduce((sum, { frame }) => sum + frame.length, 0);
    // A hole in the journal has no day of its own.
    const day = write.entries.length === 0 && this.#open ? this.#open.day : commitDay(write.committedAtMs);
    if (this.#open && !this.#open.record && mustSealBefore(this.#open, { day, rows, bytes })) this.seal();
    this.#open ??= this.#begin(day);
    const open = this.#open;
    open.toWrite = write.number;
    open.rows += rows;
    open.bytes += bytes;
    open.writes++;
    this.#isPlacing = true;
    return open.id;
  }

  /** The work of the write that was placed last. */
  note(write: JournalWrite, work: Promise<Worked>): void {
    const open = this.#open;
    this.#isPlacing = false;
    if (!open) return;
    open.works.push(work.then(({ rows, stored }) => ({ rows, ledger: ledgerRows(write, stored) })));
    open.works.at(-1)?.catch(() => undefined);
    if (open.record && open.toWrite >= open.record.toWrite) this.seal();
    else this.tick();
  }

  /** Seals the open block when it is due. */
  tick(): void {
    const open = this.#open;
    if (open && !open.record && !this.#isPlacing && mustSealNow(open, this.#options.clock.monotonicMs())) this.seal();
  }

  /** Seals what is open, as far as it may be: a block with bounds of its own waits for its last write. */
  seal(): void {
    const open = this.#open;
    if (!open || (open.record && open.toWrite < open.record.toWrite)) return;
    this.#open = undefined;
    this.#nextFrom = open.toWrite + 1;
    if (this.#finishing++ === 0) this.#progressMs = this.#options.clock.monotonicMs();
    const files = this.#options.lines.seal(open.id);
    files.catch(() => undefined);
    void this.#finish.run(() => this.#store(open, files));
  }

  /** Resolves when everything sealed is stored or has failed. */
  async settled(): Promise<void> {
    await this.#finish.run(() => Promise.resolve());
  }

  #begin(day: string): OpenBlock {
    const record = this.#pending.shift();
    const openedAtMs = this.#options.clock.monotonicMs();
    const fromWrite = record?.fromWrite ?? this.#nextFrom;
    return {
      id: ++this.#lastId,
      record,
      fromWrite,
      toWrite: fromWrite,
      day: record?.day ?? day,
      rows: 0,
      bytes: 0,
      writes: 0,
      openedAtMs,
      works: [],
    };
  }

  /** Never rejects: the one who drives is told. */
  async #store(open: OpenBlock, files: Promise<readonly string[]>): Promise<void> {
    try {
      await this.#insert(open, files);
      this.#finishing--;
      this.#progressMs = this.#options.clock.monotonicMs();
      this.#options.onStored();
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  async #insert(open: OpenBlock, sealed: Promise<readonly string[]>): Promise<void> {
    const { keeper, signal, writeLedger } = this.#options;
    const works = await Promise.all(open.works);
    const events = await sealed;
    signal.throwIfAborted();
    const ledger = works.flatMap((work) => work.ledger);
    const eventRows = works.reduce((sum, { rows }) => sum + rows, 0);
    const { fromWrite, toWrite, day } = open;
    if (open.record && (open.record.eventRows !== eventRows || open.record.ledgerRows !== ledger.length))
      throw differs(open.record, eventRows);
    const record = open.record ?? (await keeper.begin({ fromWrite, toWrite, day, eventRows, ledgerRows: ledger.length }));
    const ledgerFiles = ledger.length > 0 ? [await writeLedger(open.id, ledger)] : [];
    await keeper.store(record, { events, ledger: ledgerFiles }, signal);
  }
}

function differs({ number, fromWrite, toWrite, eventRows }: BlockRecord, made: number): AtalaiaError {
  return new AtalaiaError(
    'BLOCK_DIFFERS',
    `block ${number} (journal writes ${fromWrite} to ${toWrite}) had ${eventRows} rows and has ${made} when made again; the journal keeps it`,
  );
}
