// The next whole lines (or records) of a file behind a place, read with the bytes before it as proof.
// Promises: every read overlaps the last bytes known (the tail), so that a file rewritten between two looks is noticed
// without an extra call; an unfinished last line or record is not handed out before it is said to be whole; a line beyond
// the limit is cut once its end is found, and its rest skipped; memory is the shared buffers' alone.
import { limits } from '../../proto/delivery.ts';
import type { Framing, LineFeed } from '../ports.ts';
import { keptCopy, proofBytesMax, readAt } from './file-proof.ts';
import type { ReadableBytes } from './followed-bytes.ts';
import { bufferBytesMax, chunkBytesMax, findLineFeed, lineFeedBytes, type LineBuffers } from './line-buffers.ts';

export interface ReadPlace {
  readonly offset: number;
  /** The bytes before the offset, up to as many as a proof takes. */
  readonly tail: Buffer;
  /** Where the search for the end of an over-long line goes on; 0 before it began. */
  readonly searchedTo: number;
}

export interface ReadWish {
  readonly size: number;
  readonly lineFeed: LineFeed;
  readonly framing: Framing;
  /** Records are whole as they stand; half lines are not. */
  readonly isQuiet: boolean;
  /** No more will be written, so an unfinished last line is a line too. */
  readonly isLast: boolean;
}

export type FoundStep =
  /** In the buffers, perhaps none where only a header was read; `tail` is the proof behind them. */
  | { readonly is: 'lines'; readonly bytesRead: number; readonly tail: Buffer }
  /** Nothing whole; `isWaiting` when whole lines wait for the rest of their record. */
  | { readonly is: 'end'; readonly isWaiting: boolean; readonly searchedTo: number }
  | { readonly is: 'searching'; readonly searchedTo: number }
  /** The bytes before the place are not those known: another file stands here now. */
  | { readonly is: 'changed' };

/** Other files have their turn after so many megabytes without a line end. */
const searchReadsMax = 16;

export async function readLines(bytes: ReadableBytes, buffers: LineBuffers, place: ReadPlace, wish: ReadWish): Promise<FoundStep> {
  const kept = place.tail.length;
  let filled = await fill(bytes, buffers, place, { length: kept + chunkBytesMax, size: wish.size });
  if (!isProvenIn(buffers, place, filled.end)) return { is: 'changed' };
  let found = split(buffers, filled, place, wish);
  const isStuck = (): boolean => buffers.count === 0 && found.to === kept;
  if (isStuck() && !filled.isEnd) {
    filled = await fill(bytes, buffers, place, { length: bufferBytesMax, size: wish.size });
    if (!isProvenIn(buffers, place, filled.end)) return { is: 'changed' };
    found = split(buffers, filled, place, wish);
    const isOverlong = !found.isWaiting && filled.end - kept > limits.lineBytesMax + lineFeedBytes(wish.lineFeed);
    if (isStuck() && isOverlong) return overlongLine(bytes, buffers, place, wish);
  }
  if (isStuck() && wish.isLast && filled.end > kept) found = splitLast(buffers, filled, place, wish);
  if (isStuck()) return { is: 'end', isWaiting: found.isWaiting, searchedTo: 0 };
  const tail = keptCopy(buffers.bytes.subarray(Math.max(0, found.to - proofBytesMax), found.to));
  return { is: 'lines', bytesRead: found.to - kept, tail };
}

function isProvenIn({ bytes }: LineBuffers, { tail }: ReadPlace, end: number): boolean {
  return end >= tail.length && tail.compare(bytes, 0, tail.length) === 0;
}

interface Filled {
  readonly kept: number;
  readonly end: number;
  /** The file holds no more. */
  readonly isEnd: boolean;
}

interface Split {
  /** Where the first unfinished line or record begins. */
  readonly to: number;
  readonly isWaiting: boolean;
}

function split(buffers: LineBuffers, { kept, end, isEnd }: Filled, { offset }: ReadPlace, { lineFeed, framing, isQuiet }: ReadWish): Split {
  const from = buffers.split(kept, end, lineFeed);
  const isAny = buffers.count > 0;
  const to = buffers.join(framing, { from, to: end, lineFeed, isWhole: isQuiet && isEnd, sourceOffset: offset });
  // Lines that are read and not handed out (a header) are behind us all the same.
  return { to, isWaiting: isAny && to === kept };
}

/** The half line at the end belongs to the last record too. */
function splitLast(buffers: LineBuffers, { kept, end }: Filled, { offset }: ReadPlace, { lineFeed, framing }: ReadWish): Split {
  const half = buffers.split(kept, end, lineFeed);
  if (half < end) buffers.add(half, end, half - kept);
  return { to: buffers.join(framing, { from: end, to: end, lineFeed, isWhole: true, sourceOffset: offset }), isWaiting: false };
}

/** Reads from the proof on, at most to `length`; the buffer first grows as far as the file makes it useful. */
async function fill(
  bytes: ReadableBytes,
  buffers: LineBuffers,
  { offset, tail }: ReadPlace,
  { length, size }: { readonly length: number; readonly size: number },
): Promise<Filled> {
  buffers.growTo(Math.min(length, tail.length + Math.max(0, size - offset) + 1));
  const wanted = Math.min(length, buffers.bytes.length);
  const { bytesRead: end } = await bytes.read(buffers.bytes, 0, wanted, offset - tail.length);
  return { kept: tail.length, end, isEnd: end < wanted };
}

/** The line at our place does not end within the limit: find its end, then hand out its first bytes. */
async function overlongLine(bytes: ReadableBytes, buffers: LineBuffers, place: ReadPlace, wish: ReadWish): Promise<FoundStep> {
  const { offset } = place;
  const { lineFeed } = wish;
  const unit = lineFeedBytes(lineFeed);
  let at = Math.max(place.searchedTo, offset + limits.lineBytesMax);
  let lineEnd = -1;
  for (let turn = 0; lineEnd < 0; turn++) {
    if (turn === searchReadsMax) return { is: 'searching', searchedTo: at };
    const { bytesRead } = await bytes.read(buffers.bytes, 0, buffers.bytes.length, at);
    const newline = findLineFeed(buffers.bytes, { from: 0, to: bytesRead, lineFeed });
    if (newline >= 0) lineEnd = at + newline + unit;
    else if (bytesRead < unit && wish.isLast) lineEnd = at + bytesRead;
    else if (bytesRead < unit) return { is: 'end', isWaiting: false, searchedTo: at };
    // Half a unit is read again with its other half.
    at += bytesRead - (bytesRead % unit);
  }
  const { kept, end } = await fill(bytes, buffers, place, { length: bufferBytesMax, size: wish.size });
  if (!isProvenIn(buffers, place, end)) return { is: 'changed' };
  buffers.reset();
  buffers.add(kept, Math.min(end, kept + limits.lineBytesMax + unit), 0);
  return { is: 'lines', bytesRead: lineEnd - offset, tail: await readAt(bytes, lineEnd - proofBytesMax, proofBytesMax) };
}
