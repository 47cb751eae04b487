// The thread pool has no place in a world whose order a seed decides: the compression that agents ask for is done in place.
// It writes real zstd frames whose blocks are stored as they are (RFC 8878), which the hub's real decompressor reads.
// Import it before anything that imports the sealer: bindings are exchanged when this file is loaded.
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

const magic = 0xfd2fb528;
const blockBytesMax = 128 * 1024;
/** Single segment, content size in four bytes. */
const descriptor = 0xa0;

export function storedFrame(bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(magic, 0);
  header[4] = descriptor;
  header.writeUInt32LE(bytes.length, 5);
  const parts: Uint8Array[] = [header];
  let at = 0;
  do {
    const block = bytes.subarray(at, at + blockBytesMax);
    at += block.length;
    const blockHeader = Buffer.alloc(3);
    blockHeader.writeUIntLE((block.length << 3) | (at >= bytes.length ? 1 : 0), 0, 3);
    parts.push(blockHeader, block);
  } while (at < bytes.length);
  return Buffer.concat(parts);
}

function compressInPlace(bytes: Uint8Array, _options: unknown, done: (error: null, frame: Buffer) => void): void {
  done(null, storedFrame(bytes));
}

Object.assign(zlib, { zstdCompress: compressInPlace });
syncBuiltinESMExports();
