// One lane of sealed batches on disk, from the moment they are read until the hub has committed them.
// Promises: body, positions and counters are one synced write; sequences count from 1 in an epoch and are never given
// twice; what is full, damaged or dropped is said as Lost, never silent; memory does not grow with the backlog.
// When full, the policy decides: block (append waits), drop-oldest (a whole generation), drop-newest (the body handed in).
// Damage is noted durably before anything new is sealed: a new epoch begins in one write (DELIVERY.md 8), and `next`
// rejects with BUFFER_EPOCH_CHANGED until a Hello has asked for the new state. After that, append waits for the hub's
// positions; when those are further than ours it rejects with POSITIONS_MOVED until positions() was read again.
import { chainStart, type LaneName } from '../../proto/delivery.ts';
import { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import type { Hole, LogItem } from '../../proto/durable/read-generation.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { assert, errorCode } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { BatchBuffer, BufferStatus, LaneSettlement, LaneState, SealedBody, StoredBatch, StreamPosition } from '../ports.ts';
import { ladder } from './hash-ladder.ts';
import { committedBefore } from './committed-before.ts';
import { LaneChain } from './lane-chain.ts';
import { epochChanged, movedPositions } from './lane-errors.ts';
import { frameOfHole, frameOfRecord } from './lane-frames.ts';
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
}

export interface BufferListing extends BufferStatus {
  readonly epoch: string;
  readonly oldestSequence: number;
  readonly generations: readonly { readonly id: number; readonly firstSequence: number; readonly bytes: number }[];
  readonly holes: readonly { readonly from: number; readonly to: number; readonly reason: string }[];
  readonly streams: readonly StreamPosition[];
}

const readAhead = 4;
const retryWhenFullMs = 1_000;
/** Generations are the unit of dropping and freeing: a buffer has room for several. */
const generationsMin = 4;
const unsaidMax = 512;

export class LaneBuffer implements BatchBuffer {
  readonly #options: LaneBufferOptions;
  readonly #serial = new Serial();
  readonly #grown = new Wake();
  readonly #changed = new Wake();
  #changes = 0;
  #log!: GenerationLog;
  #chain!: LaneChain;
  #memory!: LaneMemory;
  #positions = new Positions();
  #ahead: LogItem[] = [];
  /** A body whose write failed: it may be there all the same. */
  #inDoubt: SealedBody | undefined;
  #isHelloDue = false;
  #awaitsPositions = false;
  #havePositionsMoved = false;

  private constructor(options: LaneBufferOptions) {
    this.#options = options;
  }

  static async open(options: LaneBufferOptions): Promise<LaneBuffer> {
    const buffer = new LaneBuffer(options);
    await buffer.#start();
    return buffer;
  }

  async append(sealed: SealedBody, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const changes = this.#changes;
      const outcome = await this.#serial.run(() => this.#tryAppend(sealed));
      if (outcome === 'done') break;
      if (changes === this.#changes) await this.#waitForRoom(signal);
    }
    this.#grown.wake();
    killPoint('agent.after-buffer-write');
  }

  async next(after: number, signal: AbortSignal): Promise<StoredBatch | undefined> {
    while (!signal.aborted) {
      this.#refuseUntilHello();
      if (after + this.#memory.base >= this.#log.tail) await this.#grown.wait(signal);
      else {
        const stored = await this.#serial.run(() => this.#storedAfter(after));
        if (stored) return stored;
      }
    }
    return undefined;
  }

  free(upTo: number): Promise<void> {
    return this.#serial.run(async () => {
      // Sequences of an epoch that has ended mean nothing in the new one.
      const number = Math.min(upTo + this.#memory.base, this.#log.tail);
      if (this.#isHelloDue || number <= this.#memory.acked) return;
      const hash = await this.#chain.at(number, this.#memory);
      if (hash) await this.#setAcked(number, hash);
    });
  }

  positions(): readonly StreamPosition[] {
    this.#havePositionsMoved = false;
    return this.#positions.all();
  }

  laneState(): Promise<LaneState> {
    return this.#serial.run(async () => {
      const memory = this.#memory;
      const { base, acked, epoch, damaged } = memory;
      const newest = this.#log.tail - base;
      const oldest = Math.max(Math.max(this.#log.oldest, base + 1) - base, 1);
      const held: { sequence: number; hash: Uint8Array }[] = [];
      // What was carried over is chained as far as the hub may have it.
      await this.#chain.at(Math.min(memory.carriedUpTo, acked + 128, this.#log.tail), memory);
      for (const sequence of ladder({ oldest, acked: acked - base, newest })) {
        const hash = await this.#chain.known(sequence + base, memory);
        if (hash) held.push({ sequence, hash });
      }
      // The mark itself, though its record may be gone: where the hub usually stands.
      if (acked > base && !held.some(({ sequence }) => sequence === acked - base)) {
        held.push({ sequence: acked - base, hash: memory.ackedHash });
      }
      this.#isHelloDue = false;
      return { lane: this.#options.lane, epoch, oldestSequence: oldest, nextSequence: newest + 1, held, damaged };
    });
  }

  settle(welcome: LaneSettlement): Promise<boolean> {
    return this.#serial.run(async () => {
      await this.#recover();
      const common = welcome.epochKnown ? welcome.commonSequence + this.#memory.base : this.#memory.base;
      if (common > this.#log.tail) return false;
      const hash = common === this.#memory.base ? chainStart : welcome.commonHash;
      const moved = this.#positions.adopt(welcome.positions);
      const isParted = welcome.epochKnown && welcome.parted;
      if (isParted) await this.#part(common, welcome.positions);
      else await this.#goBackTo(common, hash, welcome.positions);
      if (!isParted && moved) await this.#orRecover(() => this.#log.rewrite(encodeMemory(this.#memory)));
      else if (!isParted) await this.#log.writeState(encodeMemory(this.#memory));
      this.#awaitsPositions = false;
      this.#havePositionsMoved ||= moved;
      this.#change();
      this.#grown.wake();
      return isParted;
    });
  }

  status(): BufferStatus {
    const { base, acked, holes, lostBatches } = this.#memory;
    const { tail, bytes } = this.#log;
    return {
      lane: this.#options.lane,
      batches: Math.max(0, tail - acked - lostIn(holes)),
      bytes,
      bytesMax: this.#options.bytesMax,
      isFull: this.#log.isFull || bytes >= this.#options.bytesMax,
      ackedSequence: acked - base,
      nextSequence: tail + 1 - base,
      lostBatches,
    };
  }

  /** For `buffer inspect`. */
  inspect(): BufferListing {
    const { base, epoch, holes } = this.#memory;
    return {
      ...this.status(),
      epoch: Buffer.from(epoch).toString('hex'),
      oldestSequence: Math.max(this.#log.oldest - base, 1),
      generations: this.#log.generations.map(({ id, first, bytes }) => ({ id, firstSequence: first - base, bytes })),
      holes: holes.map(({ from, to, reason }) => ({ from: from - base, to: to - base, reason })),
      streams: this.#positions.all(),
    };
  }

  async close(): Promise<void> {
    await this.#serial.run(() => this.#log.close());
  }

  async #start(): Promise<void> {
    const { disk, folder, bytesMax, generationBytes, reserveBytes, random } = this.#options;
    this.#log = await GenerationLog.open({
      disk,
      folder,
      generationBytes: Math.min(generationBytes, Math.floor(bytesMax / generationsMin)),
      reserveBytes,
      snapshot: () => encodeSnapshot({ positions: this.#positions.all(), epoch: this.#memory.epoch, lastHash: this.#lastHash }),
      onPass: (pass) => {
        if (pass !== 'written') killPoint(`agent.${pass}`);
      },
    });
    this.#chain = new LaneChain(this.#log);
    const { positions, holes, hasSnapshot } = await findLane(this.#log);
    const memory = decodeMemory(this.#log.state);
    this.#positions = positions;
    if (memory) {
      this.#positions.apply(memory.unsaid);
      this.#memory = memory;
      this.#awaitsPositions = memory.damaged && memory.acked === memory.base;
      this.#lastHash = await this.#chain.known(this.#log.tail, memory);
      const damage = holes.filter((hole) => !this.#isKnown(hole)).map(({ from }) => from);
      if (!hasSnapshot && this.#log.tail > 0) damage.push(memory.acked + 1);
      if (damage.length > 0) await this.#noteDamage(Math.min(...damage));
      return;
    }
    const acked = this.#log.oldest - 1;
    this.#memory = {
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
    if (this.#log.openedAs === 'new' && this.#log.tail === 0) await this.#log.writeState(encodeMemory(this.#memory));
    else await this.#noteDamage(this.#log.oldest);
  }

  /** Chain hash at the tail; undefined while carried records were not all chained yet. */
  #lastHash: Uint8Array | undefined = chainStart;

  async #tryAppend(sealed: SealedBody): Promise<'done' | 'wait'> {
    if (await this.#recover(sealed)) return 'done';
    if (this.#awaitsPositions && sealed.positions.some(isRereadable)) return 'wait';
    if (this.#havePositionsMoved) throw movedPositions();
    if (!(await this.#makeRoom(sealed))) return this.#options.whenFull === 'drop-newest' ? this.#dropNewest(sealed) : 'wait';
    this.#lastHash ??= await this.#chain.known(this.#log.tail, this.#memory);
    try {
      await this.#write(sealed);
      return 'done';
    } catch (error) {
      this.#inDoubt = sealed;
      if (errorCode(error) !== 'DISK_FULL') throw error;
      if (await this.#recover(sealed)) return 'done';
      if (this.#options.whenFull === 'drop-oldest') await this.#dropOldest();
      return this.#options.whenFull === 'drop-newest' ? this.#dropNewest(sealed) : 'wait';
    }
  }

  async #write(sealed: SealedBody): Promise<void> {
    const { unsaid } = this.#memory;
    const records: { bytes: Uint8Array; tag?: Uint8Array }[] = [];
    const memory = { ...this.#memory, unsaid: [] };
    let hash = this.#lastHash;
    if (unsaid.length > 0) {
      hash &&= this.#chain.ofDropped(this.#log.tail + 1, hash, memory);
      const bytes = encodeStored('dropped', { body: new Uint8Array(0), lineCount: 0, rawBytes: 0, positions: unsaid });
      records.push({ bytes, ...(hash ? { tag: hash } : {}) });
    }
    hash &&= chainHash(hash, sealed.body);
    records.push({ bytes: encodeStored('batch', sealed), ...(hash ? { tag: hash } : {}) });
    await this.#log.append(records, encodeMemory(memory));
    this.#memory = memory;
    this.#lastHash = hash;
    this.#positions.apply(sealed.positions);
  }

  /** After a failed write: takes over what arrived; true when that is the body in doubt, handed in again. */
  async #recover(sealed?: SealedBody): Promise<boolean> {
    if (!this.#log.mustRecover) return false;
    const arrived = await this.#log.recover();
    const memory = decodeMemory(this.#log.state);
    if (memory && arrived.length > 0) this.#memory = { ...this.#memory, unsaid: [] };
    for (const { bytes } of arrived) this.#positions.apply(decodeStored(bytes).positions);
    if (arrived.length > 0) this.#lastHash = arrived.at(-1)?.tag;
    const isHere = arrived.length > 0 && sealed !== undefined && this.#inDoubt === sealed;
    this.#inDoubt = undefined;
    if (arrived.length > 0) this.#grown.wake();
    return isHere;
  }

  async #makeRoom(sealed: SealedBody): Promise<boolean> {
    const { acked } = this.#memory;
    if (this.#hasRoom(sealed) && !this.#log.isFull) return true;
    if (acked >= this.#log.tail) {
      await this.#orRecover(() => this.#log.roll());
      await this.#log.free(acked, encodeMemory(this.#memory));
    }
    while (!this.#hasRoom(sealed) && this.#options.whenFull === 'drop-oldest' && (await this.#dropOldest()));
    return this.#hasRoom(sealed);
  }

  #hasRoom(sealed: SealedBody): boolean {
    return this.#log.bytes === 0 || this.#log.bytes + sealed.body.length <= this.#options.bytesMax;
  }

  async #dropOldest(): Promise<boolean> {
    const [oldest, next] = this.#log.generations;
    if (!oldest || !next) return false;
    const { acked } = this.#memory;
    const to = next.first - 1;
    if (to <= acked) {
      await this.#log.free(acked, encodeMemory(this.#memory));
      return true;
    }
    const hash = await this.#chain.known(to, this.#memory);
    const from = Math.max(oldest.first, acked + 1);
    this.#addHoles([{ from, to, reason: 'drop_oldest', ...(hash ? { hash } : {}) }]);
    this.#memory = { ...this.#memory, lostBatches: this.#memory.lostBatches + to - from + 1 };
    await this.#log.dropOldest(encodeMemory(this.#memory));
    this.#change();
    return true;
  }

  async #dropNewest(sealed: SealedBody): Promise<'done' | 'wait'> {
    const unsaid = new Positions(this.#memory.unsaid);
    unsaid.apply(sealed.positions);
    if (unsaid.all().length > unsaidMax) return 'wait';
    const memory = { ...this.#memory, unsaid: unsaid.all(), lostBatches: this.#memory.lostBatches + 1 };
    await this.#log.writeState(encodeMemory(memory));
    this.#memory = memory;
    this.#positions.apply(sealed.positions);
    return 'done';
  }

  async #storedAfter(after: number): Promise<StoredBatch | undefined> {
    this.#refuseUntilHello();
    const memory = this.#memory;
    const number = Math.max(after + memory.base, memory.acked) + 1;
    if (number > this.#log.tail) return undefined;
    const hole = memory.holes.find(({ from, to }) => from <= number && to >= number);
    const previous = await this.#chain.at(number - 1, memory);
    if (hole && previous) {
      const rest = { ...hole, from: number };
      return frameOfHole(this.#options.lane, memory, { log: this.#log, hole: rest, hash: this.#chain.ofHole(rest, previous, memory) });
    }
    const item = previous && (await this.#readAt(number));
    if (!previous || item?.is !== 'record') {
      await this.#noteDamage(item?.is === 'hole' ? item.from : this.#memory.acked + 1);
      return undefined;
    }
    return frameOfRecord(this.#options.lane, memory, item, this.#chain.ofRecord(item, previous, memory));
  }

  async #readAt(number: number): Promise<LogItem | undefined> {
    while (this.#ahead.length > 0 && firstOf(this.#ahead[0]) !== number) this.#ahead.shift();
    if (this.#ahead.length === 0) this.#ahead = [...(await this.#log.read(number, readAhead))];
    return this.#ahead.shift();
  }

  async #noteDamage(damage: number): Promise<void> {
    const { acked } = this.#memory;
    const { positions, holes } = await findBehindDamage(this.#log, damage);
    positions.apply(this.#memory.unsaid);
    this.#positions = positions;
    const damaged = holes.filter((hole) => !this.#isKnown(hole)).map(({ from, to }) => ({ from, to, reason: 'damaged' }));
    await this.#beginEpoch(acked, holesAbove(damaged, acked), true);
    this.#awaitsPositions = true;
    this.#havePositionsMoved = true;
  }

  /** One atomic write: epoch, batches kept (all above `acked`), positions, holes. */
  async #beginEpoch(acked: number, holes: readonly LaneHole[], damaged: boolean): Promise<void> {
    const before = this.#memory;
    // Hashes of the old epoch mean nothing in the new one.
    const known = holesAbove(before.holes, acked).map(({ from, to, reason }) => ({ from, to, reason }));
    const memory: LaneMemory = {
      ...before,
      epoch: this.#options.random.bytes(16),
      base: acked,
      carriedUpTo: this.#log.tail,
      acked,
      ackedHash: chainStart,
      damaged,
      holes: holes.reduce<readonly LaneHole[]>(withHole, known),
      lostBatches: before.lostBatches + lostIn(holes.filter(({ reason }) => reason === 'damaged')),
    };
    this.#lastHash = undefined;
    await this.#orRecover(() => this.#log.rewrite(encodeMemory(memory)));
    this.#memory = memory;
    this.#chain.beginEpoch();
    this.#ahead = [];
    this.#isHelloDue = true;
    this.#lastHash = await this.#chain.known(this.#log.tail, memory);
    this.#change();
    this.#grown.wake();
  }

  /** The histories part: what the hub has of the other life is not sent again, the rest goes on in a new epoch. */
  async #part(common: number, told: readonly StreamPosition[]): Promise<void> {
    const first = Math.max(common + 1, this.#log.oldest);
    let holes = await committedBefore(this.#log, { from: first, to: this.#log.tail }, told);
    if (first > common + 1) holes = withHole(holes, { from: common + 1, to: first - 1, reason: 'no_longer_held' });
    await this.#beginEpoch(common, holes, false);
  }

  /** The acknowledged mark, up or down; what was freed below it and is asked for again is gone. */
  async #goBackTo(common: number, hash: Uint8Array, told: readonly StreamPosition[]): Promise<void> {
    const { acked, base, damaged, carriedUpTo } = this.#memory;
    const first = this.#log.oldest;
    if (common < acked && first > common + 1) {
      const lastHash = await this.#hashBefore(first);
      this.#addHoles([{ from: common + 1, to: first - 1, reason: 'no_longer_held', ...(lastHash ? { hash: lastHash } : {}) }]);
    }
    // The state file was lost with the acknowledged mark: what the hub has of the old epoch is not sent again.
    if (damaged && common === base)
      this.#addHoles(await committedBefore(this.#log, { from: Math.max(base + 1, first), to: carriedUpTo }, told));
    this.#memory = { ...this.#memory, damaged: false };
    await this.#setAcked(common, hash);
  }

  /** Batches behind a hole whose hash is not known are chained anew: the hub has none of them yet. */
  #addHoles(holes: readonly LaneHole[]): void {
    if (holes.length === 0) return;
    this.#memory = { ...this.#memory, holes: holes.reduce<readonly LaneHole[]>(withHole, this.#memory.holes) };
    this.#ahead = [];
    if (holes.every(({ hash }) => hash !== undefined)) return;
    this.#memory = { ...this.#memory, carriedUpTo: this.#log.tail };
    this.#chain.beginEpoch();
    this.#lastHash = undefined;
  }

  async #hashBefore(first: number): Promise<Uint8Array | undefined> {
    const generation = this.#log.generations.find((known) => known.first === first);
    const bytes = generation && (await this.#log.snapshotOf(generation.id));
    const snapshot = bytes && decodeSnapshot(bytes);
    const isOurs = snapshot && Buffer.from(snapshot.epoch).equals(this.#memory.epoch);
    return isOurs ? snapshot.lastHash : undefined;
  }

  async #setAcked(number: number, hash: Uint8Array): Promise<void> {
    this.#memory = { ...this.#memory, acked: number, ackedHash: new Uint8Array(hash), holes: holesAbove(this.#memory.holes, number) };
    await this.#log.free(number, encodeMemory(this.#memory));
    this.#change();
  }

  async #orRecover(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      await this.#recover();
      // The reserve was given back meanwhile: once more.
      if (errorCode(error) !== 'DISK_FULL') throw error;
      await write();
    }
  }

  async #waitForRoom(signal: AbortSignal): Promise<void> {
    const either = new AbortController();
    const signals = AbortSignal.any([signal, either.signal]);
    const pause = this.#options.clock.sleep(retryWhenFullMs, signals).catch(() => undefined);
    await Promise.race([pause, this.#changed.wait(signals)]);
    either.abort();
  }

  #change(): void {
    this.#changes += 1;
    this.#changed.wake();
  }

  #isKnown(hole: Hole): boolean {
    return this.#memory.holes.some(({ from, to }) => from <= hole.from && to >= hole.to);
  }

  #refuseUntilHello(): void {
    if (!this.#isHelloDue) return;
    throw epochChanged(this.#options.lane);
  }
}

function firstOf(item: LogItem | undefined): number {
  assert(item, 'nothing was read');
  return item.is === 'record' ? item.number : item.from;
}

function isRereadable({ stream, cursor }: StreamPosition): boolean {
  return stream.file !== undefined || cursor !== '';
}
