import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chainStart } from '../../proto/delivery.ts';
import { faultyDisk, type Damage, type DiskImage, type FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import { recordKey, snapshotKey } from '../../proto/durable/record-format.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import { decodeAgentFrame } from '../../proto/framing/decode-agent-frame.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { LaneSettlement, LaneState, SealedBody, StoredBatch, StreamPosition } from '../ports.ts';
import { LaneBuffer } from './lane-buffer.ts';
import type { WhenFull } from './lane-store.ts';

const never = new AbortController().signal;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function position(linesRead: number, streamId = 'file'): StreamPosition {
  const file = { device: 1, inode: 2, fingerprint: Uint8Array.of(7), fingerprintBytes: 16 };
  return {
    stream: { sourceId: 'web', streamId, file, path: '/var/log/web.log', typeHint: '', timeZone: '', labels: {} },
    offset: linesRead * 10,
    lineNumber: linesRead,
    tailHash: Uint8Array.of(linesRead % 256),
    tailBytes: 1,
    cursor: '',
    counters: { linesRead, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: linesRead * 10, bytesKept: 0, linesDropped: {} },
  };
}

function sealedOf(from: number, to: number): SealedBody {
  return {
    body: Buffer.from(JSON.stringify({ from, to }).padEnd(120)),
    lineCount: to - from + 1,
    rawBytes: 100,
    positions: [position(to)],
  };
}

/** A hub that commits what follows on its mark, and remembers every line. */
class FakeHub {
  epochs = new Map<string, { sequence: number; hash: Uint8Array; pairs: Map<number, string> }>();
  lines: number[] = [];
  lost: string[] = [];
  streamEnd = 0;

  welcome({ epoch, held, damaged }: LaneState): LaneSettlement {
    const mark = this.epochs.get(hex(epoch));
    const common = held
      .filter(({ sequence, hash }) => mark?.pairs.get(sequence) === hex(hash))
      .reduce((best, pair) => (pair.sequence > best.sequence ? pair : best), { sequence: 0, hash: chainStart });
    const parted = mark !== undefined && mark.sequence > common.sequence;
    const positions = (!mark || damaged || parted) && this.streamEnd > 0 ? [position(this.streamEnd)] : [];
    return { epochKnown: mark !== undefined, parted, commonSequence: common.sequence, commonHash: common.hash, positions };
  }

  receive(stored: StoredBatch): void {
    const mark = this.epochs.get(hex(stored.epoch)) ?? { sequence: 0, hash: chainStart, pairs: new Map<number, string>() };
    this.epochs.set(hex(stored.epoch), mark);
    const decoded = decodeAgentFrame(stored.frame);
    if (!decoded.ok) throw new Error('the frame cannot be read');
    const frame = decoded.value;
    if (stored.sequence <= mark.sequence) return;
    if (frame.is === 'batch') {
      expect(frame.batch.sequence).toBe(mark.sequence + 1);
      expect(hex(frame.batch.hash)).toBe(hex(chainHash(mark.hash, frame.batch.body)));
      const { from, to }: { from: number; to: number } = JSON.parse(Buffer.from(frame.batch.body).toString());
      for (let line = from; line <= to; line++) this.lines.push(line);
      this.streamEnd = Math.max(this.streamEnd, to);
    } else if (frame.is === 'lost') {
      expect(frame.lost.from).toBeLessThanOrEqual(mark.sequence + 1);
      expect(frame.lost.to).toBe(stored.sequence);
      this.lost.push(frame.lost.reason);
    }
    mark.sequence = stored.sequence;
    mark.hash = stored.hash;
    mark.pairs.set(stored.sequence, hex(stored.hash));
  }
}

/** An agent with one growing file, and the hub it speaks to. */
class Scene {
  readonly disk;
  readonly hub = new FakeHub();
  readonly #random;
  readonly #whenFull: WhenFull;
  buffer!: LaneBuffer;
  /** Last line read and handed in. */
  read = 0;
  #sent = 0;
  #isConnected = false;
  image: DiskImage | undefined;
  bytesMax = 1e6;

  constructor(seed: number, whenFull: WhenFull = 'block') {
    this.#random = seededRandom(seed);
    this.disk = faultyDisk(this.#random);
    this.#whenFull = whenFull;
  }

  async open(bytesMax = this.bytesMax): Promise<void> {
    this.bytesMax = bytesMax;
    this.buffer = await LaneBuffer.open({
      disk: this.disk.attach(),
      folder: '/lane',
      lane: 'normal',
      clock: systemClock,
      random: this.#random,
      whenFull: this.#whenFull,
      bytesMax,
      generationBytes: 1_500,
      reserveBytes: 256,
    });
    this.#isConnected = false;
    this.startReading();
  }

  startReading(): void {
    this.read = this.buffer.positions().find(({ stream }) => stream.streamId === 'file')?.offset ?? 0;
    this.read /= 10;
  }

  async append(count: number): Promise<void> {
    // A lane that waits for the hub's positions takes nothing before it has them.
    await this.connect();
    try {
      await this.buffer.append(sealedOf(this.read + 1, this.read + count), never);
      this.read += count;
    } catch (error) {
      if (errorCode(error) !== 'POSITIONS_MOVED') throw error;
      this.startReading();
    }
  }

  async connect(): Promise<void> {
    while (!this.#isConnected) {
      const welcome = this.hub.welcome(await this.buffer.laneState());
      this.#isConnected = !(await this.buffer.settle(welcome));
      this.#sent = this.buffer.status().ackedSequence;
    }
  }

  async send(count: number, isAcked: boolean): Promise<void> {
    await this.connect();
    for (let left = count; left > 0 && this.#sent < this.buffer.status().nextSequence - 1; left--) {
      const stored = await this.buffer.next(this.#sent, never).catch((error: unknown) => {
        if (errorCode(error) !== 'BUFFER_EPOCH_CHANGED') throw error;
        return undefined;
      });
      if (!stored) {
        this.#isConnected = false;
        this.startReading();
        return;
      }
      this.hub.receive(stored);
      this.#sent = stored.sequence;
    }
    if (isAcked) await this.buffer.free(this.#sent);
  }

  async crash(): Promise<void> {
    const appending = this.buffer.append(sealedOf(this.read + 1, this.read + 2), AbortSignal.timeout(200)).catch(() => undefined);
    for (let step = Math.floor(this.#random.unit() * 20); step > 0; step--) await Promise.resolve();
    this.disk.crash();
    await appending;
    await this.open();
  }

  async drain(): Promise<void> {
    for (let round = 0; round < 6; round++) {
      await this.append(1);
      await this.send(1_000, true);
    }
  }

  duplicates(): number {
    return this.hub.lines.length - new Set(this.hub.lines).size;
  }

  missing(): number[] {
    const seen = new Set(this.hub.lines);
    return Array.from({ length: this.read }, (_, place) => place + 1).filter((line) => !seen.has(line));
  }
}

type Step =
  | { readonly do: 'append'; readonly count: number }
  | { readonly do: 'send'; readonly count: number; readonly isAcked: boolean }
  | { readonly do: 'crash' | 'reopen' | 'fail' | 'keep' | 'roll-back' }
  | { readonly do: 'damage'; readonly kind: Damage };

async function take(scene: Scene, step: Step): Promise<void> {
  if (step.do === 'append') await scene.append(step.count);
  if (step.do === 'send') await scene.send(step.count, step.isAcked);
  if (step.do === 'crash') await scene.crash();
  if (step.do === 'keep') scene.image = scene.disk.image();
  if (step.do === 'fail') {
    await scene.connect();
    scene.disk.failWrites(1);
    await scene.append(2).catch(() => undefined);
    scene.disk.failWrites(0);
    await scene.crash();
  }
  if (step.do === 'roll-back' && scene.image) {
    scene.disk.restore(scene.image);
    await scene.open();
  }
  if (step.do === 'reopen' || step.do === 'damage') {
    await scene.buffer.close();
    if (step.do === 'damage') scene.disk.damage(step.kind, '/lane/generation');
    await scene.open();
  }
}

const count = fc.integer({ min: 1, max: 5 });
const plain: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('append' as const), count }),
  fc.record({ do: fc.constant('append' as const), count }),
  fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 30 }), isAcked: fc.boolean() }),
  fc.record({ do: fc.constantFrom('crash' as const, 'reopen' as const, 'fail' as const) }),
];
const kinds: Damage[] = ['lose-key', 'change-value', 'lose-tail', 'unreadable-key', 'unopenable'];
const damage: fc.Arbitrary<Step> = fc.record({ do: fc.constant('damage' as const), kind: fc.constantFrom(...kinds) });
const rollBack: fc.Arbitrary<Step> = fc.record({ do: fc.constantFrom('keep' as const, 'roll-back' as const) });

async function play(seed: number, steps: readonly Step[]): Promise<Scene> {
  const scene = new Scene(seed);
  await scene.open();
  for (const step of steps) await take(scene, step);
  await scene.drain();
  return scene;
}

const seeds = fc.integer({ min: 1 });

test('through crashes and failed writes every line is committed exactly once', async () => {
  const property = fc.asyncProperty(seeds, fc.array(fc.oneof(...plain), { maxLength: 40 }), async (seed, steps) => {
    const scene = await play(seed, steps);

    expect({ duplicates: scene.duplicates(), missing: scene.missing(), lost: scene.hub.lost }).toEqual({
      duplicates: 0,
      missing: [],
      lost: [],
    });
  });
  await fc.assert(property, { numRuns: 150 });
});

test('after damage nothing is committed twice, and what is gone is said as Lost', async () => {
  const property = fc.asyncProperty(seeds, fc.array(fc.oneof(...plain, damage), { maxLength: 40 }), async (seed, steps) => {
    const scene = await play(seed, steps);

    expect(scene.duplicates()).toBe(0);
    if (scene.missing().length > 0) expect(scene.hub.lost.join()).toContain('damaged');
  });
  await fc.assert(property, { numRuns: 150 });
});

test('a machine that was rolled back loses nothing, and repeats at most one batch of a stream each time', async () => {
  const property = fc.asyncProperty(seeds, fc.array(fc.oneof(...plain, rollBack), { maxLength: 40 }), async (seed, steps) => {
    const scene = await play(seed, steps);

    expect(scene.missing()).toEqual([]);
    expect(scene.duplicates()).toBeLessThanOrEqual(5 * steps.filter((step) => step.do === 'roll-back').length);
  });
  await fc.assert(property, { numRuns: 150 });
});

test('a lane that blocks takes no more when it is full, and goes on once the hub has committed', async () => {
  const scene = new Scene(1);
  await scene.open(6_000);
  await scene.connect();
  const taken: number[] = [];
  const filling = (async () => {
    for (let line = 1; line <= 60; line++) {
      await scene.buffer.append(sealedOf(line, line), never);
      taken.push(line);
    }
  })();
  while (!scene.buffer.status().isFull && scene.buffer.status().bytes < 5_500) await Promise.resolve();
  const before = taken.length;

  while (taken.length < 60) await scene.send(5, true);
  await filling;
  await scene.send(100, true);

  expect(before).toBeLessThan(60);
  expect(scene.hub.lines).toEqual(Array.from({ length: 60 }, (_, place) => place + 1));
});

test('a lane that drops its oldest says so once, with the counters after the hole, and keeps the newest', async () => {
  const scene = new Scene(1, 'drop-oldest');
  await scene.open(6_000);
  for (let line = 1; line <= 60; line++) await scene.append(1);

  await scene.send(100, true);

  expect(scene.hub.lost).toEqual(['drop_oldest']);
  expect(scene.hub.lines.at(-1)).toBe(60);
  expect(scene.hub.lines.length + scene.buffer.status().lostBatches).toBe(60);
});

test('a lane that drops its newest counts on, and says what was dropped before the next batch, also after a kill', async () => {
  const scene = new Scene(1, 'drop-newest');
  await scene.open(6_000);
  for (let line = 1; line <= 60; line++) await scene.append(1);
  await scene.crash();
  expect(scene.read).toBeGreaterThanOrEqual(60);

  await scene.send(100, true);
  await scene.append(1);
  await scene.send(100, true);

  expect(scene.hub.lost).toEqual(['drop_newest']);
  expect(scene.duplicates()).toBe(0);
});

test('a batch that is waited for arrives, and waiting ends when it is told to', async () => {
  const scene = new Scene(1);
  await scene.open();
  await scene.connect();
  const stop = new AbortController();

  const waiting = scene.buffer.next(0, never);
  await scene.append(1);
  const ended = scene.buffer.next(1, stop.signal);
  stop.abort();

  expect(await waiting).toMatchObject({ sequence: 1, kind: 'batch', lineCount: 1 });
  expect(await ended).toBeUndefined();
});

test('a hub restored from a backup gets again what is still held, and Lost for what is not', async () => {
  const scene = new Scene(1);
  await scene.open();
  for (let line = 1; line <= 40; line++) await scene.append(1);
  await scene.send(5, true);
  const [backup] = [...scene.hub.epochs].map(([epoch, mark]) => [epoch, { ...mark, pairs: new Map(mark.pairs) }] as const);
  await scene.send(35, true);
  if (backup) scene.hub.epochs = new Map([backup]);
  scene.hub.lines = [1, 2, 3, 4, 5];
  scene.hub.streamEnd = 5;
  await scene.buffer.close();
  await scene.open();

  await scene.append(1);
  await scene.send(100, true);

  expect(scene.hub.lost).toEqual(['no_longer_held']);
  expect(scene.hub.lines.at(-1)).toBe(41);
  expect(scene.duplicates()).toBe(0);
});

test('a lane whose newest snapshot is gone says it is damaged: the one before does not know what the hub told since', async () => {
  const scene = new Scene(3);
  await scene.open();
  await scene.buffer.append(sealedOf(1, 2), never);
  const told = { epochKnown: true, parted: false, commonSequence: 0, commonHash: chainStart, positions: [position(50)] };
  await scene.buffer.settle(told);
  await scene.buffer.close();
  const newest = (await scene.disk.list('/lane'))
    .filter((name) => name.startsWith('generation-'))
    .sort()
    .at(-1);
  const kv = await scene.disk.openKv(`/lane/${newest}`);
  const [snapshot] = await kv.range({ gte: snapshotKey(0), lt: snapshotKey(1_000), limit: 1 });
  await kv.write([{ key: snapshot?.key ?? new Uint8Array(0), value: Uint8Array.of(1, 2, 3) }], { sync: true });
  await kv.close();

  await scene.open();

  expect(await scene.buffer.laneState()).toMatchObject({ damaged: true });
});

test('a place that the file contradicts is of another life: reading does not go on there, batches held are sent', async () => {
  const random = seededRandom(4);
  const sizes = { bytesMax: 1e6, generationBytes: 1_500, reserveBytes: 4_096 };
  const disk = faultyDisk(random);
  const lane = { folder: '/lane', lane: 'normal', clock: systemClock, random, whenFull: 'block', ...sizes } as const;
  const buffer = await LaneBuffer.open({ ...lane, disk, contradicts: async (told) => told.offset > 30 });
  await buffer.append(sealedOf(1, 2), never);
  await buffer.append(sealedOf(3, 3), never);

  const isGreetingAgain = await buffer.settle({
    epochKnown: true,
    parted: true,
    commonSequence: 0,
    commonHash: chainStart,
    positions: [position(50)],
  });
  await buffer.laneState();

  expect(isGreetingAgain).toBe(true);
  expect(buffer.positions()).toMatchObject([{ offset: 30 }]);
  expect(await buffer.next(0, never)).toMatchObject({ kind: 'batch', sequence: 1, lineCount: 2 });
});

test('Lost does not count lines of a stream that goes back and is read again', async () => {
  const random = seededRandom(6);
  const disk = faultyDisk(random);
  const sizes = { bytesMax: 1e6, generationBytes: 100, reserveBytes: 4_096 };
  const lane = { folder: '/lane', lane: 'normal', clock: systemClock, random, whenFull: 'block', disk, ...sizes } as const;
  const first = await LaneBuffer.open(lane);
  await first.append(sealedOf(1, 2), never);
  await first.append(sealedOf(3, 5), never);
  await first.append({ ...sealedOf(1, 1), positions: [position(1, 'other')] }, never);
  await first.close();
  const kv = await disk.openKv('/lane/generation-0000000002');
  await kv.write([{ key: recordKey(2), value: Uint8Array.of(1, 2, 3) }], { sync: true });
  await kv.close();

  const buffer = await LaneBuffer.open(lane);
  await buffer.next(0, never);
  await expect(buffer.next(1, never)).rejects.toMatchObject({ code: 'BUFFER_EPOCH_CHANGED' });
  await buffer.laneState();
  await buffer.settle({ epochKnown: false, parted: false, commonSequence: 0, commonHash: chainStart, positions: [] });
  const lost = await buffer.next(1, never);
  const frame = decodeAgentFrame(lost?.frame ?? new Uint8Array(0));

  expect(buffer.status()).toMatchObject({ mustReadAnew: true });
  expect(buffer.positions()).toMatchObject([{ lineNumber: 2 }, { lineNumber: 1 }]);
  expect(buffer.status()).toMatchObject({ mustReadAnew: false });
  expect(frame).toMatchObject({
    value: { is: 'lost', lost: { from: 2, to: 2, reason: 'damaged', streams: [{ streamId: 'file', counters: { linesRead: 2 } }] } },
  });
});

test('what cannot be read between a failed write and its recovery is not taken for damage', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const scene = new Scene(seed);
    await scene.open();
    await scene.buffer.append(sealedOf(1, 2), never);
    scene.disk.failWrites(2);
    await scene.buffer.append(sealedOf(3, 3), never).catch(() => undefined);
    scene.disk.failWrites(0);

    expect(await scene.buffer.next(0, never)).toMatchObject({ kind: 'batch', sequence: 1 });
    expect(await scene.buffer.laneState()).toMatchObject({ damaged: false });
  }
});

/** A disk on which folders cannot be opened while it is full: LevelDB writes when it opens one. */
function diskWithDoor(): {
  readonly faulty: FaultyDisk;
  readonly disk: Disk;
  readonly door: { isFull: boolean; refusals: number; passes: number };
} {
  const faulty = faultyDisk(seededRandom(1));
  const disk = faulty.attach();
  const door = { isFull: false, refusals: 0, passes: 0 };
  const openKv: typeof disk.openKv = (path) => {
    if (!door.isFull || door.passes-- > 0) return disk.openKv(path);
    door.refusals++;
    return Promise.reject(new AtalaiaError('DISK_FULL', `cannot open ${path}: the disk is full`, { isRetryable: true }));
  };
  return { faulty, disk: { ...disk, openKv }, door };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sizes = { bytesMax: 100_000, generationBytes: 20_000, reserveBytes: 256 };
const blockingLane = {
  folder: '/lane',
  lane: 'first',
  clock: { ...systemClock, sleep: turn },
  random: seededRandom(2),
  whenFull: 'block',
  ...sizes,
} as const;

test('a disk without room to read a failed write back keeps the body waiting, and takes it once', async () => {
  const { faulty, disk, door } = diskWithDoor();
  const buffer = await LaneBuffer.open({ ...blockingLane, disk });
  await buffer.append(sealedOf(1, 1), never);
  faulty.failWrites(1);
  door.isFull = true;

  const appended = buffer.append(sealedOf(2, 2), never);
  while (door.refusals < 2) await turn();
  door.isFull = false;
  await appended;
  await buffer.append(sealedOf(3, 3), never);

  expect(buffer.positions()).toMatchObject([{ lineNumber: 3 }]);
  expect(buffer.status()).toMatchObject({ batches: 3, lostBatches: 0, mustReadAnew: false });
  await buffer.close();
});

test('a disk without room to begin a generation, once everything is committed, keeps the body waiting too', async () => {
  const { faulty, disk, door } = diskWithDoor();
  const buffer = await LaneBuffer.open({ ...blockingLane, disk });
  await buffer.append(sealedOf(1, 1), never);
  await buffer.free(1);
  faulty.capacityBytes = faulty.usedBytes();
  Object.assign(door, { isFull: true, passes: 1 });

  const appended = buffer.append(sealedOf(2, 2), never);
  while (door.refusals < 3) await turn();
  faulty.capacityBytes = Infinity;
  door.isFull = false;
  await appended;

  expect(buffer.positions()).toMatchObject([{ lineNumber: 2 }]);
  expect(buffer.status()).toMatchObject({ lostBatches: 0, mustReadAnew: false });
  await buffer.close();
});
