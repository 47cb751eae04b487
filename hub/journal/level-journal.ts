// The embedded Journal: what the gateway writes before it acknowledges, on a generation log.
// Promises: `append` is one synced write with entries, marks and number; a repeat is skipped, a gap or another epoch is
// refused, entry by entry; numbers are never given twice; every generation begins with all marks, so that destroying one
// forgets nothing; a full disk refuses appends (JOURNAL_FULL), frees and recovers by itself.
// After a failed write what arrived all the same is read back before the next one (DELIVERY.md 16): the caller closes
// the connections it served, and the resend meets repeats. Writes lost to damage are read as writes without entries and
// told to `onHole`: agents may have freed those batches.
import { join } from 'node:path';
import type { LaneName } from '../../proto/delivery.ts';
import { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import type { LogItem } from '../../proto/durable/read-generation.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type {
  AppendOutcome,
  Journal,
  JournalAppended,
  JournalEntry,
  JournalWrite,
  LaneMark,
  StreamCounters,
  StreamMark,
} from '../ports.ts';
import { decodeWrite, encodeWrite } from './encode-write.ts';
import { Judgement, Marks } from './marks.ts';

export interface LevelJournalOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly generationBytes?: number;
  readonly reserveBytes?: number;
  /** See GenerationLogOptions. */
  readonly slotBytes?: number;
  /** Above this the journal is full, as if the disk were. */
  readonly bytesMax?: number;
  /** The highest write that anything else remembers (block bounds, snapshot, alerts): numbers go on above it. */
  readonly numberFloor?: number;
  readonly onHole?: (hole: { readonly from: number; readonly to: number; readonly reason: string }) => void;
}

const megabyte = 1024 * 1024;
const readAhead = 2;

export class LevelJournal implements Journal {
  readonly #options: LevelJournalOptions;
  readonly #marks = new Marks();
  readonly #serial = new Serial();
  readonly #grown = new Wake();
  #log!: GenerationLog;
  #freed = 0;

  private constructor(options: LevelJournalOptions) {
    this.#options = options;
  }

  static async open(options: LevelJournalOptions): Promise<LevelJournal> {
    const journal = new LevelJournal(options);
    await journal.#start();
    return journal;
  }

  append(entries: readonly JournalEntry[]): Promise<JournalAppended> {
    return this.#serial.run(async () => {
      await this.#recover();
      const judged = new Judgement();
      const outcomes = entries.map((entry) => this.#marks.judge(entry, judged));
      const accepted = entries.filter((_, place) => outcomes[place] === 'written');
      if (accepted.length === 0) return { write: 0, outcomes };
      if (this.#log.bytes > (this.#options.bytesMax ?? Infinity)) throw this.#full();
      return this.#commit(accepted, outcomes);
    });
  }

  async *read(from: number, signal: AbortSignal): AsyncGenerator<JournalWrite> {
    let next = Math.max(from, this.#freed + 1, 1);
    while (!signal.aborted) {
      if (next > this.#log.tail) {
        await this.#grown.wait(signal);
        continue;
      }
      for (const item of await this.#itemsFrom(next)) {
        for (const write of this.#writesOf(item)) {
          if (signal.aborted) return;
          yield write;
        }
        next = item.is === 'record' ? item.number + 1 : item.to + 1;
      }
    }
  }

  free(upTo: number): Promise<void> {
    return this.#serial.run(async () => {
      this.#freed = Math.max(this.#freed, Math.min(upTo, this.#log.tail));
      await this.#recover();
      // Full, and nothing in the open generation is needed any more: begin another, so that this one can go.
      const isCramped = this.#log.isFull || this.#log.bytes > (this.#options.bytesMax ?? Infinity);
      if (isCramped && this.#freed >= this.#log.tail) await this.#log.roll();
      await this.#log.free(this.#freed, this.#state());
    });
  }

  /** What a write that failed left behind counts: a Welcome that did not know of it would begin on another history. */
  laneMarks(agentId: string): Promise<readonly LaneMark[]> {
    return this.#serial.run(async () => {
      await this.#recover();
      return this.#marks.laneMarks(agentId);
    });
  }

  streamMarks(agentId: string): Promise<readonly StreamMark[]> {
    return this.#serial.run(async () => {
      await this.#recover();
      return this.#marks.streamMarks(agentId);
    });
  }

  /** Durable with its first entry: until then nothing rests on it, and the agent asks again after a restart. */
  beginEpoch(agentId: string, lane: LaneName, epoch: string): Promise<void> {
    return this.#serial.run(async () => this.#marks.beginEpoch(agentId, lane, epoch, this.#options.clock.nowMs()));
  }

  status(): { oldest: number; next: number; bytes: number; isFull: boolean } {
    const { tail, bytes, isFull } = this.#log;
    return { oldest: this.#freed + 1, next: tail + 1, bytes, isFull: isFull || bytes > (this.#options.bytesMax ?? Infinity) };
  }

  async close(): Promise<void> {
    await this.#serial.run(() => this.#log.close());
  }

  async #start(): Promise<void> {
    const {
      disk,
      folder,
      clock,
      generationBytes = 64 * megabyte,
      reserveBytes = 32 * megabyte,
      slotBytes,
      numberFloor = 0,
    } = this.#options;
    this.#log = await GenerationLog.open({
      disk,
      folder: join(folder, 'log'),
      generationBytes,
      reserveBytes,
      slotBytes,
      numberFloor,
      snapshot: () => this.#marks.snapshot(clock.nowMs()),
      onPass: (pass) => {
        if (pass === 'written') killPoint('hub.after-journal-write');
      },
    });
    this.#freed = Math.min(Number(this.#log.state) || 0, this.#log.tail);
    for await (const item of this.#log.replay()) {
      if (item.is === 'snapshot') this.#marks.restore(item.bytes);
      else for (const write of this.#writesOf(item)) this.#apply(write);
    }
  }

  async #itemsFrom(next: number): Promise<readonly LogItem[]> {
    for (;;) {
      if (this.#log.mustRecover) await this.#serial.run(() => this.#recover());
      try {
        return await this.#log.read(next, readAhead);
      } catch (error) {
        if (errorCode(error) !== 'NOT_READ_BACK') throw error;
      }
    }
  }

  async #commit(entries: readonly JournalEntry[], outcomes: readonly AppendOutcome[]): Promise<JournalAppended> {
    const number = this.#log.tail + 1;
    const write: JournalWrite = { number, committedAtMs: this.#options.clock.nowMs(), entries, before: this.#before(entries) };
    try {
      await this.#log.append([{ parts: encodeWrite(write) }], this.#state());
    } catch (error) {
      // What arrived counts from now on; if that cannot be found out now, the next append asks again.
      await this.#recover().catch(() => undefined);
      if (errorCode(error) === 'DISK_FULL') throw this.#full(error);
      throw new AtalaiaError('JOURNAL_FAILED', `journal write ${number} failed; it was not acknowledged and will be sent again`, {
        cause: error,
        isRetryable: true,
      });
    }
    this.#apply(write);
    this.#grown.wake();
    return { write: number, outcomes };
  }

  async #recover(): Promise<void> {
    if (!this.#log.mustRecover) return;
    for (const { bytes } of await this.#log.recover()) this.#apply(decodeWrite(bytes));
    this.#grown.wake();
  }

  #before(entries: readonly JournalEntry[]): Map<string, StreamCounters> {
    const before = new Map<string, StreamCounters>();
    for (const { agentId, streams } of entries) {
      for (const { streamId } of streams) {
        const counters = this.#marks.countersOf(agentId, streamId);
        if (counters) before.set(`${agentId}/${streamId}`, counters);
      }
    }
    return before;
  }

  #apply(write: JournalWrite): void {
    for (const entry of write.entries) this.#marks.apply(entry, write.number, write.committedAtMs);
  }

  *#writesOf(item: LogItem): Generator<JournalWrite> {
    if (item.is === 'record') {
      yield decodeWrite(item.bytes);
      return;
    }
    this.#options.onHole?.(item);
    for (let number = item.from; number <= item.to; number++) yield { number, committedAtMs: 0, entries: [], before: new Map() };
  }

  #state(): string {
    return String(this.#freed);
  }

  #full(cause?: unknown): AtalaiaError {
    const text = `the journal in ${this.#options.folder} is full; nothing is acknowledged until events are stored or room is made`;
    return new AtalaiaError('JOURNAL_FULL', text, { cause, isRetryable: true });
  }
}
