// What a tail knows by heart of its file: the first bytes, by which the file is told from others, and those before its
// place, by which it is seen to be the same one still.
// Promises: both cover bytes that were read, so that they never change what they said.
import type { StreamPosition } from '../ports.ts';
import { fingerprintOf, isEqual, keptCopy, proofBytesMax, readAt, tailHashOf } from './file-proof.ts';
import type { FollowedBytes } from './followed-bytes.ts';

/** Shorter files look alike too easily to call one a copy of another. */
export const copyProofBytesMin = 64;
const nothing: Buffer = Buffer.alloc(0);

export class TailProof {
  #head = nothing;
  /** The bytes before the place. */
  tail = nothing;

  /** Of a file that was read up to a place. */
  static async at(bytes: FollowedBytes, offset: number): Promise<TailProof> {
    const proof = new TailProof();
    const length = Math.min(offset, proofBytesMax);
    proof.learnHead(await readAt(bytes, 0, length));
    proof.tail = await readAt(bytes, offset - length, length);
    return proof;
  }

  get head(): Buffer {
    return this.#head;
  }

  get fingerprint(): { readonly fingerprint: Uint8Array; readonly fingerprintBytes: number } {
    const fingerprintBytes = this.#head.length;
    return { fingerprint: fingerprintBytes === 0 ? new Uint8Array(0) : fingerprintOf(this.#head), fingerprintBytes };
  }

  get place(): Pick<StreamPosition, 'tailHash' | 'tailBytes'> {
    return { tailHash: tailHashOf(this.tail), tailBytes: this.tail.length };
  }

  /** True when more is known than before. */
  learnHead(head: Buffer): boolean {
    if (head.length <= this.#head.length) return false;
    this.#head = keptCopy(head);
    return true;
  }

  /** Whether another file begins with the bytes that this one began with. */
  beginsLike(head: Uint8Array): boolean {
    const length = this.#head.length;
    return length >= copyProofBytesMin && head.length >= length && isEqual(head.subarray(0, length), this.#head);
  }

  /** Whether it begins and stands as a position says: the file may have been rewritten while it was opened. */
  isAt({ stream: { file }, tailHash }: StreamPosition): boolean {
    const { fingerprint, fingerprintBytes } = file ?? { fingerprint: new Uint8Array(0), fingerprintBytes: 0 };
    // Of a place inside the fingerprint (two lanes of one stream) the proof was asked for a moment ago.
    const isHead = this.#head.length < fingerprintBytes || isEqual(fingerprintOf(this.#head.subarray(0, fingerprintBytes)), fingerprint);
    return isHead && (tailHash.length === 0 || isEqual(tailHashOf(this.tail), tailHash));
  }

  /** Whether the bytes before the place at `offset` still stand in what the file holds now. */
  async isIntactIn(bytes: FollowedBytes, offset: number): Promise<boolean> {
    const { size } = await bytes.look();
    const { length } = this.tail;
    return size >= offset && isEqual(await readAt(bytes, offset - length, length), this.tail);
  }
}
