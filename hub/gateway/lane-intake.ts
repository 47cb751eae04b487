// One lane on one connection: which batch may come next. Pure state, no waiting.
// Promises: batches are taken in sequence and on the right chain only; a repeat is told from another history by its hash;
// a Lost passes over the hole that it names.
import type { LaneName } from '../../proto/delivery.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import type { BatchFrame, LostFrame } from '../../proto/framing/messages.ts';

export type Intake =
  | { readonly is: 'new' }
  | { readonly is: 'repeat' }
  /** The sender's history is not ours: a new Hello must sort it out. */
  | { readonly is: 'parted'; readonly detail: string }
  | { readonly is: 'gap'; readonly detail: string };

export class LaneIntake {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly epochHex: string;
  #sequence: number;
  #hash: Uint8Array;
  readonly #pairs: Map<number, Uint8Array>;

  constructor(start: {
    readonly lane: LaneName;
    readonly epoch: Uint8Array;
    readonly sequence: number;
    readonly hash: Uint8Array;
    readonly pairs: Map<number, Uint8Array>;
  }) {
    this.lane = start.lane;
    this.epoch = Uint8Array.from(start.epoch);
    this.epochHex = Buffer.from(start.epoch).toString('hex');
    this.#sequence = start.sequence;
    this.#hash = start.hash;
    this.#pairs = start.pairs;
  }

  batch({ sequence, hash, body }: BatchFrame): Intake {
    if (sequence <= this.#sequence) return this.#repeat(sequence, hash);
    if (sequence !== this.#sequence + 1) return this.#gap(sequence);
    if (Buffer.compare(chainHash(this.#hash, body), hash) !== 0) {
      return { is: 'parted', detail: `${this.lane} ${sequence} does not stand on the hash before it` };
    }
    this.#take(sequence, hash);
    return { is: 'new' };
  }

  /** Its hash is not recomputed: what stood before the hole may be known to neither side any more. */
  lost({ from, to, hash }: LostFrame): Intake {
    if (to <= this.#sequence) return this.#repeat(to, hash);
    if (from > this.#sequence + 1) return this.#gap(from);
    this.#take(to, hash);
    return { is: 'new' };
  }

  #take(sequence: number, hash: Uint8Array): void {
    this.#sequence = sequence;
    // Copied: the frame that it is a view of may be large.
    this.#hash = Uint8Array.from(hash);
  }

  #repeat(sequence: number, hash: Uint8Array): Intake {
    const ours = sequence === this.#sequence ? this.#hash : this.#pairs.get(sequence);
    if (!ours || Buffer.compare(ours, hash) === 0) return { is: 'repeat' };
    return { is: 'parted', detail: `${this.lane} ${sequence} was committed with another hash` };
  }

  #gap(sequence: number): Intake {
    return { is: 'gap', detail: `${this.lane} ${sequence} came where ${this.#sequence + 1} was expected` };
  }
}
