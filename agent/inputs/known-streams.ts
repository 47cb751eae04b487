// Streams of one source that no open file continues: those the buffer remembers and those whose file was truncated.
// A file that is found may continue one of them: the same inode, or (a copy made before truncation, a disk with a new
// number, a compressed file) the same content; either way only if fingerprint and tail prove it (DELIVERY.md 9).
// Limit: the newest streamsMax are kept. Found by index: ten thousand files may be asked for in one scan.
import type { StreamPosition } from '../ports.ts';
import { fingerprintOf, isProven, proofBytesMax, readAt } from './file-proof.ts';
import { copyProofBytesMin } from './tail-proof.ts';
import type { ReadableBytes } from './followed-bytes.ts';

const streamsMax = 16_384;
const candidatesMax = 64;

export interface KnownFile {
  readonly device: number;
  readonly inode: number;
  /** Its first bytes, where they were read already. */
  readonly head?: Buffer;
}

export class KnownStreams {
  readonly #byStream = new Map<string, StreamPosition>();
  readonly #byInode = new Groups<number>();
  readonly #byFingerprint = new Groups<string>();
  /** How many streams have a fingerprint of so many bytes. */
  readonly #lengths = new Map<number, number>();

  constructor(positions: readonly StreamPosition[]) {
    for (const position of positions) this.add(position);
  }

  add(position: StreamPosition): void {
    const { streamId, file } = position.stream;
    // At its very beginning a file is known by its first bytes, if somebody has read them (two lanes of one stream).
    if (!file || (position.offset === 0 && file.fingerprintBytes === 0)) return;
    this.remove(streamId);
    this.#byStream.set(streamId, position);
    this.#byInode.add(file.inode, streamId);
    this.#byFingerprint.add(keyOf(file.fingerprint), streamId);
    this.#lengths.set(file.fingerprintBytes, (this.#lengths.get(file.fingerprintBytes) ?? 0) + 1);
    const [oldest] = this.#byStream.keys();
    if (this.#byStream.size > streamsMax && oldest !== undefined) this.remove(oldest);
  }

  remove(streamId: string): void {
    const position = this.#byStream.get(streamId);
    const file = position?.stream.file;
    if (!position || !file) return;
    this.#byStream.delete(streamId);
    this.#byInode.remove(file.inode, streamId);
    this.#byFingerprint.remove(keyOf(file.fingerprint), streamId);
    const left = (this.#lengths.get(file.fingerprintBytes) ?? 1) - 1;
    if (left > 0) this.#lengths.set(file.fingerprintBytes, left);
    else this.#lengths.delete(file.fingerprintBytes);
  }

  get(streamId: string): StreamPosition | undefined {
    return this.#byStream.get(streamId);
  }

  /** Newest last. */
  all(): StreamPosition[] {
    return [...this.#byStream.values()];
  }

  /** The stream that this file continues; of several the furthest: after a roll-back the hub may know it under another name. */
  async find(bytes: ReadableBytes, file: KnownFile): Promise<StreamPosition | undefined> {
    if (this.#byStream.size === 0) return undefined;
    const head = file.head ?? (await readAt(bytes, 0, proofBytesMax));
    const candidates = [...this.#sameInode(file), ...this.withContent(head, copyProofBytesMin)];
    let furthest: StreamPosition | undefined;
    for (const candidate of candidates.slice(0, candidatesMax))
      if (candidate.offset > (furthest?.offset ?? -1) && (await isProven(bytes, candidate))) furthest = candidate;
    return furthest;
  }

  #sameInode({ device, inode }: KnownFile): StreamPosition[] {
    // The device number may change with a reboot; the same one is the better guess. Newest first.
    return this.#positions(this.#byInode.of(inode))
      .reverse()
      .sort((a, b) => Number(b.stream.file?.device === device) - Number(a.stream.file?.device === device));
  }

  /** Streams whose fingerprint, of at least so many bytes, is of these first bytes. Newest first. */
  withContent(head: Uint8Array, fingerprintBytesMin: number): StreamPosition[] {
    return [...this.#lengths.keys()]
      .filter((length) => length >= fingerprintBytesMin && length <= head.length)
      .flatMap((length) => this.#positions(this.#byFingerprint.of(keyOf(fingerprintOf(head.subarray(0, length))))))
      .reverse();
  }

  #positions(streamIds: Iterable<string>): StreamPosition[] {
    return [...streamIds].flatMap((streamId) => this.#byStream.get(streamId) ?? []);
  }
}

function keyOf(fingerprint: Uint8Array): string {
  return Buffer.from(fingerprint).toString('base64');
}

/** Streams by something that several may share. */
class Groups<K> {
  readonly #members = new Map<K, Set<string>>();

  of(key: K): Iterable<string> {
    return this.#members.get(key) ?? [];
  }

  add(key: K, streamId: string): void {
    const members = this.#members.get(key);
    if (members) members.add(streamId);
    else this.#members.set(key, new Set([streamId]));
  }

  remove(key: K, streamId: string): void {
    const members = this.#members.get(key);
    members?.delete(streamId);
    if (members?.size === 0) this.#members.delete(key);
  }
}
