// Where following begins when a file is taken up at its end: at the start of its unfinished last line, so that the line
// is not torn, or at the very end.
import type { FileHandle } from 'node:fs/promises';
import { limits } from '../../proto/delivery.ts';
import { readAt } from './file-proof.ts';

const stepBytes = 64 * 1024;

/** A last line longer than the line limit begins at the end: it would be cut anyway. */
export async function lastLineStart(handle: FileHandle, size: number): Promise<number> {
  const floor = Math.max(0, size - limits.lineBytesMax);
  for (let end = size; end > floor;) {
    const start = Math.max(floor, end - stepBytes);
    const newline = (await readAt(handle, start, end - start)).lastIndexOf(0x0a);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return floor === 0 ? 0 : size;
}
