// Where one loop of the pipeline leaves its lines for one lane: sealed into batches, and appended to the lane's buffer a few
// ahead, so that compression runs beside reading.
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { BatchWriter } from './batch-writer.ts';
import { Sealer, type KeptLines } from './buffer/sealer.ts';
import type { BatchBuffer, LineBlock, StreamPosition } from './ports.ts';

export interface LaneOutputOptions {
  readonly lane: LaneName;
  readonly buffer: BatchBuffer;
  readonly policyHash: Uint8Array;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: () => void;
  readonly onWriting?: ((lane: LaneName, task: Promise<void>) => void) | undefined;
  /** See LanePlan. */
  readonly ahead?: object | undefined;
}

/** The least compression that is worth its time on a host that has other work. */
const zstdLevel = 1;
const batchesAheadMax = 2;
/**
 * A lane to which few lines go need not write down at once that it got none: after a kill so much more is read again, and
 * passed over.
 */
const bareMsMax = 5_000;

export class LaneOutput {
  readonly buffer: BatchBuffer;
  /** What the buffer remembered when this began. */
  readonly positions: readonly StreamPosition[];
  readonly #options: LaneOutputOptions;
  readonly #sealer: Sealer;
  readonly #writer: BatchWriter;
  #sealedMs: number;

  constructor(options: LaneOutputOptions) {
    const { buffer, policyHash, lane, onWriting, signal, onFailure, clock } = options;
    this.buffer = buffer;
    this.positions = buffer.positions();
    this.#options = options;
    this.#sealer = new Sealer({ policyHash, level: zstdLevel }, this.positions);
    this.#writer = new BatchWriter({ buffer, aheadMax: batchesAheadMax, signal, onFailure, onWriting: (task) => onWriting?.(lane, task) });
    this.#sealedMs = clock.monotonicMs();
  }

  add(block: LineBlock, kept: KeptLines): Promise<void> {
    return this.#writer.write(this.#sealer.add(block, kept));
  }

  /** Seals what is there, if it is time. */
  async flush(): Promise<void> {
    const { clock, ahead } = this.#options;
    const nowMs = clock.monotonicMs();
    if (ahead && !this.#sealer.hasLines && nowMs - this.#sealedMs < bareMsMax) return;
    this.#sealedMs = nowMs;
    await this.#writer.write(this.#sealer.seal());
  }

  /** Nothing is being written any more. */
  idle(): Promise<void> {
    return this.#writer.idle();
  }

  /** Brings the rest into the buffer; rejects with the first failure. */
  async end(): Promise<void> {
    await this.#writer.write(this.#sealer.seal());
    await this.#writer.end();
  }
}
