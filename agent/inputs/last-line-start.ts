// Where following begins when a file is taken up at its end: at the start of its unfinished last line, so that the line
// is not torn, or at the very end.
import { limits } from '../../proto/delivery.ts';
import type { LineFeed } from '../ports.ts';
import { readAt } from './file-proof.ts';
import type { ReadableBytes } from './followed-bytes.ts';
import { findLineFeed, lineFeedBytes } from './line-buffers.ts';

const stepBytes = 64 * 1024;

/** A last line longer than the line limit begins at the end: it would be cut anyway. */
export async function lastLineStart(bytes: ReadableBytes, size: number, lineFeed: LineFeed): Promise<number> {
  const unit = lineFeedBytes(lineFeed);
  // Units of UTF-16 stand at even places.
  const whole = size - (size % unit);
  const floor = Math.max(0, whole - limits.lineBytesMax);
  for (let end = whole; end > floor;) {
    const start = Math.max(floor, end - stepBytes);
    const newline = lastLineFeed(await readAt(bytes, start, end - start), lineFeed);
    if (newline >= 0) return start + newline + unit;
    end = start;
  }
  return floor === 0 ? 0 : whole;
}

function lastLineFeed(bytes: Buffer, lineFeed: LineFeed): number {
  if (lineFeed === 'byte') return bytes.lastIndexOf(0x0a);
  let last = -1;
  for (let at = findLineFeed(bytes, { from: 0, to: bytes.length, lineFeed }); at >= 0;) {
    last = at;
    at = findLineFeed(bytes, { from: at + 2, to: bytes.length, lineFeed });
  }
  return last;
}
