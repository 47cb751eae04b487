// One lane of sealed batches on disk, from the moment they are read until the hub has committed them.
// Promises: body, positions and counters are one synced write; sequences count from 1 in an epoch and are never given
// twice; what is full, damaged or dropped is said as Lost, never silent; memory does not grow with the backlog.
// When full, the policy decides: block (append waits), drop-oldest (a whole generation), drop-newest (the body handed in).
// Damage is noted durably before anything new is sealed: a new epoch begins in one write (DELIVERY.md 8), and `next`
// rejects with BUFFER_EPOCH_CHANGED until a Hello has asked for the new state. Until the hub's positions are told, and when
// those are further than ours until positions() was read again, append rejects what can be read again (POSITIONS_MOVED).
import { chainStart } from '../../proto/delivery.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import { canBeReadAgain } from '../can-be-read-again.ts';
import type { BatchBuffer, BufferStatus, LaneSettlement, LaneState, SealedBody, StoredBatch, StreamPosition } from '../ports.ts';
import { ladder } from './hash-ladder.ts';
import { goBackTo, noteDamage, part } from './lane-epochs.ts';
import { epochChanged, movedPositions } from './lane-errors.ts';
import { frameOfHole, frameOfRecord } from './lane-frames.ts';
import type { LinesInLane } from './lane-lines.ts';
import { lostIn } from './lane-memory.ts';
import { LaneStore, type LaneBufferOptions } from './lane-store.ts';
import { boundsOf, peekLane, type PeekedLane } from './peek-lane.ts';

export interface BufferListing extends BufferStatus {
  readonly epoch: string;
  readonly oldestSequence: number;
  readonly generations: readonly {
    readonly id: number;
    readonly firstSequence: number;
    readonly bytes: number;
    /** Id of the key that it was sealed with; empty where it is plain. */
    readonly sealedWith: string;
  }[];
  readonly holes: readonly { readonly from: number; readonly to: number; readonly reason: string }[];
  readonly streams: readonly StreamPosition[];
}

interface Reader {
  /** Of the store's moves, those before it read the positions. */
  movesSeen: number;
}

const retryWhenFullMs = 1_000;
export class LaneBuffer implements BatchBuffer {
  readonly #options: LaneBufferOptions;
  readonly #serial = new Serial();
  readonly #grown = new Wake();
  readonly #changed = new Wake();
  #changes = 0;
  readonly #store: LaneStore;
  readonly #reader: Reader = { movesSeen: 0 };

  private constructor(options: LaneBufferOptions) {
    this.#options = options;
    this.#store = new LaneStore(options, () => this.#change());
  }

  static async open(options: LaneBufferOptions): Promise<LaneBuffer> {
    const buffer = new LaneBuffer(options);
    await buffer.#store.start();
    return buffer;
  }

  /** The same lane for one more reader: each is told apart of positions that moved, until it has read them. */
  reader(): BatchBuffer {
    const reader: Reader = { movesSeen: 0 };
    return {
      append: (sealed, signal) => this.#append(reader, sealed, signal),
      next: (after, signal) => this.next(after, signal),
      free: (upTo) => this.free(upTo),
      positions: () => this.#positionsFor(reader),
      readBack: () => this.readBack(),
      laneState: () => this.laneState(),
      settle: (welcome) => this.settle(welcome),
      status: () => this.#statusFor(reader),
    };
  }

  append(sealed: SealedBody, signal: AbortSignal): Promise<void> {
    return this.#append(this.#reader, sealed, signal);
  }

  async #append(reader: Reader, sealed: SealedBody, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const changes = this.#changes;
      const outcome = await this.#serial.run(() => this.#tryAppend(reader, sealed)).catch(waitForRoom);
      if (outcome === 'done') break;
      if (changes === this.#changes) await this.#waitForRoom(signal);
    }
    this.#grown.wake();
    killPoint('agent.after-buffer-write');
  }

  async next(after: number, signal: AbortSignal): Promise<StoredBatch | undefined> {
    while (!signal.aborted) {
      this.#refuseUntilHello();
      if (after + this.#store.memory.base >= this.#store.log.tail) await this.#grown.wait(signal);
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
      const number = Math.min(upTo + this.#store.memory.base, this.#store.log.tail);
      if (this.#store.isHelloDue || number <= this.#store.memory.acked) return;
      const hash = await this.#store.chain.at(number, this.#store.memory);
      if (hash) await this.#store.setAcked(number, hash);
    });
  }

  positions(): readonly StreamPosition[] {
    return this.#positionsFor(this.#reader);
  }

  readBack(): Promise<void> {
    return this.#serial.run(async () => void (await this.#store.recover()));
  }

  #positionsFor(reader: Reader): readonly StreamPosition[] {
    reader.movesSeen = this.#store.moves;
    return this.#store.positions.all();
  }

  laneState(): Promise<LaneState> {
    return this.#serial.run(async () => {
      await this.#store.recover();
      const memory = this.#store.memory;
      const { base, acked, epoch, damaged } = memory;
      const newest = this.#store.log.tail - base;
      const oldest = Math.max(Math.max(this.#store.log.oldest, base + 1) - base, 1);
      const held: { sequence: number; hash: Uint8Array }[] = [];
      // What was carried over is chained as far as the hub may have it.
      await this.#store.chain.at(Math.min(memory.carriedUpTo, acked + 128, this.#store.log.tail), memory);
      for (const sequence of ladder({ oldest, acked: acked - base, newest })) {
        const hash = await this.#store.chain.known(sequence + base, memory);
        if (hash) held.push({ sequence, hash });
      }
      // The mark itself, though its record may be gone: where the hub usually stands.
      if (acked > base && !held.some(({ sequence }) => sequence === acked - base)) {
        held.push({ sequence: acked - base, hash: memory.ackedHash });
      }
      this.#store.isHelloDue = false;
      return { lane: this.#options.lane, epoch, oldestSequence: oldest, nextSequence: newest + 1, held, damaged };
    });
  }

  settle(welcome: LaneSettlement): Promise<boolean> {
    return this.#serial.run(async () => {
      await this.#store.recover();
      // Damage was found since the Hello that this answers.
      if (this.#store.isHelloDue) return true;
      const common = welcome.epochKnown ? welcome.commonSequence + this.#store.memory.base : this.#store.memory.base;
      if (common > this.#store.log.tail) return false;
      const hash = common === this.#store.memory.base ? chainStart : welcome.commonHash;
      const told = await this.#believed(welcome);
      const isParted = welcome.epochKnown && welcome.parted;
      if (isParted) await part(this.#store, common, told);
      else await goBackTo(this.#store, { number: common, hash }, told);
      return this.#store.isHelloDue;
    });
  }

  status(): BufferStatus {
    return this.#statusFor(this.#reader);
  }

  #statusFor(reader: Reader): BufferStatus {
    const { base, acked, holes, lostBatches } = this.#store.memory;
    const { tail, bytes } = this.#store.log;
    return {
      lane: this.#options.lane,
      batches: Math.max(0, tail - acked - lostIn(holes)),
      bytes,
      bytesMax: this.#options.bytesMax,
      isFull: this.#store.log.isFull || bytes >= this.#options.bytesMax,
      ackedSequence: acked - base,
      nextSequence: tail + 1 - base,
      lostBatches,
      mustReadAnew: this.#store.moves !== reader.movesSeen && !this.#store.awaitsPositions,
      isInDoubt: this.#store.awaitsPositions,
      mustReadBack: this.#store.log.mustRecover,
    };
  }

  /** For who only looks: readers that have not seen yet that places moved are told so all the same. */
  places(): readonly StreamPosition[] {
    return this.#store.positions.all();
  }

  /** Of each source that has lines here. `sentSequence`: the last that was sent in this connection; 0 without one. */
  lines(sentSequence: number): ReadonlyMap<string, LinesInLane> {
    const { memory, lines, positions } = this.#store;
    return lines.tell(positions.all(), memory.lost, sentSequence + memory.base);
  }

  /** For `buffer inspect`. */
  inspect(): BufferListing {
    const { base, epoch, holes } = this.#store.memory;
    return {
      ...this.status(),
      epoch: Buffer.from(epoch).toString('hex'),
      oldestSequence: Math.max(this.#store.log.oldest - base, 1),
      generations: this.#store.log.generations.map(({ id, first, bytes, keyId }) => ({
        id,
        firstSequence: first - base,
        bytes,
        sealedWith: keyId,
      })),
      holes: holes.map(({ from, to, reason }) => ({ from: from - base, to: to - base, reason })),
      streams: this.#store.positions.all(),
    };
  }

  /** For `buffer export`: what is stored, beside whoever sends it. */
  peek(): PeekedLane {
    const { lane } = this.#options;
    return {
      bounds: () => boundsOf(lane, this.#store.log, this.#store.memory),
      page: (from) => peekLane(lane, this.#store.log, { memory: this.#store.memory, from }),
    };
  }

  async close(): Promise<void> {
    await this.#serial.run(() => this.#store.log.close());
  }

  async #tryAppend(reader: Reader, sealed: SealedBody): Promise<'done' | 'wait'> {
    if (await this.#store.recover(sealed)) return 'done';
    const areInDoubt = this.#store.awaitsPositions || this.#store.moves !== reader.movesSeen;
    if (areInDoubt && sealed.positions.some(canBeReadAgain)) throw movedPositions();
    if (!(await this.#store.makeRoom(sealed))) return this.#options.whenFull === 'drop-newest' ? this.#store.dropNewest(sealed) : 'wait';
    this.#store.lastHash ??= await this.#store.chain.known(this.#store.log.tail, this.#store.memory);
    try {
      await this.#store.write(sealed);
      return 'done';
    } catch (error) {
      this.#store.inDoubt = sealed;
      if (await this.#store.recover(sealed)) return 'done';
      if (errorCode(error) !== 'DISK_FULL') throw error;
      if (this.#options.whenFull === 'drop-oldest') await this.#store.dropOldest();
      return this.#options.whenFull === 'drop-newest' ? this.#store.dropNewest(sealed) : 'wait';
    }
  }

  /** Places of another life of this machine are not ours: neither to go on from, nor to take batches for committed. */
  async #believed({ positions, parted }: LaneSettlement): Promise<readonly StreamPosition[]> {
    const { contradicts } = this.#options;
    if (!contradicts) return positions;
    // Where histories part or were damaged, batches held are compared with the places too, not only readers sent on.
    const isJudging = parted || this.#store.memory.damaged;
    const believed: StreamPosition[] = [];
    for (const position of positions) {
      const own = this.#store.positions.get(position.stream.streamId);
      const isAsked = own !== undefined && (isJudging || position.counters.linesRead > own.counters.linesRead);
      if (!isAsked || !(await contradicts(position, own))) believed.push(position);
    }
    return believed;
  }

  async #storedAfter(after: number): Promise<StoredBatch | undefined> {
    this.#refuseUntilHello();
    // After a failed write nothing that is read means anything: what is absent may be closed, not gone.
    await this.#store.recover();
    const memory = this.#store.memory;
    const number = Math.max(after + memory.base, memory.acked) + 1;
    if (number > this.#store.log.tail) return undefined;
    const hole = memory.holes.find(({ from, to }) => from <= number && to >= number);
    const previous = await this.#store.chain.at(number - 1, memory);
    if (hole && previous) {
      const rest = { ...hole, from: number };
      const hash = this.#store.chain.ofHole(rest, previous, memory);
      const { stored, positions } = await frameOfHole(this.#options.lane, memory, { log: this.#store.log, hole: rest, hash });
      this.#store.lines.note(number, hole.to, positions);
      return stored;
    }
    const item = previous && (await this.#store.readAt(number));
    if (!previous || item?.is !== 'record') {
      await noteDamage(this.#store, item?.is === 'hole' ? item.from : this.#store.memory.acked + 1);
      return undefined;
    }
    const { stored, positions } = frameOfRecord(this.#options.lane, memory, item, this.#store.chain.ofRecord(item, previous, memory));
    this.#store.lines.note(number, number, positions);
    return stored;
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
    this.#grown.wake();
  }

  #refuseUntilHello(): void {
    if (!this.#store.isHelloDue) return;
    throw epochChanged(this.#options.lane);
  }
}

/** Without room nothing can be read back and no generation begun: the body waits, for what a live source handed in is nowhere else. */
function waitForRoom(error: unknown): 'wait' {
  if (errorCode(error) !== 'DISK_FULL') throw error;
  return 'wait';
}
