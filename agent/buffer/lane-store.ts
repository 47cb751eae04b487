// What a lane has on disk and in memory, and every step that changes both together. LaneBuffer stands in front of it,
// serialises the calls and lets callers wait; nothing here waits for anything but the disk.
// Promises: each step is durable before the memory says so (what damage and Welcomes bring about: lane-epochs.ts); after a
// failed write what arrived all the same is taken over before the next one.
import { chainStart, type LaneName } from '../../proto/delivery.ts';
import { GenerationLog, type NewRecord } from '../../proto/durable/generation-log.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import type { LogItem } from '../../proto/durable/read-generation.ts';
import type { Seal } from '../../proto/durable/sealing.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { assert, errorCode } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import type { SealedBody, StreamPosition } from '../ports.ts';
import { beginLines, passLines, settleLines, withDropped } from './follow-lines.ts';
import { LaneChain } from './lane-chain.ts';
import { noteDamage } from './lane-epochs.ts';
import { chainedBehind, decodeMemory, encodeMemory, isKnown, withAcked, type LaneMemory } from './lane-memory.ts';
import { LaneLines } from './lane-lines.ts';
import { keptBetween, keptUpTo, noLostLines, pendingLostLines, withSaid, withUnsaid } from './lost-lines.ts';
import { findLane } from './open-lane.ts';
import { Positions } from './positions.ts';
import { decodeStored, encodeSnapshot, encodeStored, type LaneSnapshot } from './stored-body.ts';

export type WhenFull = 'block' | 'drop-oldest' | 'drop-newest';

export interface LaneBufferOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly lane: LaneName;
  readonly clock: Clock;
  readonly random: Random;
  readonly whenFull: WhenFull;
  readonly bytesMax: number;
  readonly generationBytes: number;
  readonly reserveBytes: number;
  /** See GenerationLogOptions. */
  readonly slotBytes?: number;
  readonly seal?: Seal | undefined;
  /** Whether the source itself says that a place told by the hub is of another life (a roll-back, a clone); without it,
   * what is further is believed. */
  readonly contradicts?: (told: StreamPosition, own: StreamPosition) => Promise<boolean>;
}

const readAhead = 2;
/** Generations are the unit of dropping and freeing: a buffer has room for several. */
const generationsMin = 4;
const unsaidMax = 512;

export class LaneStore {
  log!: GenerationLog;
  chain!: LaneChain;
  memory!: LaneMemory;
  positions = new Positions();
  readonly lines = new LaneLines();
  /** Chain hash at the tail; undefined while carried records were not all chained yet. */
  lastHash: Uint8Array | undefined = chainStart;
  /** A body whose write failed: it may be there all the same. */
  inDoubt: SealedBody | undefined;
  /** A new epoch began: nothing is sent or freed until a Hello has told it. */
  isHelloDue = false;
  /** After damage: lines that can be read again wait until the hub has said where it is. */
  awaitsPositions = false;
  /** How often positions went where readers do not know: who has not read them since must begin anew. */
  moves = 0;
  readonly random: Random;
  readonly #options: LaneBufferOptions;
  readonly #onChange: () => void;
  #ahead: LogItem[] = [];
  /** What a generation that is being begun starts with, where that is not what the memory says yet. */
  #beginning: LaneSnapshot | undefined;

  constructor(options: LaneBufferOptions, onChange: () => void) {
    this.random = options.random;
    this.#options = options;
    this.#onChange = onChange;
  }

  async start(): Promise<void> {
    const { disk, folder, bytesMax, generationBytes, reserveBytes, slotBytes, seal } = this.#options;
    this.log = await GenerationLog.open({
      disk,
      folder,
      generationBytes: Math.min(generationBytes, Math.floor(bytesMax / generationsMin)),
      reserveBytes,
      slotBytes,
      seal,
      snapshot: () =>
        encodeSnapshot(this.#beginning ?? { positions: this.positions.all(), epoch: this.memory.epoch, lastHash: this.lastHash }),
      onPass: (pass) => {
        if (pass !== 'written') killPoint(`agent.${pass}`);
      },
    });
    try {
      await this.#begin();
    } catch (error) {
      // Whoever tries again must be able to open it.
      await this.log.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { random } = this.#options;
    this.chain = new LaneChain(this.log);
    const { positions, holes, hasSnapshot } = await findLane(this.log);
    const memory = decodeMemory(this.log.state);
    this.positions = positions;
    if (memory) {
      this.positions.apply(memory.unsaid);
      this.memory = memory;
      this.awaitsPositions = memory.damaged && memory.acked === memory.base;
      this.lastHash = await this.chain.known(this.log.tail, memory);
      const damage = holes.filter((hole) => !isKnown(hole, memory)).map(({ from }) => from);
      if (!hasSnapshot && this.log.tail > 0) damage.push(memory.acked + 1);
      if (damage.length > 0) await noteDamage(this, Math.min(...damage));
      await beginLines(this);
      return;
    }
    const acked = this.log.oldest - 1;
    this.memory = {
      epoch: random.bytes(16),
      base: acked,
      carriedUpTo: acked,
      acked,
      ackedHash: chainStart,
      damaged: false,
      holes: [],
      lostBatches: 0,
      unsaid: [],
      lost: this.log.tail === 0 ? noLostLines : pendingLostLines,
    };
    if (this.log.openedAs === 'new' && this.log.tail === 0) await this.log.writeState(encodeMemory(this.memory));
    else await noteDamage(this, this.log.oldest);
    await beginLines(this);
  }

  async write(sealed: SealedBody): Promise<void> {
    const { unsaid } = this.memory;
    const records: NewRecord[] = [];
    const memory = { ...this.memory, unsaid: [], lost: withSaid(this.memory.lost, this.log.tail + 1) };
    let hash = this.lastHash;
    if (unsaid.length > 0) {
      hash &&= this.chain.ofDropped(this.log.tail + 1, hash, memory);
      const parts = encodeStored('dropped', { body: new Uint8Array(0), lineCount: 0, rawBytes: 0, positions: unsaid });
      records.push({ parts, ...(hash ? { tag: hash } : {}) });
    }
    hash &&= chainHash(hash, sealed.body);
    records.push({ parts: encodeStored('batch', sealed), ...(hash ? { tag: hash } : {}) });
    await this.log.append(records, encodeMemory(memory));
    this.memory = memory;
    this.lastHash = hash;
    this.positions.apply(sealed.positions);
  }

  /** After a failed write: takes over what arrived; true when that is the body in doubt, handed in again. */
  async recover(sealed?: SealedBody): Promise<boolean> {
    if (!this.log.mustRecover) return false;
    const arrived = await this.log.recover();
    const memory = decodeMemory(this.log.state);
    const [first] = arrived;
    if (memory && first) this.memory = { ...this.memory, unsaid: [], lost: withSaid(this.memory.lost, first.number) };
    for (const { bytes } of arrived) this.positions.apply(decodeStored(bytes).positions);
    if (arrived.length > 0) this.lastHash = arrived.at(-1)?.tag;
    const isHere = arrived.length > 0 && sealed !== undefined && this.inDoubt === sealed;
    this.inDoubt = undefined;
    // Whoever handed it in was told that it failed, and would read the same lines again.
    if (arrived.length > 0 && !isHere) this.moves++;
    if (arrived.length > 0) this.#onChange();
    return isHere;
  }

  async makeRoom(sealed: SealedBody): Promise<boolean> {
    const { acked } = this.memory;
    if (this.#hasRoom(sealed) && !this.log.isFull) return true;
    if (acked >= this.log.tail) {
      await this.orRecover(() => this.log.roll());
      await this.log.free(acked, encodeMemory(this.memory));
    }
    while (!this.#hasRoom(sealed) && this.#options.whenFull === 'drop-oldest' && (await this.dropOldest()));
    return this.#hasRoom(sealed);
  }

  #hasRoom(sealed: SealedBody): boolean {
    return this.log.bytes === 0 || this.log.bytes + sealed.body.length <= this.#options.bytesMax;
  }

  async dropOldest(): Promise<boolean> {
    const [oldest, next] = this.log.generations;
    if (!oldest || !next) return false;
    const { acked } = this.memory;
    const to = next.first - 1;
    if (to <= acked) {
      await this.log.free(acked, encodeMemory(this.memory));
      return true;
    }
    const hash = await this.chain.known(to, this.memory);
    const from = Math.max(oldest.first, acked + 1);
    const memory = chainedBehind(this.memory, this.log.tail, [{ from, to, reason: 'drop_oldest', ...(hash ? { hash } : {}) }]);
    const lost = await withDropped(this, { oldest, next, from });
    await this.become({ ...memory, lost, lostBatches: memory.lostBatches + to - from + 1 }, async (state) => {
      await this.log.dropOldest(state);
    });
    return true;
  }

  async dropNewest(sealed: SealedBody): Promise<'done' | 'wait'> {
    const unsaid = new Positions(this.memory.unsaid);
    unsaid.apply(sealed.positions);
    if (unsaid.all().length > unsaidMax) return 'wait';
    const lines = keptBetween((streamId) => keptUpTo(this.positions.get(streamId)), sealed.positions) ?? {};
    const lost = withUnsaid(this.memory.lost, lines);
    const memory = { ...this.memory, unsaid: unsaid.all(), lost, lostBatches: this.memory.lostBatches + 1 };
    await this.log.writeState(encodeMemory(memory));
    this.memory = memory;
    this.positions.apply(sealed.positions);
    return 'done';
  }

  async readAt(number: number): Promise<LogItem | undefined> {
    while (this.#ahead.length > 0 && firstOf(this.#ahead[0]) !== number) this.#ahead.shift();
    if (this.#ahead.length === 0) this.#ahead = [...(await this.log.read(number, readAhead))];
    return this.#ahead.shift();
  }

  /** Memory, chain and places change together when they are durable, or not at all. */
  async become(memory: LaneMemory, write: (state: string) => Promise<void>, positions = this.positions): Promise<void> {
    const state = encodeMemory(memory);
    const isChainedAnew = this.#isChainedAnew(memory);
    const lastHash = isChainedAnew ? undefined : this.lastHash;
    this.#beginning = { positions: positions.all(), epoch: memory.epoch, lastHash };
    try {
      await this.orRecover(() => write(state));
    } catch (error) {
      // What fails after the state was written down (closing, tidying) takes nothing of it back.
      if (this.log.state !== state) throw error;
    } finally {
      this.#beginning = undefined;
    }
    this.memory = memory;
    this.positions = positions;
    this.lastHash = lastHash;
    this.#ahead = [];
    if (isChainedAnew) this.chain.beginEpoch();
    this.#onChange();
  }

  /** What stands behind a hole without a hash, or in another epoch, has none of the hashes that were computed. */
  #isChainedAnew({ epoch, carriedUpTo, holes }: LaneMemory): boolean {
    const before = this.memory;
    if (epoch !== before.epoch || carriedUpTo !== before.carriedUpTo) return true;
    return holes !== before.holes && holes.some(({ hash }) => hash === undefined);
  }

  async setAcked(number: number, hash: Uint8Array): Promise<void> {
    await passLines(this, number);
    this.memory = withAcked(this.memory, number, hash);
    settleLines(this);
    await this.log.free(number, encodeMemory(this.memory));
    this.#onChange();
  }

  async orRecover(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      await this.recover();
      // The reserve was given back meanwhile: once more.
      if (errorCode(error) !== 'DISK_FULL') throw error;
      await write();
    }
  }
}

function firstOf(item: LogItem | undefined): number {
  assert(item, 'nothing was read');
  return item.is === 'record' ? item.number : item.from;
}
