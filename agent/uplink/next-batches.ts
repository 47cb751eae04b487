// The batch of each lane that goes next. Looks one batch ahead in each lane, so that `first` overtakes `normal` at any
// moment; a batch is not taken out of its buffer by this.
import { limits, type LaneName } from '../../proto/delivery.ts';
import type { BatchBuffer, StoredBatch } from '../ports.ts';
import { epochChanged, protocolError } from './session-errors.ts';

export interface NextBatchesParts {
  readonly lanes: ReadonlyMap<LaneName, BatchBuffer>;
  /** The epoch of a lane as the last Hello said it. */
  readonly epochOf: (lane: LaneName) => Uint8Array | undefined;
  readonly lastSent: (lane: LaneName) => number;
  /** A batch is ready. */
  readonly onReady: () => void;
  /** Runs what ends the session when it fails. */
  readonly run: (task: Promise<void>) => void;
  readonly signal: AbortSignal;
}

const none = new Uint8Array(0);

export class NextBatches {
  readonly #parts: NextBatchesParts;
  readonly #ready = new Map<LaneName, StoredBatch>();
  /** Lanes whose buffer is being asked. */
  readonly #asking = new Set<LaneName>();

  constructor(parts: NextBatchesParts) {
    this.#parts = parts;
  }

  /** What goes next of these lanes; asks their buffers where that is not known. */
  peek(lanes: readonly LaneName[]): StoredBatch | undefined {
    for (const lane of lanes) this.#ask(lane);
    return this.#ready.get('first') ?? this.#ready.get('normal');
  }

  taken({ lane }: StoredBatch): void {
    this.#ready.delete(lane);
  }

  #ask(lane: LaneName): void {
    const { lanes, run } = this.#parts;
    const buffer = lanes.get(lane);
    if (!buffer || this.#ready.has(lane) || this.#asking.has(lane)) return;
    this.#asking.add(lane);
    run(this.#next(lane, buffer));
  }

  async #next(lane: LaneName, buffer: BatchBuffer): Promise<void> {
    const { lastSent, epochOf, onReady, signal } = this.#parts;
    const batch = await buffer.next(lastSent(lane), signal);
    this.#asking.delete(lane);
    if (!batch) return;
    if (batch.frame.length > limits.frameBytesMax) throw protocolError(`batch ${lane} ${batch.sequence} is larger than a frame may be`);
    // The buffer found damage meanwhile and went on in another epoch, which only a new Hello can tell.
    if (Buffer.compare(batch.epoch, epochOf(lane) ?? none) !== 0) throw epochChanged(lane);
    this.#ready.set(lane, batch);
    onReady();
  }
}
