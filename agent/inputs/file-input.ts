// Follows the files of one source: their whole lines, in order per file, with fair turns between files.
// Promises: rename rotation, copytruncate, truncate-and-rewrite, deletion, compression and files that appear later lose no
// whole line and repeat none (residues: DECISION-file-identity.md); nothing is read ahead of the consumer; looking for
// files goes on while the consumer is busy, so that what is rotated meanwhile is held open. A file that cannot be read
// holds up nothing else. Memory: one chunk, grown for long lines.
// An unfinished last line is handed out only when its file is gone (renamed away or deleted) and has been quiet.
import { errorCode } from '../../proto/runtime/errors.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import type { Input, LineBlock, SourceStatus, StreamPosition } from '../ports.ts';
import type { FileTail, TailStep } from './file-tail.ts';
import { FileWatch, type FileInputOptions } from './file-watch.ts';
import { LineBuffers } from './line-buffers.ts';

const pollIntervalMs = 100;
/** Thousands of open files are looked at less often, so that a quiet host stays at about a hundredth of a core. */
const pollMsPerOpenFile = 0.4;
const scanIntervalMs = 500;
/** What took long because the host or its disk stood still says nothing about the tree; and rotations must not pass unseen. */
const scanPauseMsMax = 30_000;
/** A gone file may still be written by a process that holds it: its unfinished last line waits for this much silence. */
const goneQuietMs = 10_000;
/** A renamed file is looked at for as long: who holds it may write to it late. */
const renamedQuietMs = 3_600_000;

export class FileInput implements Input {
  readonly #options: FileInputOptions;
  readonly #buffers = new LineBuffers();
  #watch: FileWatch | undefined;
  #linesRead = 0;
  #bytesRead = 0;
  #lastReadMs = 0;

  constructor(options: FileInputOptions) {
    this.#options = options;
  }

  async *read(resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    const { clock } = this.#options;
    const watch = new FileWatch(this.#options, resume);
    this.#watch = watch;
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    let scanning: Promise<void> | undefined;
    try {
      await watch.scan(either);
      scanning = this.#keepScanning(watch, either);
      while (!signal.aborted) {
        let isQuiet = true;
        for (const position of watch.unread.splice(0)) yield placeBlock(position, clock.nowMs());
        for (const [key, tail] of watch.tails) {
          if (signal.aborted) break;
          if (!tail.isOpen && !this.#isForTurn(tail)) continue;
          for await (const block of this.#turn(watch, key, tail)) {
            isQuiet = false;
            if (block) yield block;
          }
        }
        const pauseMs = Math.max(pollIntervalMs, watch.tails.openFiles * pollMsPerOpenFile);
        if (isQuiet) await clock.sleep(pauseMs, either).catch(() => undefined);
      }
    } finally {
      stop.abort();
      await scanning;
      await watch.closeAll();
    }
  }

  status(): SourceStatus {
    const { id, type } = this.#options.source;
    let lagBytes = 0;
    for (const tail of this.#watch?.tails.values() ?? []) lagBytes += tail.lagBytes;
    return {
      sourceId: id,
      type,
      linesRead: this.#linesRead,
      bytesRead: this.#bytesRead,
      lagBytes,
      lastReadMs: this.#lastReadMs,
      problem: this.#watch?.problems.first ?? '',
    };
  }

  /** Whether a tail that rests has something to do. */
  #isForTurn({ isDue, movedTo, isNowhere, goneSinceMs }: FileTail): boolean {
    return isDue || movedTo !== undefined || isNowhere || (goneSinceMs !== undefined && this.#quietMs(goneSinceMs) >= renamedQuietMs);
  }

  #quietMs(sinceMs: number): number {
    return this.#options.clock.monotonicMs() - sinceMs;
  }

  /** One chunk of one file; yields nothing when there is nothing to read, undefined when there is more to do first. */
  async *#turn(watch: FileWatch, key: string, tail: FileTail): AsyncGenerator<LineBlock | undefined> {
    try {
      if (tail.movedTo) {
        await watch.tails.move(key, tail);
        yield undefined;
      } else if (tail.isOpen) yield* this.#readTurn(watch, key, tail);
      else if (tail.isDue && !tail.isNowhere) {
        if (!(await watch.tails.wake(key, tail))) return;
        if (tail.goneSinceMs !== undefined) tail.goneSinceMs = this.#options.clock.monotonicMs();
        yield undefined;
      } else await watch.close(key, tail);
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      await watch.tails.failed(tail, code);
    }
  }

  async *#readTurn(watch: FileWatch, key: string, tail: FileTail): AsyncGenerator<LineBlock | undefined> {
    const step = await this.#next(tail, false);
    if (tail.lineProblem === '') watch.problems.readAgain(tail.path);
    else watch.problems.aboutLines(tail.path, tail.lineProblem);
    switch (step.is) {
      case 'lines':
        if (tail.goneSinceMs !== undefined) tail.goneSinceMs = this.#options.clock.monotonicMs();
        yield this.#counted(step.block);
        // Others wait for a descriptor: in turns.
        if (watch.tails.isFull && tail.goneSinceMs === undefined) await watch.tails.rest(tail, true);
        return;
      case 'restarted':
        await watch.followCopy(step);
        yield undefined;
        return;
      case 'searching':
        yield undefined;
        return;
      case 'end':
        if (tail.goneSinceMs === undefined) {
          if (watch.tails.isCrowded && !tail.isWaiting) await watch.tails.rest(tail, false);
        } else if (tail.isCompressed || this.#quietMs(tail.goneSinceMs) >= goneQuietMs) yield* this.#finish(watch, key, tail);
    }
  }

  /** No glob leads there and nothing was written for long: an unfinished last line is one too. */
  async *#finish(watch: FileWatch, key: string, tail: FileTail): AsyncGenerator<LineBlock | undefined> {
    // Torn by damage, not by its writer: repaired, it is read on from the start of that line.
    if (tail.problem !== '') {
      await watch.close(key, tail);
      return;
    }
    const step = await this.#next(tail, true);
    if (step.is === 'lines') yield this.#counted(step.block);
    else if (step.is !== 'end') yield undefined;
    else if (tail.isNowhere || tail.isCompressed) await watch.close(key, tail);
    // Its new name is known: looked at from time to time, and opened again when it grows.
    else await watch.tails.rest(tail, false);
  }

  #next(tail: FileTail, last: boolean): Promise<TailStep> {
    const { clock } = this.#options;
    return tail.next(this.#buffers, { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs(), last });
  }

  #counted(block: LineBlock): LineBlock {
    this.#linesRead += block.count;
    this.#bytesRead += block.bytesRead;
    this.#lastReadMs = block.readAtMs;
    return block;
  }

  async #keepScanning(watch: FileWatch, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let scanMs = 0;
    for (;;) {
      // Large trees are looked at less often, so that looking takes no more than a few percent of a core.
      const pauseMs = Math.min(Math.max(scanIntervalMs, scanMs * 20), scanPauseMsMax);
      for await (const _ of ticks(pauseMs, { clock, signal })) break;
      if (signal.aborted) return;
      const begunMs = clock.monotonicMs();
      await watch.scan(signal).catch((error: unknown) => {
        this.#options.log.warn({ source: this.#options.source.id, error }, 'looking for files failed; it is tried again');
      });
      scanMs = clock.monotonicMs() - begunMs;
    }
  }
}

const noLines = {
  bytes: Buffer.alloc(0),
  count: 0,
  starts: new Uint32Array(0),
  ends: new Uint32Array(0),
  sourceStarts: new Uint32Array(0),
  cut: [],
};

/** No lines, only where a stream stands. */
function placeBlock({ stream, offset, lineNumber, tailHash, tailBytes, cursor }: StreamPosition, readAtMs: number): LineBlock {
  const place = { baseOffset: offset, endOffset: offset, endLineNumber: lineNumber, tailHash, tailBytes, cursor, bytesRead: 0 };
  return { stream, readAtMs, ...noLines, ...place };
}
