// The proofs that a file is still the one we know: the hash of its first bytes (which grows with a short file) and the
// hash of the bytes before the place where reading goes on. Inode numbers alone are used again by file systems.
import { createHash } from 'node:crypto';
import type { StreamPosition } from '../ports.ts';
import type { ReadableBytes } from './followed-bytes.ts';

export const proofBytesMax = 1_024;

export function fingerprintOf(head: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(head).digest());
}

export function tailHashOf(tail: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(tail).digest().subarray(0, 16));
}

/** A copy to be kept: in memory of its own, for a small piece of Node's pool keeps all 64 KiB of it. */
export function keptCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/** Up to `length` bytes at `at`; fewer at the end of the file. */
export async function readAt(bytes: ReadableBytes, at: number, length: number): Promise<Buffer> {
  const found = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await bytes.read(found, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return found.subarray(0, filled);
}

/** Whether the file holds what the position says was read from it. */
export async function isProven(bytes: ReadableBytes, position: StreamPosition): Promise<boolean> {
  const { stream, offset, tailBytes, tailHash } = position;
  if (!stream.file) return false;
  const { fingerprint, fingerprintBytes } = stream.file;
  if (fingerprintBytes === 0 || fingerprintBytes > proofBytesMax || tailBytes > proofBytesMax || tailBytes > offset) return false;
  const head = await readAt(bytes, 0, fingerprintBytes);
  if (head.length !== fingerprintBytes || !isEqual(fingerprintOf(head), fingerprint)) return false;
  // A batch that ended early inside a block has no tail hash. Its place is right all the same; refusing it would make a
  // known file look new, and its lines lost or stored twice. Fingerprint and length are the proof that is left.
  if (tailHash.length === 0) return tailBytes === 0 && (offset === 0 || (await readAt(bytes, offset - 1, 1)).length === 1);
  const tail = await readAt(bytes, offset - tailBytes, tailBytes);
  return tail.length === tailBytes && isEqual(tailHashOf(tail), tailHash);
}

export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
