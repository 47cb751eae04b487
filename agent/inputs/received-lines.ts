// Lines that came unasked (sockets, pipes) wait here until the pipeline pulls them.
// Promises: order is kept per stream; memory is bounded: when it is full, readables that were attached are paused until half
// of it is free again, and who cannot be paused (UDP) asks isFull first and counts what it drops. What is dropped goes to
// the pipeline with the stream's next block, or in a block without lines.
// A chunk holds the lines of many streams as they came; each stream of it becomes one block.
import { Wake } from '../../proto/runtime/wake.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import type { LineBlock } from '../ports.ts';
import type { LiveStream } from './live-streams.ts';

/** What can be told to wait. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

const chunkBytes = 256 * 1024;
const chunkLinesMax = 4_096;
const sparesMin = 2;
const noTail = new Uint8Array(0);
const noBytes = Buffer.alloc(0);
const none = 0xffff_ffff;

interface Run {
  first: number;
  last: number;
  count: number;
  bytes: number;
}

class Chunk {
  readonly bytes: Buffer;
  readonly starts = new Uint32Array(chunkLinesMax);
  readonly ends = new Uint32Array(chunkLinesMax);
  /** The next line of the same stream. */
  readonly next = new Uint32Array(chunkLinesMax);
  readonly runs = new Map<LiveStream, Run>();
  readonly cut = new Set<number>();
  readAtMs = 0;
  filled = 0;
  count = 0;

  constructor(byteLength: number) {
    this.bytes = Buffer.allocUnsafeSlow(byteLength);
  }

  hasRoom(byteLength: number): boolean {
    return this.count < chunkLinesMax && this.bytes.length - this.filled >= byteLength;
  }

  add(stream: LiveStream, line: Buffer, isCut: boolean): void {
    const at = this.count++;
    this.starts[at] = this.filled;
    line.copy(this.bytes, this.filled);
    this.filled += line.length;
    this.ends[at] = this.filled;
    this.next[at] = none;
    if (isCut) this.cut.add(at);
    const run = this.runs.get(stream);
    if (!run) {
      this.runs.set(stream, { first: at, last: at, count: 1, bytes: line.length });
      return;
    }
    this.next[run.last] = at;
    run.last = at;
    run.count += 1;
    run.bytes += line.length;
  }

  reset(): void {
    this.runs.clear();
    this.cut.clear();
    this.filled = 0;
    this.count = 0;
  }
}

export class ReceivedLines {
  readonly #clock: Clock;
  readonly #bytesMax: number;
  #waiting: Chunk[] = [];
  #waitingBytes = 0;
  /** Used again as long as they are needed: left to the collector they would pile up outside the heap. */
  readonly #spare: Chunk[] = [];
  readonly #attached = new Set<Pausable>();
  #arePaused = false;
  /** Streams with drops that no block has told yet. */
  readonly #dropping = new Set<LiveStream>();
  readonly #arrived = new Wake();
  /** Of the block that was handed out last. */
  readonly #places = {
    starts: new Uint32Array(chunkLinesMax),
    ends: new Uint32Array(chunkLinesMax),
    sourceStarts: new Uint32Array(chunkLinesMax),
  };
  readonly dropped: Record<string, number> = {};
  linesRead = 0;
  bytesRead = 0;
  lastReadMs = 0;

  /** `bytesMax` is the memory that waiting lines may take. */
  constructor(clock: Clock, bytesMax: number) {
    this.#clock = clock;
    this.#bytesMax = bytesMax;
  }

  get isFull(): boolean {
    return this.#waitingBytes >= this.#bytesMax;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#dropping.size === 0;
  }

  /** Bytes of lines that wait to be pulled. */
  get lagBytes(): number {
    return this.#waiting.reduce((sum, { filled }) => sum + filled, 0);
  }

  /** Copies the line; its memory is the caller's again. */
  add(stream: LiveStream, line: Buffer, isCut: boolean): void {
    const wasEmpty = this.isEmpty;
    let chunk = this.#waiting.at(-1);
    if (!chunk?.hasRoom(line.length)) chunk = this.#newChunk(line.length);
    chunk.add(stream, line, isCut);
    this.linesRead += 1;
    this.bytesRead += line.length;
    if (this.isFull && !this.#arePaused) this.#pauseAll();
    if (wasEmpty) this.#arrived.wake();
  }

  /** Lines that were read, or are known to have been there, and will never come. */
  drop(stream: LiveStream, reason: string, count: number): void {
    const wasEmpty = this.isEmpty;
    this.linesRead += count;
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    stream.dropped ??= {};
    stream.dropped[reason] = (stream.dropped[reason] ?? 0) + count;
    this.#dropping.add(stream);
    if (wasEmpty) this.#arrived.wake();
  }

  /** The readable is paused and resumed from here until it is detached. */
  attach(readable: Pausable): void {
    this.#attached.add(readable);
    if (this.#arePaused) readable.pause();
  }

  detach(readable: Pausable): void {
    this.#attached.delete(readable);
  }

  /** Resolves when something waits, or when the signal aborts. */
  async arrived(signal: AbortSignal): Promise<void> {
    while (this.isEmpty && !signal.aborted) await this.#arrived.wait(signal);
  }

  /** Blocks of what waits now and of what comes while they are pulled; a block is good until the next is pulled. */
  *blocks(): Generator<LineBlock> {
    for (let chunk = this.#waiting.shift(); chunk; chunk = this.#waiting.shift()) {
      this.#waitingBytes -= chunk.bytes.length;
      this.lastReadMs = chunk.readAtMs;
      for (const [stream, run] of chunk.runs) yield this.#block(stream, chunk, run);
      this.#release(chunk);
    }
    for (const stream of this.#dropping) yield this.#dropBlock(stream);
    if (this.#spare.length > sparesMin) this.#spare.pop();
  }

  #newChunk(lineBytes: number): Chunk {
    const spare = lineBytes <= chunkBytes ? this.#spare.pop() : undefined;
    const chunk = spare ?? new Chunk(Math.max(chunkBytes, lineBytes));
    chunk.readAtMs = this.#clock.nowMs();
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.bytes.length;
    return chunk;
  }

  #release(chunk: Chunk): void {
    chunk.reset();
    if (chunk.bytes.length === chunkBytes) this.#spare.push(chunk);
    if (!this.#arePaused || this.#waitingBytes > this.#bytesMax / 2) return;
    this.#arePaused = false;
    for (const readable of this.#attached) readable.resume();
  }

  #pauseAll(): void {
    this.#arePaused = true;
    for (const readable of this.#attached) readable.pause();
  }

  #block(stream: LiveStream, chunk: Chunk, run: Run): LineBlock {
    const { starts, ends, sourceStarts } = this.#places;
    const cut: number[] = [];
    let offset = 0;
    for (let line = run.first, i = 0; line !== none; line = chunk.next[line] ?? none, i++) {
      const start = chunk.starts[line] ?? 0;
      const end = chunk.ends[line] ?? 0;
      starts[i] = start;
      ends[i] = end;
      sourceStarts[i] = offset;
      offset += end - start;
      if (chunk.cut.size > 0 && chunk.cut.has(line)) cut.push(i);
    }
    const lines = { bytes: chunk.bytes, count: run.count, starts, ends, sourceStarts, cut };
    return this.#placed(stream, chunk.readAtMs, lines, run.bytes);
  }

  #dropBlock(stream: LiveStream): LineBlock {
    const lines = { bytes: noBytes, count: 0, ...this.#places, cut: [] };
    return this.#placed(stream, this.#clock.nowMs(), lines, 0);
  }

  /** Offsets count the bytes of the lines themselves, without what framed them. */
  #placed(
    stream: LiveStream,
    readAtMs: number,
    lines: Pick<LineBlock, 'bytes' | 'count' | 'starts' | 'ends' | 'sourceStarts' | 'cut'>,
    bytesRead: number,
  ): LineBlock {
    const baseOffset = stream.offset;
    stream.offset += bytesRead;
    stream.lineNumber += lines.count;
    const { dropped, offset: endOffset, lineNumber: endLineNumber } = stream;
    stream.dropped = undefined;
    this.#dropping.delete(stream);
    const place = { baseOffset, endOffset, endLineNumber, tailHash: noTail, tailBytes: 0, cursor: '', bytesRead };
    return { stream: stream.info, readAtMs, ...lines, ...place, ...(dropped ? { dropped } : {}) };
  }
}
