// One file followed through growth, truncation and rewriting: the next whole lines, please.
// Promises: every read overlaps the last bytes known (the tail), so that a file rewritten between two looks is noticed
// without an extra call; an unfinished last line is never handed out until the file is gone (half lines stay exact); a
// line beyond the limit is cut once its end is found, and its rest skipped; memory is the shared buffers' alone.
// A file rewritten so that the same bytes stand before our place cannot be told from one that grew.
import { fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { limits } from '../../proto/delivery.ts';
import type { FileIdentity, LineBlock, StreamInfo, StreamPosition } from '../ports.ts';
import { fingerprintOf, isEqual, proofBytesMax, readAt, tailHashOf } from './file-proof.ts';
import { bufferBytesMax, chunkBytesMax, type LineBuffers } from './line-buffers.ts';

export interface TailPlace {
  readonly streamId: string;
  readonly offset: number;
  readonly lineNumber: number;
}

export interface TailOptions {
  readonly handle: FileHandle;
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly place: TailPlace;
  /** What all streams of the source share. */
  readonly source: Pick<StreamInfo, 'sourceId' | 'typeHint' | 'timeZone' | 'labels'>;
  readonly newStreamId: () => string;
  /** Told in the same turn in which the old stream is left: nobody may take its copy for an unknown file in between. */
  readonly onRestart: (left: StreamPosition) => void;
}

export type TailStep =
  | { readonly is: 'lines'; readonly block: LineBlock }
  | { readonly is: 'end' }
  /** The end of an over-long line is still being looked for. */
  | { readonly is: 'searching' }
  /** The file was truncated or rewritten; reading goes on at its start as a new stream. `left` is where the old one stood. */
  | { readonly is: 'restarted'; readonly left: StreamPosition };

/** Other files have their turn after so many megabytes without a line end. */
const searchReadsMax = 16;
const atEnd: TailStep = { is: 'end' };
const noCounters = { linesRead: 0, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 0, bytesKept: 0, linesDropped: {} };

export class FileTail {
  readonly #options: TailOptions;
  #handle: FileHandle | undefined;
  #place: TailPlace;
  #stream: StreamInfo;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  /** Where the search for the end of an over-long line goes on. */
  #scannedTo = 0;
  /** Size and change time at which there was nothing whole to read. */
  #restedAt = { size: -1, changedMs: -1 };
  size = 0;
  /** Monotonic time since which no path of ours leads here any more. */
  goneSinceMs: number | undefined;

  private constructor(options: TailOptions) {
    this.#options = options;
    this.#handle = options.handle;
    this.#place = options.place;
    this.#stream = this.#describe(options.path, new Uint8Array(0), 0);
  }

  static async open(options: TailOptions): Promise<FileTail> {
    const tail = new FileTail(options);
    const { offset } = options.place;
    const length = Math.min(offset, proofBytesMax);
    tail.#tail = await readAt(options.handle, offset - length, length);
    await tail.#growHead();
    return tail;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  get streamId(): string {
    return this.#place.streamId;
  }

  get head(): Buffer {
    return this.#head;
  }

  get lagBytes(): number {
    return Math.max(0, this.size - this.#place.offset);
  }

  get path(): string {
    return this.#stream.path;
  }

  rename(path: string): void {
    if (path !== this.path) this.#stream = { ...this.#stream, path };
  }

  position(): StreamPosition {
    const { offset, lineNumber } = this.#place;
    const [tailHash, tailBytes] = [tailHashOf(this.#tail), this.#tail.length];
    return { stream: this.#stream, offset, lineNumber, tailHash, tailBytes, cursor: '', counters: noCounters };
  }

  /** Gives the file descriptor back; the file must be opened again before it is read. */
  async rest(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  wake(handle: FileHandle): void {
    this.#handle = handle;
  }

  /** `last`: no more will be written, so an unfinished last line is a line too. */
  async next(buffers: LineBuffers, { nowMs, last }: { readonly nowMs: number; readonly last: boolean }): Promise<TailStep> {
    const handle = this.#handle;
    if (!handle) return atEnd;
    const stat = fstatSync(handle.fd);
    this.size = stat.size;
    if (stat.size < this.#place.offset) return this.#restart();
    const isUnchanged = stat.size === this.#restedAt.size && stat.mtimeMs === this.#restedAt.changedMs;
    if (isUnchanged && !last) return atEnd;
    const step = await this.#readLines(handle, buffers, { nowMs, last });
    if (step.is === 'end') this.#restedAt = { size: stat.size, changedMs: stat.mtimeMs };
    return step;
  }

  async #readLines(handle: FileHandle, buffers: LineBuffers, how: { readonly nowMs: number; readonly last: boolean }): Promise<TailStep> {
    const kept = this.#tail.length;
    let end = await this.#fill(handle, buffers, kept + chunkBytesMax);
    if (!this.#isOverlap(buffers.bytes, end)) return this.#restart();
    let split = buffers.split(kept, end);
    if (buffers.count === 0 && end === kept + chunkBytesMax) {
      end = await this.#fill(handle, buffers, bufferBytesMax);
      split = buffers.split(kept, end);
      if (buffers.count === 0 && end - kept > limits.lineBytesMax + 1) return this.#overlongLine(handle, buffers, how);
    }
    if (buffers.count === 0 && how.last && end > kept) {
      buffers.add(kept, end, 0);
      split = end;
    }
    return buffers.count === 0 ? atEnd : this.#advance(buffers, split, how.nowMs);
  }

  /** Reads from the proof on, at most to `length`; the buffer first grows as far as the file makes it useful. */
  async #fill(handle: FileHandle, buffers: LineBuffers, length: number): Promise<number> {
    const wanted = Math.min(length, this.#tail.length + Math.max(0, this.size - this.#place.offset) + 1);
    buffers.growTo(wanted);
    const { bytesRead } = await handle.read(
      buffers.bytes,
      0,
      Math.min(length, buffers.bytes.length),
      this.#place.offset - this.#tail.length,
    );
    return bytesRead;
  }

  #isOverlap(bytes: Buffer, end: number): boolean {
    return end >= this.#tail.length && this.#tail.compare(bytes, 0, this.#tail.length) === 0;
  }

  /** The line at our place does not end within the limit: find its end, then hand out its first bytes. */
  async #overlongLine(
    handle: FileHandle,
    buffers: LineBuffers,
    { nowMs, last }: { readonly nowMs: number; readonly last: boolean },
  ): Promise<TailStep> {
    const { offset } = this.#place;
    let at = Math.max(this.#scannedTo, offset + limits.lineBytesMax);
    let lineEnd = -1;
    for (let turn = 0; lineEnd < 0; turn++) {
      if (turn === searchReadsMax) return { is: 'searching' };
      const { bytesRead } = await handle.read(buffers.bytes, 0, buffers.bytes.length, at);
      const newline = buffers.bytes.subarray(0, bytesRead).indexOf(0x0a);
      if (newline >= 0) lineEnd = at + newline + 1;
      else if (bytesRead === 0 && last) lineEnd = at;
      at += bytesRead;
      this.#scannedTo = at;
      if (bytesRead === 0 && lineEnd < 0) return atEnd;
    }
    const kept = this.#tail.length;
    const end = await this.#fill(handle, buffers, bufferBytesMax);
    buffers.reset();
    buffers.add(kept, Math.min(end, kept + limits.lineBytesMax + 1), 0);
    const proof = await readAt(handle, lineEnd - proofBytesMax, proofBytesMax);
    return this.#step(buffers, { bytesRead: lineEnd - offset, tail: proof, nowMs });
  }

  async #advance(buffers: LineBuffers, split: number, nowMs: number): Promise<TailStep> {
    const bytesRead = split - this.#tail.length;
    const tail = Buffer.from(buffers.bytes.subarray(Math.max(0, split - proofBytesMax), split));
    return this.#step(buffers, { bytesRead, tail, nowMs });
  }

  async #step(
    buffers: LineBuffers,
    read: { readonly bytesRead: number; readonly tail: Buffer; readonly nowMs: number },
  ): Promise<TailStep> {
    const { offset, lineNumber, streamId } = this.#place;
    this.#place = { streamId, offset: offset + read.bytesRead, lineNumber: lineNumber + buffers.count };
    this.#tail = read.tail;
    this.#scannedTo = 0;
    await this.#growHead();
    const { bytes, starts, ends, sourceStarts, count, cut } = buffers;
    const block: LineBlock = {
      bytes,
      starts,
      ends,
      sourceStarts,
      count,
      cut,
      stream: this.#stream,
      readAtMs: read.nowMs,
      baseOffset: offset,
      endOffset: this.#place.offset,
      endLineNumber: this.#place.lineNumber,
      tailHash: tailHashOf(read.tail),
      tailBytes: read.tail.length,
      cursor: '',
      bytesRead: read.bytesRead,
    };
    return { is: 'lines', block };
  }

  /** The fingerprint covers bytes that were read, so that it never changes what it said. */
  async #growHead(): Promise<void> {
    const length = Math.min(this.#place.offset, proofBytesMax);
    if (!this.#handle || this.#head.length >= length) return;
    this.#head = await readAt(this.#handle, 0, length);
    this.#stream = this.#describe(this.path, fingerprintOf(this.#head), this.#head.length);
  }

  #restart(): TailStep {
    const left = this.position();
    this.#options.onRestart(left);
    this.#place = { streamId: this.#options.newStreamId(), offset: 0, lineNumber: 0 };
    this.#head = Buffer.alloc(0);
    this.#tail = Buffer.alloc(0);
    this.#scannedTo = 0;
    this.#restedAt = { size: -1, changedMs: -1 };
    this.#stream = this.#describe(this.path, new Uint8Array(0), 0);
    return { is: 'restarted', left };
  }

  #describe(path: string, fingerprint: Uint8Array, fingerprintBytes: number): StreamInfo {
    const { device, inode, source } = this.#options;
    const file: FileIdentity = { device, inode, fingerprint, fingerprintBytes };
    return { ...source, streamId: this.#place.streamId, file, path };
  }

  /** Looks at the file itself: it may have been truncated since it was last read. One that rests was read to its end. */
  async isReadToEnd(): Promise<boolean> {
    const handle = this.#handle;
    if (!handle) return true;
    const { offset } = this.#place;
    if (fstatSync(handle.fd).size !== offset) return false;
    const tail = this.#tail;
    return isEqual(await readAt(handle, offset - tail.length, tail.length), tail);
  }

  /** Whether another file begins with the bytes that this one began with. */
  beginsLike(head: Uint8Array): boolean {
    const length = this.#head.length;
    return length >= copyProofBytesMin && head.length >= length && isEqual(head.subarray(0, length), this.#head);
  }
}

/** Shorter files look alike too easily to call one a copy of another. */
export const copyProofBytesMin = 64;
