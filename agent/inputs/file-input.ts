// Follows the files of one source: their whole lines, in order per file, with fair turns between files.
// Promises: rename rotation, copytruncate, truncate-and-rewrite, deletion and files that appear later lose no whole line
// and repeat none (residues: DECISION-file-identity.md); nothing is read ahead of the consumer; looking for files goes
// on while the consumer is busy, so that what is rotated meanwhile is held open. Memory: one chunk, grown for long lines.
// An unfinished last line is handed out only when its file is gone (renamed away or deleted) and has been quiet.
import { ticks } from '../../proto/runtime/ticks.ts';
import type { Input, LineBlock, SourceStatus, StreamPosition } from '../ports.ts';
import type { FileTail } from './file-tail.ts';
import { FileWatch, type FileInputOptions } from './file-watch.ts';
import { LineBuffers } from './line-buffers.ts';

const pollIntervalMs = 100;
const scanIntervalMs = 500;
/** A gone file may still be written by a process that holds it: it is left after this much silence. */
const goneQuietMs = 10_000;
/** More than this many open files: those that are quiet give their descriptor back. */
const openFilesMax = 512;

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
        for (const [key, tail] of watch.tails) {
          if (signal.aborted) break;
          for await (const block of this.#turn(watch, key, tail)) {
            isQuiet = false;
            if (block) yield block;
          }
        }
        if (isQuiet) await clock.sleep(pollIntervalMs, either).catch(() => undefined);
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
      problem: this.#watch?.problem ?? '',
    };
  }

  /** One chunk of one file; yields nothing when there is nothing to read, undefined when there is more to do first. */
  async *#turn(watch: FileWatch, key: string, tail: FileTail): AsyncGenerator<LineBlock | undefined> {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const step = await tail.next(this.#buffers, { nowMs, last: false });
    switch (step.is) {
      case 'lines':
        if (tail.goneSinceMs !== undefined) tail.goneSinceMs = clock.monotonicMs();
        yield this.#counted(step.block, nowMs);
        return;
      case 'restarted':
        await watch.followCopy(step.left);
        yield undefined;
        return;
      case 'searching':
        yield undefined;
        return;
      case 'end':
        if (tail.goneSinceMs !== undefined && clock.monotonicMs() - tail.goneSinceMs >= goneQuietMs) yield* this.#finish(watch, key, tail);
        else if (watch.tails.size > openFilesMax && tail.goneSinceMs === undefined && tail.lagBytes === 0) await tail.rest();
    }
  }

  async *#finish(watch: FileWatch, key: string, tail: FileTail): AsyncGenerator<LineBlock | undefined> {
    const nowMs = this.#options.clock.nowMs();
    const step = await tail.next(this.#buffers, { nowMs, last: true });
    if (step.is === 'lines') yield this.#counted(step.block, nowMs);
    else if (step.is === 'end') await watch.close(key, tail);
    else yield undefined;
  }

  #counted(block: LineBlock, nowMs: number): LineBlock {
    this.#linesRead += block.count;
    this.#bytesRead += block.bytesRead;
    this.#lastReadMs = nowMs;
    return block;
  }

  async #keepScanning(watch: FileWatch, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let scanMs = 0;
    for (;;) {
      // Large trees are looked at less often, so that looking never takes more than a few percent of a core.
      const pauseMs = Math.max(scanIntervalMs, scanMs * 20);
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
