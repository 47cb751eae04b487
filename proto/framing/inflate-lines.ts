// Decompresses the lines of a batch with a hard limit: a zip bomb costs no more memory than a full batch.
// Promises: never throws; the output has exactly the size that the body declared, or it is refused; the decompressor's
// own window is limited too (a hostile frame header may ask for 128 MiB).
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { limits } from '../delivery.ts';
import type { BatchBody } from './messages.ts';
import { refused, taken, type Decoded } from './refusals.ts';

/** 8 MiB: what any zstd level of an agent needs for 4 MiB of lines. */
const windowLogMax = 23;
const ownBytesMin = 128 * 1024;
const none = Buffer.alloc(0);

export function inflateLines(body: Pick<BatchBody, 'lines' | 'rawBytes' | 'lineCount'>): Decoded<Buffer<ArrayBuffer>> {
  if (body.lineCount === 0) return taken(none);
  if (body.rawBytes === 0 || body.rawBytes > limits.batchRawBytesMax) {
    return refused('limit', `body.raw_bytes is ${body.rawBytes}, the limit is ${limits.batchRawBytesMax}`);
  }
  try {
    const lines = zstdDecompressSync(body.lines, {
      // One chunk of the declared size, so that nothing is put together from pieces.
      chunkSize: Math.max(64, body.rawBytes + 1),
      maxOutputLength: body.rawBytes,
      params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
    });
    if (lines.length !== body.rawBytes)
      return refused('truncated', `lines inflate to ${lines.length} bytes, ${body.rawBytes} were declared`);
    return taken(lines);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ERR_BUFFER_TOO_LARGE') return refused('too-large', `lines inflate to more than the ${body.rawBytes} bytes declared`);
    return refused('truncated', `lines do not inflate (${code})`);
  }
}

/**
 * Gives the memory of an inflated batch back at once; the bytes must not be used any more. Left to the collector, megabytes
 * outside its heap make it collect that heap whole every few batches.
 */
export function releaseLines(lines: Buffer<ArrayBuffer>): void {
  // Only what was surely allocated for this batch alone: small buffers are slices of a pool that others use.
  if (lines.length > ownBytesMin && lines.byteOffset === 0 && lines.buffer.byteLength === lines.length + 1) lines.buffer.transfer(0);
}

/** The agent's half. Level 1 to 9; higher ones need more window than a hub allows. */
export function deflateLines(lines: Uint8Array, level: number): Buffer {
  return zstdCompressSync(lines, { params: { [constants.ZSTD_c_compressionLevel]: Math.min(9, Math.max(1, level)) } });
}
