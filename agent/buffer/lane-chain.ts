// The hash chain of a lane: the hash at a log number, from its tag where that belongs to the epoch, else computed.
// Promises: the same epoch gives the same hashes, whenever they are asked for and whatever was restarted between.
// Records carried into a new epoch are chained anew as they are sent, one after the other, so a large backlog is not
// read before the first of it goes out. Keeps the last 4,096 computed hashes.
import { chainStart } from '../../proto/delivery.ts';
import type { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { LogRecord } from '../../proto/durable/read-generation.ts';
import { chainHash, lostHash } from '../../proto/framing/chain-hash.ts';
import type { LaneHole, LaneMemory } from './lane-memory.ts';
import { decodeStored } from './stored-body.ts';

const computedMax = 4_096;
/** What drop-newest threw away is said under a sequence of its own. */
export const droppedReason = 'drop_newest';

export class LaneChain {
  readonly #log: GenerationLog;
  #computed = new Map<number, Uint8Array>();

  constructor(log: GenerationLog) {
    this.#log = log;
  }

  beginEpoch(): void {
    this.#computed.clear();
  }

  /** Without reading records; undefined when it is not known yet. */
  async known(number: number, memory: LaneMemory): Promise<Uint8Array | undefined> {
    if (number === memory.base) return chainStart;
    if (number === memory.acked) return memory.ackedHash;
    const hole = memory.holes.find(({ to }) => to === number);
    if (hole?.hash) return hole.hash;
    return this.#computed.get(number) ?? (number > memory.carriedUpTo ? this.#log.tag(number) : undefined);
  }

  /** Reads and chains from the nearest known hash up to here; undefined when a record in between is gone. */
  async at(number: number, memory: LaneMemory): Promise<Uint8Array | undefined> {
    let start = number;
    let hash = await this.known(start, memory);
    while (!hash && start > memory.acked && start > memory.base) hash = await this.known(--start, memory);
    for (let next = start + 1; hash && next <= number;) {
      const hole = memory.holes.find(({ from, to }) => from <= next && to >= next);
      const [item] = hole ? [] : await this.#log.read(next, 1);
      if (hole) hash = this.ofHole(hole, hash, memory);
      else if (item?.is === 'record') hash = this.ofRecord(item, hash, memory);
      else return undefined;
      next = hole ? hole.to + 1 : next + 1;
    }
    return hash;
  }

  ofRecord({ number, bytes, tag }: LogRecord, previous: Uint8Array, memory: LaneMemory): Uint8Array {
    if (tag && number > memory.carriedUpTo) return tag;
    const { is, body } = decodeStored(bytes);
    return this.note(number, is === 'batch' ? chainHash(previous, body) : this.ofDropped(number, previous, memory));
  }

  ofDropped(number: number, previous: Uint8Array, memory: LaneMemory): Uint8Array {
    const sequence = number - memory.base;
    return lostHash(previous, { from: sequence, to: sequence, reason: droppedReason });
  }

  ofHole(hole: LaneHole, previous: Uint8Array, memory: LaneMemory): Uint8Array {
    if (hole.hash) return hole.hash;
    const bounds = { from: hole.from - memory.base, to: hole.to - memory.base, reason: hole.reason };
    return this.note(hole.to, lostHash(previous, bounds));
  }

  note(number: number, hash: Uint8Array): Uint8Array {
    this.#computed.set(number, hash);
    for (const oldest of this.#computed.keys()) {
      if (this.#computed.size <= computedMax) break;
      this.#computed.delete(oldest);
    }
    return hash;
  }
}
