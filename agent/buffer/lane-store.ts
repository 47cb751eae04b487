// What a lane has on disk and in memory, and every step that changes both together. LaneBuffer stands in front of it,
// serialises the calls and lets callers wait; nothing here waits for anything but the disk.
// Promises: each step is durable before the memory says so; going to a new epoch is one atomic write (DELIVERY.md 8);
// after a failed write what arrived all the same is taken over before the next one.
import { chainStart, type LaneName } from '../../proto/delivery.ts';
import { GenerationLog, type NewRecord } from '../../proto/durable/generation-log.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import type { Hole, LogItem } from '../../proto/durable/read-generation.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { assert, errorCode } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import type { SealedBody, StreamPosition } from '../ports.ts';
import { committedBefore } from './committed-before.ts';
import { LaneChain } from './lane-chain.ts';
import { decodeMemory, encodeMemory, holesAbove, lostIn, withHole, type LaneHole, type LaneMemory } from './lane-memory.ts';
import { findBehindDamage, findLane } from './open-lane.ts';
import { Positions } from './positions.ts';
import { decodeSnapshot, decodeStored, encodeSnapshot, encodeStored } from './stored-body.ts';

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
  /** Chain hash at the tail; undefined while carried records were not all chained yet. */
  lastHash: Uint8Array | undefined = chainStart;
  /** A body whose write failed: it may be there all the same. */
  inDoubt: SealedBody | undefined;
  /** A new epoch began: nothing is sent or freed until a Hello has told it. */
  isHelloDue = false;
  /** After damage: lines that can be read again wait until the hub has said where it is. */
  awaitsPositions = false;
  /** Positions went where readers do not know: they must begin anew. */
  havePositionsMoved = false;
  readonly #options: LaneBufferOptions;
  readonly #onChange: () => void;
  #ahead: LogItem[] = [];

  constructor(options: LaneBufferOptions, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  async start(): Promise<void> {
    const { disk, folder, bytesMax, generationBytes, reserveBytes, slotBytes, random } = this.#options;
    this.log = await GenerationLog.open({
      disk,
      folder,
      generationBytes: Math.min(generationBytes, Math.floor(bytesMax / generationsMin)),
      reserveBytes,
      slotBytes,
      snapshot: () => encodeSnapshot({ positions: this.positions.all(), epoch: this.memory.epoch, lastHash: this.lastHash }),
      onPass: (pass) => {
        if (pass !== 'written') killPoint(`agent.${pass}`);
      },
    });
    this.chain = new LaneChain(this.log);
    const { positions, holes, hasSnapshot } = await findLane(this.log);
    const memory = decodeMemory(this.log.state);
    this.positions = positions;
    if (memory) {
      this.positions.apply(memory.unsaid);
      this.memory = memory;
      this.awaitsPositions = memory.damaged && memory.acked === memory.base;
      this.lastHash = await this.chain.known(this.log.tail, memory);
      const damage = holes.filter((hole) => !this.#isKnown(hole)).map(({ from }) => from);
      if (!hasSnapshot && this.log.tail > 0) damage.push(memory.acked + 1);
      if (damage.length > 0) await this.noteDamage(Math.min(...damage));
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
    };
    if (this.log.openedAs === 'new' && this.log.tail === 0) await this.log.writeState(encodeMemory(this.memory));
    else await this.noteDamage(this.log.oldest);
  }

  async write(sealed: SealedBody): Promise<void> {
    const { unsaid } = this.memory;
    const records: NewRecord[] = [];
    const memory = { ...this.memory, unsaid: [] };
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
    if (memory && arrived.length > 0) this.memory = { ...this.memory, unsaid: [] };
    for (const { bytes } of arrived) this.positions.apply(decodeStored(bytes).positions);
    if (arrived.length > 0) this.lastHash = arrived.at(-1)?.tag;
    const isHere = arrived.length > 0 && sealed !== undefined && this.inDoubt === sealed;
    this.inDoubt = undefined;
    // Whoever handed it in was told that it failed, and would read the same lines again.
    if (arrived.length > 0 && !isHere) this.havePositionsMoved = true;
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
    this.#addHoles([{ from, to, reason: 'drop_oldest', ...(hash ? { hash } : {}) }]);
    this.memory = { ...this.memory, lostBatches: this.memory.lostBatches + to - from + 1 };
    await this.log.dropOldest(encodeMemory(this.memory));
    this.#onChange();
    return true;
  }

  async dropNewest(sealed: SealedBody): Promise<'done' | 'wait'> {
    const unsaid = new Positions(this.memory.unsaid);
    unsaid.apply(sealed.positions);
    if (unsaid.all().length > unsaidMax) return 'wait';
    const memory = { ...this.memory, unsaid: unsaid.all(), lostBatches: this.memory.lostBatches + 1 };
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

  async noteDamage(damage: number): Promise<void> {
    const { acked } = this.memory;
    const { positions, holes } = await findBehindDamage(this.log, damage);
    positions.apply(this.memory.unsaid);
    this.positions = positions;
    const damaged = holes.filter((hole) => !this.#isKnown(hole)).map(({ from, to }) => ({ from, to, reason: 'damaged' }));
    await this.#beginEpoch(acked, holesAbove(damaged, acked), true);
    this.awaitsPositions = true;
    this.havePositionsMoved = true;
  }

  /** One atomic write: epoch, batches kept (all above `acked`), positions, holes. */
  async #beginEpoch(acked: number, holes: readonly LaneHole[], damaged: boolean): Promise<void> {
    const before = this.memory;
    // Hashes of the old epoch mean nothing in the new one.
    const known = holesAbove(before.holes, acked).map(({ from, to, reason }) => ({ from, to, reason }));
    const memory: LaneMemory = {
      ...before,
      epoch: this.#options.random.bytes(16),
      base: acked,
      carriedUpTo: this.log.tail,
      acked,
      ackedHash: chainStart,
      damaged,
      holes: holes.reduce<readonly LaneHole[]>(withHole, known),
      lostBatches: before.lostBatches + lostIn(holes.filter(({ reason }) => reason === 'damaged')),
    };
    this.lastHash = undefined;
    await this.orRecover(() => this.log.rewrite(encodeMemory(memory)));
    this.memory = memory;
    this.chain.beginEpoch();
    this.#ahead = [];
    this.isHelloDue = true;
    this.lastHash = await this.chain.known(this.log.tail, memory);
    this.#onChange();
  }

  /** The histories part: what the hub has of the other life is not sent again, the rest goes on in a new epoch. */
  async part(common: number, told: readonly StreamPosition[]): Promise<void> {
    const first = Math.max(common + 1, this.log.oldest);
    let holes = await committedBefore(this.log, { from: first, to: this.log.tail }, told);
    if (first > common + 1) holes = withHole(holes, { from: common + 1, to: first - 1, reason: 'no_longer_held' });
    await this.#beginEpoch(common, holes, false);
  }

  /** The acknowledged mark, up or down; what was freed below it and is asked for again is gone. */
  async goBackTo(common: number, hash: Uint8Array, told: readonly StreamPosition[]): Promise<void> {
    const { acked, base, damaged, carriedUpTo } = this.memory;
    const first = this.log.oldest;
    if (common < acked && first > common + 1) {
      const lastHash = await this.#hashBefore(first);
      this.#addHoles([{ from: common + 1, to: first - 1, reason: 'no_longer_held', ...(lastHash ? { hash: lastHash } : {}) }]);
    }
    // The state file was lost with the acknowledged mark: what the hub has of the old epoch is not sent again.
    if (damaged && common === base)
      this.#addHoles(await committedBefore(this.log, { from: Math.max(base + 1, first), to: carriedUpTo }, told));
    this.memory = { ...this.memory, damaged: false };
    await this.setAcked(common, hash);
  }

  /** Batches behind a hole whose hash is not known are chained anew: the hub has none of them yet. */
  #addHoles(holes: readonly LaneHole[]): void {
    if (holes.length === 0) return;
    this.memory = { ...this.memory, holes: holes.reduce<readonly LaneHole[]>(withHole, this.memory.holes) };
    this.#ahead = [];
    if (holes.every(({ hash }) => hash !== undefined)) return;
    this.memory = { ...this.memory, carriedUpTo: this.log.tail };
    this.chain.beginEpoch();
    this.lastHash = undefined;
  }

  async #hashBefore(first: number): Promise<Uint8Array | undefined> {
    const generation = this.log.generations.find((known) => known.first === first);
    const bytes = generation && (await this.log.snapshotOf(generation.id));
    const snapshot = bytes && decodeSnapshot(bytes);
    const isOurs = snapshot && Buffer.from(snapshot.epoch).equals(this.memory.epoch);
    return isOurs ? snapshot.lastHash : undefined;
  }

  async setAcked(number: number, hash: Uint8Array): Promise<void> {
    this.memory = { ...this.memory, acked: number, ackedHash: new Uint8Array(hash), holes: holesAbove(this.memory.holes, number) };
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

  #isKnown(hole: Hole): boolean {
    return this.memory.holes.some(({ from, to }) => from <= hole.from && to >= hole.to);
  }
}

function firstOf(item: LogItem | undefined): number {
  assert(item, 'nothing was read');
  return item.is === 'record' ? item.number : item.from;
}
