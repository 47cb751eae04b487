// How one record lies in a key-value folder: key = number and kind, value = checksum, tag, bytes.
// Promises: a value whose bytes changed, or that stands under another number, is told from a good one.
// LevelDB's own checksums do not help: it drops what does not match without saying so, or serves it unchecked.
import { crc32 } from 'node:zlib';

/** Bytes of a record's tag: room for one SHA-256. All zero means none. */
export const tagBytes = 32;

const headerBytes = 4 + tagBytes;
const snapshotKind = 0;
const recordKind = 1;

export const recordKey = (number: number): Buffer => keyOf(number, recordKind);
/** The state at the beginning of a generation sorts before its first record. */
export const snapshotKey = (firstNumber: number): Buffer => keyOf(firstNumber, snapshotKind);

export function numberOfKey(key: Uint8Array): number {
  return Number(Buffer.from(key.buffer, key.byteOffset, key.length).readBigUInt64BE(0));
}

export const isSnapshotKey = (key: Uint8Array): boolean => key[8] === snapshotKind;

/** `parts` are put together here, so that a large record is copied once. */
export function packRecord(key: Uint8Array, parts: readonly Uint8Array[], tag?: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(headerBytes + byteLength(parts));
  value.fill(0, 4, headerBytes);
  if (tag) value.set(tag, 4);
  let at = headerBytes;
  for (const part of parts) {
    value.set(part, at);
    at += part.length;
  }
  value.writeUInt32BE(crc32(value.subarray(4), crc32(key)), 0);
  return value;
}

export function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

export interface UnpackedRecord {
  readonly bytes: Uint8Array;
  /** Undefined when none was given. */
  readonly tag: Uint8Array | undefined;
}

/** Undefined when the value is damaged. */
export function unpackRecord(key: Uint8Array, value: Uint8Array): UnpackedRecord | undefined {
  if (value.length < headerBytes) return undefined;
  const view = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (view.readUInt32BE(0) !== crc32(view.subarray(4), crc32(key))) return undefined;
  const tag = view.subarray(4, headerBytes);
  return { bytes: view.subarray(headerBytes), tag: tag.every((byte) => byte === 0) ? undefined : tag };
}

function keyOf(number: number, kind: number): Buffer {
  const key = Buffer.alloc(9);
  key.writeBigUInt64BE(BigInt(number), 0);
  key[8] = kind;
  return key;
}
