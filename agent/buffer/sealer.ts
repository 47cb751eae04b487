// Gathers filtered and trimmed lines of all streams of a lane into batches of a good size.
// Promises: order is kept per stream; every batch carries position and cumulative counters behind exactly its lines, so
// that the ledger balances; a batch holds lines of one minute of reading. A block is copied before `add` returns.
// Seals when the limits of delivery.ts or the size aimed at would be passed, when the minute changes, and when asked
// (the flush interval is the caller's). The raw size aimed at follows how well the last batches compressed.
// Bodies come as promises, to be awaited in the order given: compression runs beside reading (seal-batch.ts).
import { createHash } from 'node:crypto';
import { limits } from '../../proto/delivery.ts';
import { LinesWriter } from '../../proto/framing/lines-writer.ts';
import type { LineBlock, SealedBody, StreamCounters, StreamPosition } from '../ports.ts';
import { sealBatch, type Piece, type RawBatch, type SealOptions } from './seal-batch.ts';

/** Lines of a block that filter and trim left: line i is bytes[starts[i], ends[i]) and was line indexes[i] of the block. */
export interface KeptLines {
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly indexes: Uint32Array;
  readonly linesTrimmed: number;
  /** A trim is configured for this source, whether or not it found something to cut. */
  readonly isTrimmed: boolean;
  /** Lines of the block in [from, to) that the filter dropped for a reason that is counted apart. */
  readonly droppedBetween?: (from: number, to: number) => Readonly<Record<string, number>>;
}

export type Sealing = Promise<readonly SealedBody[]>;

const kibibyte = 1024;
const compressedAim = 256 * kibibyte;
const rawAimMin = 128 * kibibyte;
/** A piece is the least that a batch can be cut into: it fits the wire however badly it compresses. */
const pieceBytesMax = 256 * kibibyte;
const streamsMax = 256;
/** One is filled while the pipeline's few batches ahead are compressed. */
const spareWritersMax = 4;
const minuteMs = 60_000;
const ratiosKept = 4;
const streamsRemembered = 16_384;
/** As StreamEntry.tail_hash is defined. */
const tailBytesMax = 1_024;
const noTail = new Uint8Array(0);
const noCounters: StreamCounters = {
  linesRead: 0,
  linesFiltered: 0,
  linesTrimmed: 0,
  linesCut: 0,
  bytesRead: 0,
  bytesKept: 0,
  linesDropped: {},
};

export class Sealer {
  readonly #options: SealOptions;
  #writer = new LinesWriter();
  /** Megabytes each, used again: left to the collector they would pile up outside the heap, where it seldom looks. */
  readonly #spareWriters: LinesWriter[] = [];
  /** Counters and line numbers of streams go on from here. In order of last use. */
  #last = new Map<string, StreamCounters>();
  #streams: string[] = [];
  #pieces: Piece[] = [];
  #minute = 0;
  #ratios = [4];

  /** `resume` is what the buffer remembers: counters are cumulative over restarts. */
  constructor(options: SealOptions, resume: readonly StreamPosition[]) {
    this.#options = options;
    for (const { stream, counters } of resume) this.#last.set(stream.streamId, counters);
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Not only positions and counters. */
  get hasLines(): boolean {
    return this.#writer.lineCount > 0;
  }

  /** Copies what is kept; gives back the batches that became full. */
  add(block: LineBlock, kept: KeptLines): Sealing[] {
    const due: Sealing[] = [];
    const minute = Math.floor(block.readAtMs / minuteMs);
    if (minute !== this.#minute) due.push(...this.seal());
    this.#minute = minute;
    for (let from = 0, fromLine = 0; ;) {
      const to = behindPlace(block, kept, this.#pieceEnd(kept, from));
      const isLast = to === kept.count;
      const toLine = isLast ? block.count : (kept.indexes[to] ?? block.count);
      if (!this.#hasRoom(block.stream.streamId, kept, from, to)) due.push(...this.seal());
      this.#take({ block, kept, from, to, fromLine, toLine });
      if (isLast) return due;
      from = to;
      fromLine = toLine;
    }
  }

  /** What was gathered so far; nothing when that is nothing. */
  seal(): Sealing[] {
    if (this.#pieces.length === 0) return [];
    const writer = this.#writer;
    const batch = { pieces: this.#pieces, lines: writer.bytes(), lineCount: writer.lineCount, streams: this.#streams };
    this.#writer = this.#spareWriters.pop() ?? new LinesWriter();
    this.#pieces = [];
    this.#streams = [];
    return [this.#compressed(batch, writer)];
  }

  async #compressed(batch: RawBatch, writer: LinesWriter): Promise<SealedBody[]> {
    const bodies = await sealBatch(batch, this.#options);
    writer.reset();
    if (this.#spareWriters.length < spareWritersMax) this.#spareWriters.push(writer);
    for (const { body, rawBytes } of bodies) if (rawBytes > rawAimMin / 2) this.#ratios.push(rawBytes / body.length);
    this.#ratios = this.#ratios.slice(-ratiosKept);
    return bodies;
  }

  get #rawAim(): number {
    const aim = compressedAim * Math.min(...this.#ratios);
    return Math.max(rawAimMin, Math.min(aim, limits.batchRawBytesMax - pieceBytesMax));
  }

  #pieceEnd({ count, starts, ends }: KeptLines, from: number): number {
    let bytes = 0;
    for (let line = from; line < count; line++) {
      bytes += (ends[line] ?? 0) - (starts[line] ?? 0);
      if (bytes > pieceBytesMax) return Math.max(line, from + 1);
      if (line - from >= limits.batchLinesMax / 4) return line;
    }
    return count;
  }

  #hasRoom(streamId: string, { starts, ends }: KeptLines, from: number, to: number): boolean {
    if (this.#pieces.length === 0) return true;
    if (!this.#streams.includes(streamId) && this.#streams.length >= streamsMax) return false;
    if (this.#writer.lineCount + to - from > limits.batchLinesMax) return false;
    let bytes = 0;
    for (let line = from; line < to; line++) bytes += (ends[line] ?? 0) - (starts[line] ?? 0);
    return this.#writer.byteLength + bytes <= this.#rawAim;
  }

  #take(piece: PieceOfBlock): void {
    const { block, kept, from, to } = piece;
    const { streamId } = block.stream;
    const position = this.#positionBehind(piece);
    this.#last.delete(streamId);
    this.#last.set(streamId, position.counters);
    this.#forgetOldest();
    if (!this.#streams.includes(streamId)) this.#streams.push(streamId);
    if (to > from) this.#writer.beginRun(this.#streams.indexOf(streamId), block.readAtMs);
    const cut = block.cut.length > 0 ? new Set(block.cut) : undefined;
    for (let line = from; line < to; line++) {
      const index = kept.indexes[line] ?? 0;
      const offset = block.baseOffset + (block.sourceStarts[index] ?? 0);
      this.#writer.line(kept.bytes, kept.starts[line] ?? 0, kept.ends[line] ?? 0, offset);
      if (cut?.has(index)) this.#writer.markCut();
    }
    this.#pieces.push({ lineCount: to - from, position, isTrimmed: kept.isTrimmed });
  }

  #positionBehind({ block, kept, from, to, fromLine, toLine }: PieceOfBlock): StreamPosition {
    const isEnd = toLine === block.count;
    const sourceOffset = (line: number): number => block.baseOffset + (block.sourceStarts[line] ?? 0);
    const offset = isEnd ? block.endOffset : sourceOffset(toLine);
    const before = this.#last.get(block.stream.streamId) ?? noCounters;
    // Bytes that the whole block consumed, less what its earlier pieces have counted already.
    const whole = isEnd
      ? block.bytesRead - (fromLine > 0 ? sourceOffset(fromLine) - block.baseOffset : 0)
      : offset - sourceOffset(fromLine);
    const bytesRead = block.part?.bytesBetween(fromLine, toLine) ?? whole;
    let bytesKept = 0;
    for (let line = from; line < to; line++) bytesKept += (kept.ends[line] ?? 0) - (kept.starts[line] ?? 0);
    const dropped = isEnd ? Object.entries(block.dropped ?? {}) : [];
    const linesDropped = { ...before.linesDropped };
    const byFilter = Object.entries(kept.droppedBetween?.(fromLine, toLine) ?? {});
    for (const [reason, count] of [...dropped, ...byFilter]) linesDropped[reason] = (linesDropped[reason] ?? 0) + count;
    const counters = {
      linesRead: before.linesRead + toLine - fromLine + sumOf(dropped),
      linesFiltered: before.linesFiltered + (toLine - fromLine) - (to - from) - sumOf(byFilter),
      linesTrimmed: before.linesTrimmed + (isEnd ? kept.linesTrimmed : 0),
      linesCut: before.linesCut + block.cut.filter((line) => line >= fromLine && line < toLine).length,
      bytesRead: before.bytesRead + bytesRead,
      bytesKept: before.bytesKept + bytesKept,
      linesDropped,
    };
    const isInside = block.part && !isEnd;
    const lineNumber = isInside ? block.part.lineNumberBefore(toLine) : block.endLineNumber - (block.count - toLine);
    const proof = isEnd ? { tailHash: new Uint8Array(block.tailHash), tailBytes: block.tailBytes } : proofInside(block, toLine);
    // A journal's cursor is the place behind a block; what a file's carries holds for every place in it.
    const cursor = isEnd || block.stream.file ? block.cursor : '';
    return { stream: block.stream, offset, lineNumber, ...proof, cursor, counters };
  }

  #forgetOldest(): void {
    const [oldest] = this.#last.keys();
    if (this.#last.size > streamsRemembered && oldest !== undefined) this.#last.delete(oldest);
  }
}

/** Lines that carry one place in the source (records that overlap) are not parted: nobody could go on between them. */
function behindPlace({ sourceStarts }: LineBlock, { count, indexes }: KeptLines, line: number): number {
  let to = line;
  while (to > 0 && to < count && sourceStarts[indexes[to] ?? 0] === sourceStarts[indexes[to - 1] ?? 0]) to++;
  return to;
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * The tail hash at the beginning of a line inside a block, where the block's bytes are the source's own; elsewhere none:
 * the right place, but nothing to tell a replaced file by.
 */
function proofInside(block: LineBlock, line: number): Pick<StreamPosition, 'tailHash' | 'tailBytes'> {
  const shiftOf = (at: number): number => (block.starts[at] ?? 0) - (block.sourceStarts[at] ?? 0);
  const end = block.starts[line] ?? 0;
  const isMirror = !block.isDecoded && shiftOf(line) === shiftOf(0) && end - (block.starts[0] ?? 0) >= tailBytesMax;
  if (!isMirror) return { tailHash: noTail, tailBytes: 0 };
  const hash = createHash('sha256')
    .update(block.bytes.subarray(end - tailBytesMax, end))
    .digest();
  return { tailHash: hash.subarray(0, 16), tailBytes: tailBytesMax };
}

interface PieceOfBlock {
  readonly block: LineBlock;
  readonly kept: KeptLines;
  /** Of the kept lines. */
  readonly from: number;
  readonly to: number;
  /** Of the block's lines, filtered ones included. */
  readonly fromLine: number;
  readonly toLine: number;
}
