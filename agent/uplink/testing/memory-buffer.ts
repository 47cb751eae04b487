// One lane of batches in memory, for tests of the uplink: the BatchBuffer port without a disk.
import { chainStart, type LaneName } from '../../../proto/delivery.ts';
import { chainHash } from '../../../proto/framing/chain-hash.ts';
import { encodeBatchFrame } from '../../../proto/framing/encode-batch.ts';
import { Wake } from '../../../proto/runtime/wake.ts';
import type { BatchBuffer, BufferStatus, LaneSettlement, LaneState, SealedBody, StoredBatch, StreamPosition } from '../../ports.ts';

export class MemoryBuffer implements BatchBuffer {
  readonly settlements: LaneSettlement[] = [];
  readonly freed: number[] = [];
  epoch: Uint8Array;
  readonly #lane: LaneName;
  #bodies: Uint8Array[] = [];
  #acked = 0;
  readonly #grown = new Wake();

  constructor(lane: LaneName, epoch = 1) {
    this.#lane = lane;
    this.epoch = Buffer.alloc(16, epoch);
  }

  put(...texts: string[]): void {
    for (const text of texts) this.#bodies.push(Buffer.from(text));
    this.#grown.wake();
  }

  async append(sealed: SealedBody): Promise<void> {
    this.#bodies.push(sealed.body);
    this.#grown.wake();
  }

  async next(after: number, signal: AbortSignal): Promise<StoredBatch | undefined> {
    while (!signal.aborted) {
      const body = this.#bodies[after];
      if (body) return this.#stored(after + 1, body);
      await this.#grown.wait(signal);
    }
    return undefined;
  }

  async free(upTo: number): Promise<void> {
    this.freed.push(upTo);
    this.#acked = Math.max(this.#acked, upTo);
  }

  positions(): readonly StreamPosition[] {
    return [];
  }

  /** No write fails in memory. */
  readBack(): Promise<void> {
    return Promise.resolve();
  }

  async laneState(): Promise<LaneState> {
    const held = this.#bodies.map((_, i) => ({ sequence: i + 1, hash: this.hashOf(i + 1) }));
    const lane = this.#lane;
    return { lane, epoch: this.epoch, oldestSequence: 1, nextSequence: this.#bodies.length + 1, held, damaged: false };
  }

  async settle(welcome: LaneSettlement): Promise<boolean> {
    this.settlements.push(welcome);
    if (!welcome.parted) {
      this.#acked = welcome.commonSequence;
      return false;
    }
    this.#bodies = this.#bodies.slice(welcome.commonSequence);
    this.#acked = 0;
    this.epoch = Buffer.alloc(16, (this.epoch[0] ?? 0) + 1);
    return true;
  }

  status(): BufferStatus {
    const nextSequence = this.#bodies.length + 1;
    const batches = this.#bodies.length - this.#acked;
    return { lane: this.#lane, batches, bytes: 0, bytesMax: 1, isFull: false, ackedSequence: this.#acked, nextSequence, lostBatches: 0 };
  }

  hashOf(sequence: number): Uint8Array {
    let hash: Uint8Array = chainStart;
    for (const body of this.#bodies.slice(0, sequence)) hash = chainHash(hash, body);
    return hash;
  }

  #stored(sequence: number, body: Uint8Array): StoredBatch {
    const hash = this.hashOf(sequence);
    const frame = encodeBatchFrame({ lane: this.#lane, epoch: this.epoch, sequence, hash, body });
    return { lane: this.#lane, epoch: this.epoch, sequence, hash, kind: 'batch', frame, lineCount: 1 };
  }
}
