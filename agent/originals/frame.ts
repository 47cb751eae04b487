// One frame of a ring: lines of one source as they were read, behind a head that says their times and how far to skip.
// Layout: magic, bytes of the payload, first and last time of reading, lines, checksums of payload and head; the payload is
// length and JSON of the streams' table, then the lines (proto/framing) as zstd; sealed where the buffer is.
// Promises: a head that is damaged is none; a payload is read only when its checksum fits; limits as on the wire.
import { promisify } from 'node:util';
import { constants, crc32, zstdCompress } from 'node:zlib';
import { inflateLines } from '../../proto/framing/inflate-lines.ts';

export const frameHeadBytes = 36;
/** Lines of a full batch that do not compress, their table and an envelope. */
const payloadBytesMax = 8 * 1024 * 1024;
const magic = 0x41544f31;
const zstdLevel = 1;
/** Most frames come out in one piece: each costs a turn between this thread and the pool. */
const compressedChunkBytes = 256 * 1024;
const compress = promisify(zstdCompress);

export interface FrameHead {
  readonly payloadBytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lineCount: number;
  readonly payloadCrc: number;
}

export interface FrameStream {
  readonly streamId: string;
  readonly path: string;
  /** Read again after an unclean stop: then it stands here twice. */
  readonly canBeReadAgain: boolean;
}

export interface FrameTable {
  readonly streams: readonly FrameStream[];
  readonly lineCount: number;
  readonly rawBytes: number;
  /** Lines that could not be kept since the frame before. */
  readonly missed: number;
}

export function encodeHead({ payloadBytes, firstMs, lastMs, lineCount, payloadCrc }: FrameHead): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(magic, 0);
  head.writeUInt32BE(payloadBytes, 4);
  head.writeDoubleBE(firstMs, 8);
  head.writeDoubleBE(lastMs, 16);
  head.writeUInt32BE(lineCount, 24);
  head.writeUInt32BE(payloadCrc, 28);
  head.writeUInt32BE(crc32(head.subarray(0, 32)), 32);
  return head;
}

/** Undefined when it is none, or damaged. */
export function decodeHead(bytes: Buffer): FrameHead | undefined {
  if (bytes.length < frameHeadBytes || bytes.readUInt32BE(0) !== magic) return undefined;
  if (bytes.readUInt32BE(32) !== crc32(bytes.subarray(0, 32))) return undefined;
  const payloadBytes = bytes.readUInt32BE(4);
  if (payloadBytes > payloadBytesMax) return undefined;
  return {
    payloadBytes,
    firstMs: bytes.readDoubleBE(8),
    lastMs: bytes.readDoubleBE(16),
    lineCount: bytes.readUInt32BE(24),
    payloadCrc: bytes.readUInt32BE(28),
  };
}

/** Where the next head may begin, at or behind `from`; -1 when there is none. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf(magicBytes, from);
}
const magicBytes = Buffer.from([0x41, 0x54, 0x4f, 0x31]);

/** One after the other they are the content. */
export async function encodeContent(table: FrameTable, lines: Uint8Array): Promise<Uint8Array[]> {
  const head = Buffer.from(JSON.stringify(table));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  const compressed = await compress(lines, {
    chunkSize: compressedChunkBytes,
    params: { [constants.ZSTD_c_compressionLevel]: zstdLevel },
  });
  return [length, head, compressed];
}

/** Undefined when it cannot be read. */
export function decodeContent(content: Uint8Array): { readonly table: FrameTable; readonly lines: Buffer } | undefined {
  const view = Buffer.from(content.buffer, content.byteOffset, content.length);
  const headEnd = view.length < 4 ? Infinity : 4 + view.readUInt32BE(0);
  if (headEnd > view.length) return undefined;
  // Ours, behind a checksum: parsed at the edge of the disk and trusted inside.
  const table = JSON.parse(view.subarray(4, headEnd).toString()) as FrameTable;
  const inflated = inflateLines({ ...table, lines: view.subarray(headEnd) });
  return inflated.ok ? { table, lines: inflated.value } : undefined;
}
