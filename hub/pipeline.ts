// The hub's path: journal → workers (normalise, match, rows) → alerts, and → blocks → store; then the journal is freed.
// Promises (DELIVERY.md 16 to 26): every journal write is stored exactly once and detected exactly once, whatever ends
// when; the journal is freed only up to what is stored durably and in a snapshot; detection goes on while the store is
// down; a line that ends the worker is found, stored raw and told, and blinds nobody else.
// Anything unexpected ends this life of the pipeline and the next begins where the last durable step stands: the same way
// as after a crash of the process, so that there is one way and it is used.
import { errorCode } from '../proto/runtime/errors.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import type { Detection } from './detection.ts';
import type { Worked } from './line-work.ts';
import { MakingBlocks } from './making-blocks.ts';
import type { PipelineParts, Work } from './pipeline-ports.ts';
import { problemsOf } from './pipeline-problems.ts';
import { PoisonBook } from './poison-book.ts';
import type { JournalWrite } from './ports.ts';
import type { BlockKeeper } from './store/blocks.ts';

export interface PipelineStatus {
  readonly state: 'starting' | 'running' | 'failing' | 'stopped';
  /** Journal writes whose alerts are durable, whose rows are stored, and that a snapshot stands for. */
  readonly detected: number;
  readonly stored: number;
  readonly snapshot: number;
  /** Why the last life ended; empty when none did. */
  readonly lastFailure: string;
}

export interface PipelineSignals {
  /** Take no more writes and bring those in work to an end. */
  readonly stop: AbortSignal;
  /** Give up on that too. */
  readonly deadline: AbortSignal;
}

const inWorkMax = 8;
const inWorkBytesMax = 32 * 1024 * 1024;
const blockTickMs = 50;
const detectionTickMs = 1_000;
const snapshotEveryMs = 3_000;
/** A snapshot stops everything else on this thread: it may take a twentieth of the time. */
const snapshotShare = 20;
const snapshotRestMsMax = 30_000;
/** A store that finishes no block for this long is down, not slow: a slow one is waited for, or its rows were made twice. */
const standstillMs = 5_000;
const restartDelayMs = { first: 250, max: 30_000 };

/** One life of the pipeline: from what is durable to its first failure. */
interface Life {
  readonly keeper: BlockKeeper;
  readonly detection: Detection;
  readonly poison: PoisonBook;
  readonly blocks: MakingBlocks;
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
  /** Writes up to here may have been in work when an earlier life ended. */
  readonly doubtfulThrough: number;
  /** True while the store takes nothing: findings are made, rows later. */
  isDetectOnly: boolean;
  /** The store takes rows again: a new life makes those that were put off. */
  readonly rewind: AbortController;
  readonly inWork: { readonly bytes: number; readonly done: Promise<void> }[];
}

export class HubPipeline {
  readonly #parts: PipelineParts;
  #life: Life | undefined;
  #state: PipelineStatus['state'] = 'starting';
  #lastFailure = '';
  /** Whether a line may have ended the life before: of a process that died nobody knows. */
  #isLineToBlame = true;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  status(): PipelineStatus {
    const life = this.#life;
    const [detected, stored, snapshot] = life
      ? [life.detection.write, life.keeper.confirmedThrough, life.detection.snapshotWrite]
      : [0, 0, 0];
    return { state: this.#state, detected, stored, snapshot, lastFailure: this.#lastFailure };
  }

  /** Runs until stopped, whatever fails meanwhile; when it resolves nothing of it runs any more. */
  async run(signals: PipelineSignals): Promise<void> {
    const { clock, log } = this.#parts;
    let isDoubtful = true;
    let delayMs = restartDelayMs.first;
    while (!signals.stop.aborted) {
      const beganMs = clock.monotonicMs();
      try {
        await this.#liveOnce(signals, isDoubtful);
        isDoubtful = false;
      } catch (error) {
        if (signals.deadline.aborted) break;
        this.#state = 'failing';
        this.#lastFailure = error instanceof Error ? error.message : String(error);
        isDoubtful = true;
        if (clock.monotonicMs() - beganMs > restartDelayMs.max) delayMs = restartDelayMs.first;
        log.error({ err: error, delayMs }, 'the pipeline failed and begins anew from what is durable; the journal keeps every line');
        await clock.sleep(delayMs, signals.stop).catch(() => undefined);
        delayMs = Math.min(delayMs * 2, restartDelayMs.max);
      }
    }
    this.#state = 'stopped';
  }

  async #liveOnce(signals: PipelineSignals, isDoubtful: boolean): Promise<void> {
    const end = new AbortController();
    const life = await this.#begin(end, AbortSignal.any([signals.deadline, end.signal]), isDoubtful);
    const pulses = [this.#pulse(life), this.#clockTicks(life)];
    try {
      await this.#read(life, signals.stop);
      await this.#drain(life);
      life.signal.throwIfAborted();
    } catch (error) {
      // The first failure is the reason; what it aborted is not.
      const reason: unknown = end.signal.aborted ? end.signal.reason : error;
      await this.#settle(life, end, pulses);
      // A line can only end its worker; whatever else failed accuses none. Where State fails, the next life writes that down.
      this.#isLineToBlame = errorCode(reason) === 'WORKER_FAILED';
      if (!this.#isLineToBlame && !signals.deadline.aborted) await life.poison.survived().catch(() => undefined);
      throw reason;
    }
    await this.#settle(life, end, pulses);
  }

  async #settle({ inWork, blocks }: Life, end: AbortController, pulses: readonly Promise<void>[]): Promise<void> {
    end.abort();
    await Promise.allSettled([...pulses, ...inWork.map(({ done }) => done), blocks.settled()]);
  }

  async #begin(end: AbortController, signal: AbortSignal, isDoubtful: boolean): Promise<Life> {
    const { journal, state, lines, clock, openKeeper, openDetection, writeLedger } = this.#parts;
    await lines.reset();
    const keeper = openKeeper();
    const { confirmedThrough, pending } = await keeper.open(signal);
    const detection = await openDetection(journal.status().oldest, signal);
    const fail = (error: unknown): void => end.abort(error);
    const blocks = new MakingBlocks({
      keeper,
      confirmedThrough,
      pending,
      lines,
      clock,
      signal,
      writeLedger,
      onStored: () => this.#attempt(life, this.#stored(life)),
      onFailed: (error) => this.#attempt(life, this.#blockFailed(life, error)),
    });
    const doubtfulThrough = isDoubtful ? journal.status().next - 1 : 0;
    const poison = await PoisonBook.open(state, this.#isLineToBlame);
    const life: Life = {
      keeper,
      detection,
      poison,
      blocks,
      signal,
      fail,
      doubtfulThrough,
      isDetectOnly: false,
      rewind: new AbortController(),
      inWork: [],
    };
    this.#life = life;
    this.#state = 'running';
    return life;
  }

  /** Writes in order, until stopped or until rows that were put off have to be made. */
  async #read(life: Life, stop: AbortSignal): Promise<void> {
    const { keeper, detection, blocks } = life;
    const until = AbortSignal.any([stop, life.signal, life.rewind.signal]);
    const from = Math.min(keeper.confirmedThrough, detection.write) + 1;
    for await (const write of this.#parts.journal.read(from, until)) {
      life.signal.throwIfAborted();
      await this.#makeRoom(life);
      if (life.rewind.signal.aborted) return;
      const block = life.isDetectOnly ? 0 : blocks.place(write);
      const isDetecting = write.number > detection.write;
      if (block === 0 && !isDetecting) continue;
      await this.#work(life, write, { block, isDetecting });
    }
  }

  async #work(life: Life, write: JournalWrite, { block, isDetecting }: { block: number; isDetecting: boolean }): Promise<void> {
    const { poison, blocks, detection, inWork, signal, fail } = life;
    const isAlone = write.number <= life.doubtfulThrough;
    const isCareful = isAlone && poison.isSuspect(write.number);
    if (isAlone) await allDone(inWork);
    if (isAlone && !isCareful) await poison.trying(write.number);
    const work = workOf(write, { block, isDetecting, isCareful, poison });
    const working = this.#parts.lines.work(work, (line) => poison.trying(write.number, line));
    if (block > 0) blocks.note(write, working);
    const before = inWork.at(-1)?.done ?? Promise.resolve();
    const apply = async (): Promise<void> => {
      const [worked] = await Promise.all([working, before]);
      if (isAlone) await poison.survived();
      if (isDetecting) await detection.apply(appliedOf(write, worked), problemsOf(write, work, worked), signal);
      this.#parts.onWorked?.(write, worked);
    };
    const done = apply();
    done.catch(fail);
    inWork.push({ bytes: bytesOf(write), done });
    if (isAlone) await allDone(inWork);
  }

  /** Waits until work and blocks have room. A store that takes nothing for long does not stop detection. */
  async #makeRoom(life: Life): Promise<void> {
    const { inWork, blocks, signal } = life;
    while (inWork.length >= inWorkMax || inWork.reduce((sum, { bytes }) => sum + bytes, 0) > inWorkBytesMax) await inWork.shift()?.done;
    const { clock, log } = this.#parts;
    while (!life.isDetectOnly && blocks.isFull) {
      if (clock.monotonicMs() - blocks.progressMs > standstillMs) {
        log.warn({}, 'the store takes nothing; detection goes on, the journal keeps the lines for later');
        blocks.seal();
        life.isDetectOnly = true;
        return;
      }
      await clock.sleep(blockTickMs, signal);
    }
  }

  async #drain(life: Life): Promise<void> {
    await allDone(life.inWork);
    life.blocks.seal();
    await life.blocks.settled();
    await life.detection.snapshot(life.signal);
    await this.#free(life);
  }

  async #pulse({ blocks, signal }: Life): Promise<void> {
    for await (const _ of ticks(blockTickMs, { clock: this.#parts.clock, signal })) blocks.tick();
  }

  async #clockTicks(life: Life): Promise<void> {
    const { detection, signal, fail } = life;
    const { clock } = this.#parts;
    let nextSnapshotMs = clock.monotonicMs() + snapshotEveryMs;
    try {
      for await (const _ of ticks(detectionTickMs, { clock, signal })) {
        await detection.tick(signal);
        const beganMs = clock.monotonicMs();
        if (beganMs < nextSnapshotMs) continue;
        await detection.snapshot(signal);
        await this.#free(life);
        const tookMs = clock.monotonicMs() - beganMs;
        nextSnapshotMs = beganMs + Math.max(snapshotEveryMs, Math.min(tookMs * snapshotShare, snapshotRestMsMax));
      }
    } catch (error) {
      fail(error);
    }
  }

  async #stored(life: Life): Promise<void> {
    if (life.isDetectOnly && life.blocks.isDrained) life.rewind.abort();
    await this.#free(life);
  }

  #attempt({ fail }: Life, task: Promise<void>): void {
    task.catch(fail);
  }

  async #free({ keeper, detection, poison }: Life): Promise<void> {
    const upTo = Math.min(keeper.confirmedThrough, detection.snapshotWrite);
    await this.#parts.journal.free(upTo);
    await poison.forget(upTo);
  }

  /** Rows that the store refuses are made again as raw lines, once; then it is for people. */
  async #blockFailed({ keeper, poison, fail }: Life, error: unknown): Promise<void> {
    if (errorCode(error) === 'BLOCK_REFUSED') await poison.refuse(keeper.confirmedThrough + 1, keeper.pendingThrough);
    fail(error);
  }
}

async function allDone(inWork: Life['inWork']): Promise<void> {
  while (inWork.length > 0) await inWork.shift()?.done;
}

function bytesOf(write: JournalWrite): number {
  return write.entries.reduce((sum, { frame }) => sum + frame.length, 0);
}

interface HowToWork {
  readonly block: number;
  readonly isDetecting: boolean;
  readonly isCareful: boolean;
  readonly poison: PoisonBook;
}

function workOf({ number, committedAtMs, entries }: JournalWrite, { block, isDetecting, isCareful, poison }: HowToWork): Work {
  return {
    is: 'work',
    write: number,
    committedAtMs,
    entries: entries.map(({ agentId, receivedAtMs, frame }) => ({ agentId, receivedAtMs, frame })),
    block,
    detect: isDetecting,
    poison: poison.linesOf(number),
    rawRows: poison.isRefused(number),
    careful: isCareful,
  };
}

function appliedOf({ number, committedAtMs }: JournalWrite, { findings, maxTimeMs }: Worked): Parameters<Detection['apply']>[0] {
  return { write: number, committedAtMs, findings, maxTimeMs };
}
