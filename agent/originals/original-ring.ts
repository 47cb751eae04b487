// The originals of one source on their way to disk.
// Promises: `note` returns at once, whatever the disk does, and keeps nothing of the block it was given; lines that find no
// room (8 MiB of all rings wait already, a disk that is full or fails) are counted, told once until it goes well again, and said in the
// frame behind them. A disk that failed is tried again after half a minute.
import { LinesWriter } from '../../proto/framing/lines-writer.ts';
import type { OriginalsKept } from '../../config/policy/sources/originals-kept.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { canBeReadAgain } from '../can-be-read-again.ts';
import type { LineBlock } from '../ports.ts';
import type { FrameStream } from './frame.ts';
import type { NewFrame, RingFiles } from './ring-files.ts';

export interface RingLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface RingStatus {
  readonly sourceId: string;
  readonly bytes: number;
  readonly linesKept: number;
  readonly linesMissed: number;
  readonly problem: string;
}

/** What lines of all rings wait for the disk: bounded together, or a hundred sources would be a hundred times as much. */
export interface Waiting {
  bytes: number;
}

/** Smaller ones cost a third more: each begins a compression anew. */
const frameBytes = 2 * 1024 * 1024;
const waitingBytesMax = 8 * 1024 * 1024;
const streamsMax = 256;
const retryMs = 30_000;
const calmMs = 10_000;

export class OriginalRing {
  readonly sourceId: string;
  readonly #files: RingFiles;
  readonly #clock: Clock;
  readonly #log: RingLog;
  readonly #writing = new Serial();
  readonly #lines = new LinesWriter();
  #streams = new Map<string, FrameStream & { readonly place: number }>();
  #times = { firstMs: Infinity, lastMs: -Infinity };
  readonly #waiting: Waiting;
  /** Of what waits, what is not in a frame yet. */
  #noted = 0;
  #kept = 0;
  #missed = 0;
  /** Missed, and not said in a frame yet. */
  #unsaid = 0;
  #problem = '';
  #retryAtMs = 0;
  #missedAtMs = 0;
  #mustStart = true;
  /** A policy asks for originals of this source; else what is there ages out. */
  #isTaking = false;
  #isGone = false;

  constructor(sourceId: string, { files, waiting, clock, log }: { files: RingFiles; waiting: Waiting; clock: Clock; log: RingLog }) {
    this.sourceId = sourceId;
    this.#waiting = waiting;
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
  }

  /** Absent: nothing more is taken, what is there stays as long as it was promised. */
  follow(kept: OriginalsKept | undefined): void {
    this.#isTaking = kept !== undefined;
    if (!kept) return;
    this.#isGone = false;
    if (kept.keep === this.#files.kept.keep && kept.maxBytes === this.#files.kept.maxBytes) return;
    this.#files.kept = kept;
    // Its limits are written down.
    this.#mustStart = true;
  }

  get isTaking(): boolean {
    return this.#isTaking;
  }

  note(block: LineBlock): void {
    const { bytes, starts, ends, sourceStarts, count, baseOffset, cut } = block;
    if (count === 0 || !this.#isTaking) return;
    const noted = blockBytes(block);
    if (this.#isRefusing() || this.#waiting.bytes + noted > waitingBytesMax) return this.#miss(count);
    this.#waiting.bytes += noted;
    const cuts = cut.length === 0 ? undefined : new Set(cut);
    this.#beginRun(block);
    for (let line = 0; line < count; line++) {
      const [start, end] = [starts[line] ?? 0, ends[line] ?? 0];
      if (!this.#lines.hasRoom(end - start)) {
        this.#cutFrame();
        this.#beginRun(block);
      }
      this.#noted += end - start;
      this.#lines.line(bytes, start, end, baseOffset + (sourceStarts[line] ?? 0));
      if (cuts?.has(line)) this.#lines.markCut();
    }
    if (this.#lines.byteLength >= frameBytes) this.#cutFrame();
  }

  /** Writes what waits and does what age asks for. Resolves when that is on its way to the disk's cache. */
  async tick(): Promise<void> {
    if (this.#isGone) return;
    this.#cutFrame();
    await this.#write(async (files, nowMs) => {
      await files.retain(nowMs);
      if (this.#isTaking || !files.isEmpty) return;
      await files.remove();
      this.#isGone = true;
      this.#mustStart = true;
    });
  }

  async close(): Promise<void> {
    if (this.#isGone) return;
    this.#cutFrame();
    await this.#write((files) => files.end());
  }

  status(): RingStatus {
    const { sourceId } = this;
    return { sourceId, bytes: this.#files.bytes, linesKept: this.#kept, linesMissed: this.#missed, problem: this.#problem };
  }

  #beginRun({ stream, cursor, readAtMs }: LineBlock): void {
    const { streamId, path } = stream;
    if (!this.#streams.has(streamId) && this.#streams.size === streamsMax) this.#cutFrame();
    const canBeAgain = canBeReadAgain({ stream, cursor });
    const known = this.#streams.get(streamId) ?? { place: this.#streams.size, streamId, path, canBeReadAgain: canBeAgain };
    this.#streams.set(streamId, known);
    this.#lines.beginRun(known.place, readAtMs);
    this.#times.firstMs = Math.min(this.#times.firstMs, readAtMs);
    this.#times.lastMs = Math.max(this.#times.lastMs, readAtMs);
  }

  #cutFrame(): void {
    const { lineCount } = this.#lines;
    if (lineCount === 0) return;
    // A copy: what the writer has is overwritten by the next lines.
    const lines = Buffer.from(this.#lines.bytes());
    const streams = [...this.#streams.values()].map(({ streamId, path, canBeReadAgain }): FrameStream => ({
      streamId,
      path,
      canBeReadAgain,
    }));
    const table = { streams, lineCount, rawBytes: lines.length, missed: this.#unsaid };
    const frame: NewFrame = { table, lines, ...this.#times };
    this.#unsaid = 0;
    this.#lines.reset();
    this.#streams = new Map();
    this.#times = { firstMs: Infinity, lastMs: -Infinity };
    const noted = this.#noted;
    this.#noted = 0;
    void this.#write(async (files, nowMs) => {
      await files.append(frame, nowMs);
      this.#kept += lineCount;
      this.#wentWell();
    }, frame).finally(() => (this.#waiting.bytes -= noted));
  }

  /** In order, after a start that may have failed before; a failure is noted and is nobody else's. */
  #write(work: (files: RingFiles, nowMs: number) => Promise<void>, frame?: NewFrame): Promise<void> {
    return this.#writing.run(async () => {
      try {
        if (this.#isRefusing()) throw new Error(this.#problem);
        if (this.#mustStart) await this.#files.start();
        this.#mustStart = false;
        await work(this.#files, this.#clock.nowMs());
      } catch (error) {
        this.#failed(error, frame);
      }
    });
  }

  #failed(error: unknown, frame: NewFrame | undefined): void {
    this.#mustStart = true;
    if (frame) {
      this.#miss(frame.table.lineCount);
      this.#unsaid += frame.table.missed;
    }
    if (this.#isRefusing()) return;
    this.#retryAtMs = this.#clock.monotonicMs() + retryMs;
    this.#complain(error instanceof Error ? error.message : String(error));
  }

  #isRefusing(): boolean {
    return this.#clock.monotonicMs() < this.#retryAtMs;
  }

  /** Not at once: a ring that keeps some lines and misses some tells that once. */
  #wentWell(): void {
    if (this.#problem === '' || this.#clock.monotonicMs() < this.#missedAtMs + calmMs) return;
    this.#log.info({ source: this.sourceId, missed: this.#missed }, 'originals are kept again');
    this.#problem = '';
  }

  #miss(lines: number): void {
    this.#missedAtMs = this.#clock.monotonicMs();
    this.#missed += lines;
    this.#unsaid += lines;
    if (!this.#isRefusing()) this.#complain('lines come faster than they can be written');
  }

  #complain(problem: string): void {
    if (this.#problem === '')
      this.#log.warn({ source: this.sourceId, problem }, 'originals are not kept; delivery goes on, status counts what is missed');
    this.#problem = problem;
  }
}

function blockBytes({ starts, ends, count }: LineBlock): number {
  let bytes = 0;
  for (let line = 0; line < count; line++) bytes += (ends[line] ?? 0) - (starts[line] ?? 0);
  return bytes;
}
