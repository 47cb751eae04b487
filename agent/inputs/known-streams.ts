// Streams of one source that no open file continues: those the buffer remembers and those whose file was truncated.
// A file that is found may continue one of them: the same inode, or (a copy made before truncation, a disk with a new
// number) the same content; either way only if fingerprint and tail prove it (DELIVERY.md 9).
// Limit: the newest streamsMax are kept.
import type { FileHandle } from 'node:fs/promises';
import type { StreamPosition } from '../ports.ts';
import { fingerprintOf, isProven, proofBytesMax, readAt } from './file-proof.ts';
import { copyProofBytesMin } from './file-tail.ts';

const streamsMax = 16_384;

export class KnownStreams {
  readonly #byStream = new Map<string, StreamPosition>();

  constructor(positions: readonly StreamPosition[]) {
    for (const position of positions) this.add(position);
  }

  add(position: StreamPosition): void {
    if (!position.stream.file || position.offset === 0) return;
    this.#byStream.set(position.stream.streamId, position);
    for (const oldest of this.#byStream.keys()) {
      if (this.#byStream.size <= streamsMax) return;
      this.#byStream.delete(oldest);
    }
  }

  remove(streamId: string): void {
    this.#byStream.delete(streamId);
  }

  /** Newest last. */
  all(): StreamPosition[] {
    return [...this.#byStream.values()];
  }

  /** Whether the source has followed a file in this folder before. */
  hasFolder(folder: string): boolean {
    for (const { stream } of this.#byStream.values())
      if (stream.path.startsWith(`${folder}/`) && !stream.path.slice(folder.length + 1).includes('/')) return true;
    return false;
  }

  /** The stream that this file continues; of several the furthest: after a roll-back the hub may know it under another name. */
  async find(handle: FileHandle, file: { readonly device: number; readonly inode: number }): Promise<StreamPosition | undefined> {
    const candidates = [...this.#sameInode(file), ...(await this.#sameContent(handle))];
    let furthest: StreamPosition | undefined;
    for (const candidate of candidates.slice(0, 64))
      if (candidate.offset > (furthest?.offset ?? -1) && (await isProven(handle, candidate))) furthest = candidate;
    return furthest;
  }

  #sameInode({ device, inode }: { readonly device: number; readonly inode: number }): StreamPosition[] {
    const same = this.all().filter(({ stream }) => stream.file?.inode === inode);
    // The device number may change with a reboot; the same one is the better guess. Newest first.
    return same.reverse().sort((a, b) => Number(b.stream.file?.device === device) - Number(a.stream.file?.device === device));
  }

  async #sameContent(handle: FileHandle): Promise<StreamPosition[]> {
    const head = await readAt(handle, 0, proofBytesMax);
    const hashes = new Map<number, string>();
    const hashOf = (length: number): string => {
      const hash = hashes.get(length) ?? Buffer.from(fingerprintOf(head.subarray(0, length))).toString('hex');
      hashes.set(length, hash);
      return hash;
    };
    return this.all()
      .filter(({ stream: { file } }) => {
        if (!file || file.fingerprintBytes < copyProofBytesMin || file.fingerprintBytes > head.length) return false;
        return hashOf(file.fingerprintBytes) === Buffer.from(file.fingerprint).toString('hex');
      })
      .reverse();
  }
}
