// Writes a list of pieces to a file descriptor completely: writev may stop short, and takes a limited number at once.
// Promises: all bytes are handed to the kernel or it throws (DISK_FULL as an AtalaiaError that can be tried again).
import { writevSync } from 'node:fs';
import { AtalaiaError, errorCode } from '../../../proto/runtime/errors.ts';

const piecesMax = 1_000;

export function writeAll(descriptor: number, pieces: readonly Buffer[]): void {
  let rest = pieces.filter((piece) => piece.length > 0);
  while (rest.length > 0) {
    const now = rest.slice(0, piecesMax);
    rest = [...unwritten(now, write(descriptor, now)), ...rest.slice(piecesMax)];
  }
}

function write(descriptor: number, pieces: readonly Buffer[]): number {
  try {
    return writevSync(descriptor, pieces);
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC' && errorCode(error) !== 'EDQUOT') throw error;
    throw new AtalaiaError('DISK_FULL', 'a block file could not be written: the disk is full; the journal keeps its lines', {
      cause: error,
      isRetryable: true,
    });
  }
}

function unwritten(pieces: readonly Buffer[], count: number): Buffer[] {
  let skip = count;
  const rest: Buffer[] = [];
  for (const piece of pieces) {
    if (skip < piece.length) rest.push(skip === 0 ? piece : piece.subarray(skip));
    skip = Math.max(0, skip - piece.length);
  }
  return rest;
}
