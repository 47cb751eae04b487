// The thread pool has no place in a world whose order a seed decides: the compression that agents ask for is done in place.
// It writes real zstd frames whose blocks are stored as they are (RFC 8878); frames of that shape are read in place too, for
// a decompressor's megabyte for each batch costs more than all that is tried with it. Any other goes to the real one.
// Import it before anything that imports the sealer: bindings are exchanged when this file is loaded.
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

const magic = 0xfd2fb528;
const blockBytesMax = 128 * 1024;
/** Single segment, content size in four bytes. */
const descriptor = 0xa0;

function storedFrame(bytes: Uint8Array): Buffer {
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

/** The content, if the frame is one of storedFrame's. */
function storedContent(frame: Uint8Array): Buffer | undefined {
  const view = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  if (view.length < 12 || view.readUInt32LE(0) !== magic || view[4] !== descriptor) return undefined;
  const content = Buffer.alloc(view.readUInt32LE(5));
  for (let at = 9, filled = 0; at + 3 <= view.length;) {
    const header = view.readUIntLE(at, 3);
    const length = header >>> 3;
    // Bits 1 and 2 are the kind of block: 0 is stored.
    if (((header >>> 1) & 3) !== 0 || at + 3 + length > view.length || filled + length > content.length) return undefined;
    view.copy(content, filled, at + 3, at + 3 + length);
    filled += length;
    at += 3 + length;
    if ((header & 1) === 1) return filled === content.length && at === view.length ? content : undefined;
  }
  return undefined;
}

/** A context as agents keep one (agent/buffer/line-compressor.ts): what was written becomes a frame at the flush that ends it. */
class ContextInPlace extends EventEmitter {
  #written: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.#written.push(bytes);
  }

  flush(_kind: number, done: () => void): void {
    this.emit('data', storedFrame(Buffer.concat(this.#written)));
    this.#written = [];
    done();
  }
}

const decompress = zlib.zstdDecompressSync;

function decompressInPlace(frame: Uint8Array, options: zlib.ZstdOptions): Buffer {
  const content = storedContent(frame);
  const isWithin = content !== undefined && content.length <= (options.maxOutputLength ?? Infinity);
  return isWithin ? content : decompress(frame, options);
}

Object.assign(zlib, { zstdDecompressSync: decompressInPlace });
// Not to be assigned to, but to be defined.
Object.defineProperty(zlib, 'createZstdCompress', { value: () => new ContextInPlace() });
syncBuiltinESMExports();
