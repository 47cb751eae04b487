// A lane of batches that were sealed before the clock ran, for the load generator: the uplink sends them like any buffer's.
// Promises: in order, within the hub's credit, and only as far as `allow` lets; what the hub has is not sent again.
// Histories never part here: an agent of the bench is enrolled for one run.
import { chainStart } from '../../proto/delivery.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import { encodeBatchFrame } from '../../proto/framing/encode-batch.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { BatchBuffer, BufferStatus, LaneSettlement, LaneState, SealedBody, StoredBatch, StreamPosition } from '../../agent/ports.ts';

export class PreparedLane implements BatchBuffer {
  readonly #epoch: Uint8Array;
  readonly #batches: StoredBatch[] = [];
  readonly #changed = new Wake();
  #hash: Uint8Array = chainStart;
  #allowed = 0;
  #acked = 0;

  constructor(epoch: Uint8Array) {
    this.#epoch = epoch;
  }

  get batches(): number {
    return this.#batches.length;
  }

  get ackedLines(): number {
    return this.#batches.slice(0, this.#acked).reduce((sum, { lineCount }) => sum + lineCount, 0);
  }

  /** Before the run: one more batch at the end. */
  add({ body, lineCount }: SealedBody): void {
    const sequence = this.#batches.length + 1;
    const hash = chainHash(this.#hash, body);
    this.#hash = hash;
    const epoch = this.#epoch;
    const frame = encodeBatchFrame({ lane: 'normal', epoch, sequence, hash, body });
    this.#batches.push({ lane: 'normal', epoch, sequence, hash, kind: 'batch', frame, lineCount });
  }

  /** So many batches may go, all in all. */
  allow(batches: number): void {
    this.#allowed = Math.min(batches, this.#batches.length);
    this.#changed.wake();
  }

  async next(after: number, signal: AbortSignal): Promise<StoredBatch | undefined> {
    while (!signal.aborted) {
      const batch = after < this.#allowed ? this.#batches[after] : undefined;
      if (batch) return batch;
      await this.#changed.wait(signal);
    }
    return undefined;
  }

  async free(upTo: number): Promise<void> {
    this.#acked = Math.max(this.#acked, upTo);
  }

  async append(): Promise<void> {
    throw new Error('a prepared lane takes nothing more');
  }

  positions(): readonly StreamPosition[] {
    return [];
  }

  /** No write fails in memory. */
  readBack(): Promise<void> {
    return Promise.resolve();
  }

  async laneState(): Promise<LaneState> {
    const held = this.#batches.slice(-64).map(({ sequence, hash }) => ({ sequence, hash }));
    return { lane: 'normal', epoch: this.#epoch, oldestSequence: 1, nextSequence: this.#batches.length + 1, held, damaged: false };
  }

  async settle({ parted, epochKnown, commonSequence }: LaneSettlement): Promise<boolean> {
    if (parted) throw new Error('the hub says that histories parted');
    this.#acked = epochKnown ? commonSequence : 0;
    return false;
  }

  status(): BufferStatus {
    const batches = this.#batches.length - this.#acked;
    const nextSequence = this.#batches.length + 1;
    return { lane: 'normal', batches, bytes: 0, bytesMax: 1, isFull: false, ackedSequence: this.#acked, nextSequence, lostBatches: 0 };
  }
}
