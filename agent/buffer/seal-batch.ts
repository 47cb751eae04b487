// Turns the lines of one batch into a body that fits the wire: compressed, with the position and counters of each stream.
// Promises: no body is above the limits of delivery.ts. Compressed size is known only afterwards, so a body that came out
// too large is cut in two at a piece's end, before it has a number; a single line that cannot be made to fit is shortened
// and marked as cut. Compression runs in the thread pool: the caller may go on reading meanwhile, and keeps the order.
import { limits } from '../../proto/delivery.ts';
import { encodeBatchBody } from '../../proto/framing/encode-batch.ts';
import { LinesReader } from '../../proto/framing/lines-reader.ts';
import { LinesWriter } from '../../proto/framing/lines-writer.ts';
import type { StreamEntry } from '../../proto/framing/messages.ts';
import { assert } from '../../proto/runtime/errors.ts';
import type { SealedBody, StreamPosition } from '../ports.ts';
import { LineCompressor } from './line-compressor.ts';

/** Consecutive kept lines of one stream (perhaps none), and the position behind them. */
export interface Piece {
  readonly lineCount: number;
  readonly position: StreamPosition;
  readonly isTrimmed: boolean;
}

export interface RawBatch {
  readonly pieces: readonly Piece[];
  /** An encoded Lines; its streams are numbered as `streams` has them. */
  readonly lines: Buffer;
  readonly lineCount: number;
  readonly streams: readonly string[];
}

export interface SealOptions {
  readonly policyHash: Uint8Array;
  /** zstd, 1 to 9. */
  readonly level: number;
}

const empty = Buffer.alloc(0);
const compressors = new Map<number, LineCompressor>();
/** Any line of this length fits, however badly it compresses. */
const shortenedBytes = 256 * 1024;

export async function sealBatch(batch: RawBatch, options: SealOptions): Promise<SealedBody[]> {
  const positions = lastPositions(batch);
  const streams = positions.map(({ position, isTrimmed }) => entryOf(position, isTrimmed, options.policyHash));
  const rawBytes = batch.lineCount === 0 ? 0 : batch.lines.length;
  const bodyOf = (lines: Buffer): Buffer => encodeBatchBody({ streams, lineCount: batch.lineCount, rawBytes, lines });
  const body = batch.lineCount === 0 ? bodyOf(empty) : await compressorOf(options.level).compress(batch.lines, bodyOf);
  if (body.length <= limits.batchBytesMax) {
    return [{ body, lineCount: batch.lineCount, rawBytes, positions: positions.map(({ position }) => position) }];
  }
  if (batch.pieces.length === 1) return sealBatch(shortened(batch), options);
  const middle = Math.ceil(batch.pieces.length / 2);
  const linesBefore = batch.pieces.slice(0, middle).reduce((sum, { lineCount }) => sum + lineCount, 0);
  const first = part(batch, { pieces: batch.pieces.slice(0, middle), from: 0, to: linesBefore });
  const second = part(batch, { pieces: batch.pieces.slice(middle), from: linesBefore, to: batch.lineCount });
  return [...(await sealBatch(first, options)), ...(await sealBatch(second, options))];
}

/** One context of a megabyte serves all lanes. */
function compressorOf(level: number): LineCompressor {
  const known = compressors.get(level) ?? new LineCompressor(level);
  compressors.set(level, known);
  return known;
}

/** One a stream, in the order of `streams`. */
function lastPositions({ pieces, streams }: RawBatch): Piece[] {
  const last = new Map<string, Piece>();
  for (const piece of pieces) {
    const { streamId } = piece.position.stream;
    const isTrimmed = piece.isTrimmed || (last.get(streamId)?.isTrimmed ?? false);
    last.set(streamId, { ...piece, isTrimmed });
  }
  return streams.flatMap((streamId) => last.get(streamId) ?? []);
}

function entryOf({ stream, ...position }: StreamPosition, isTrimmed: boolean, policyHash: Uint8Array): StreamEntry {
  return {
    ...stream,
    policyHash,
    isTrimmed,
    endOffset: position.offset,
    endLineNumber: position.lineNumber,
    tailHash: position.tailHash,
    tailBytes: position.tailBytes,
    counters: position.counters,
    cursor: position.cursor,
  };
}

function part(batch: RawBatch, cut: { readonly pieces: readonly Piece[]; readonly from: number; readonly to: number }): RawBatch {
  const streams = [...new Set(cut.pieces.map(({ position }) => position.stream.streamId))];
  const lines = rewrite(batch, { ...cut, lineBytesMax: limits.lineBytesMax, streams });
  return { pieces: cut.pieces, lines, lineCount: cut.to - cut.from, streams };
}

function shortened(batch: RawBatch): RawBatch {
  assert(batch.lineCount > 0, 'a body without lines is above the limit');
  const lineBytesMax = Math.floor(shortenedBytes / batch.lineCount);
  return { ...batch, lines: rewrite(batch, { from: 0, to: batch.lineCount, lineBytesMax, streams: batch.streams }) };
}

function rewrite(
  batch: RawBatch,
  cut: { readonly from: number; readonly to: number; readonly lineBytesMax: number; readonly streams: readonly string[] },
): Buffer {
  const reader = new LinesReader();
  const opened = reader.open(batch.lines, batch);
  assert(opened.ok, 'our own lines cannot be read');
  const writer = new LinesWriter();
  for (let line = cut.from; line < cut.to; line++) {
    reader.moveTo(line);
    const { bytes, start, end } = reader;
    const shortEnd = Math.min(end, start + cut.lineBytesMax);
    writer.beginRun(cut.streams.indexOf(batch.streams[reader.stream] ?? ''), reader.readAtMs);
    writer.line(bytes, start, shortEnd, reader.sourceOffset);
    if (reader.isCut || shortEnd < end) writer.markCut();
  }
  return writer.bytes();
}
