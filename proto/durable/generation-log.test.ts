import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultyDisk, type Damage, type FaultyDisk } from './faulty-disk.ts';
import { AtalaiaError } from '../runtime/errors.ts';
import { GenerationLog } from './generation-log.ts';
import type { Disk } from './ports.ts';
import { createSeal, plainSeal, type Seal } from './sealing.ts';
import { seededRandom } from './seeded-random.ts';
import { SlotFile } from './slot-file.ts';

const folder = '/log';
const bodyOf = (number: number): Uint8Array => Buffer.from(`record ${number} `.repeat(1 + (number % 5)));
const tagOf = (number: number): Uint8Array => new Uint8Array(32).fill(1 + (number % 250));

/** A log and the array it must agree with. */
class Pair {
  readonly disk: FaultyDisk;
  log!: GenerationLog;
  /** Numbers that were promised and not freed. */
  held: number[] = [];
  tail = 0;
  isDamaged = false;
  /** The disk says that there is room, and has none. */
  isRoomPretended = false;
  seal: Seal = plainSeal;

  constructor(seed: number) {
    this.disk = faultyDisk(seededRandom(seed));
  }

  async open(): Promise<void> {
    const snapshot = (): Uint8Array => Buffer.from(`before ${this.tail + 1}`);
    const { seal } = this;
    const disk = this.disk.attach();
    const freeBytes: Disk['freeBytes'] = (path) => (this.isRoomPretended ? Promise.resolve(Infinity) : disk.freeBytes(path));
    this.log = await GenerationLog.open({ disk: { ...disk, freeBytes }, folder, generationBytes: 120, reserveBytes: 64, snapshot, seal });
    expect(this.log.tail).toBeGreaterThanOrEqual(this.isDamaged ? 0 : this.tail);
    this.take(this.log.tail);
    for await (const item of this.log.replay()) if (item.is === 'record') expect(Buffer.from(item.bytes)).toEqual(bodyOf(item.number));
  }

  /** Records that arrived without their promise count as well. */
  take(tail: number): void {
    for (let number = this.tail + 1; number <= tail; number++) this.held.push(number);
    this.tail = Math.max(this.tail, tail);
  }

  async append(count: number): Promise<void> {
    const first = this.log.tail + 1;
    const records = Array.from({ length: count }, (_, place) => ({ parts: [bodyOf(first + place)], tag: tagOf(first + place) }));
    try {
      await this.log.append(records);
      this.take(first + count - 1);
    } catch {
      await this.log.recover();
      this.take(this.log.tail);
    }
  }

  async crashDuringAppend(count: number): Promise<void> {
    const appending = this.append(count).catch(() => undefined);
    for (let step = 0; step < count; step++) await Promise.resolve();
    this.disk.crash();
    await appending;
    await this.open();
  }

  async free(part: number): Promise<void> {
    const upTo = this.held[Math.floor(part * this.held.length)] ?? 0;
    const before = this.log.oldest;
    await this.log.free(upTo);
    this.held = this.held.filter((number) => number >= this.log.oldest);
    expect(this.log.oldest).toBeLessThanOrEqual(Math.max(upTo + 1, before));
  }

  async check(): Promise<void> {
    const seen: number[] = [];
    for (let next = this.log.oldest; next <= this.log.tail;) {
      const items = await this.log.read(next, 3);
      expect(items.length).toBeGreaterThan(0);
      for (const item of items) {
        expect(item.is === 'record' ? item.number : item.from).toBe(next);
        if (item.is === 'hole') expect(this.isDamaged).toBe(true);
        else {
          expect(Buffer.from(item.bytes)).toEqual(bodyOf(item.number));
          const tag = await this.log.tag(item.number);
          if (tag || !this.isDamaged) expect(Buffer.from(tag ?? [])).toEqual(Buffer.from(tagOf(item.number)));
        }
        for (let number = next; number <= (item.is === 'record' ? item.number : item.to); number++) seen.push(number);
        next = (item.is === 'record' ? item.number : item.to) + 1;
      }
    }
    if (!this.isDamaged) expect(seen).toEqual(this.held);
  }
}

type Step =
  | { readonly do: 'append' | 'crash' | 'fail'; readonly count: number }
  | { readonly do: 'free'; readonly part: number }
  | { readonly do: 'reopen' | 'roll' | 'drop' }
  | { readonly do: 'damage'; readonly kind: Damage }
  | { readonly do: 'seal'; readonly current: Uint8Array | undefined };

const sealingKeys = [1, 2].map((fill) => new Uint8Array(32).fill(fill));

async function take(pair: Pair, step: Step): Promise<void> {
  if (step.do === 'append') await pair.append(step.count);
  if (step.do === 'crash') await pair.crashDuringAppend(step.count);
  if (step.do === 'fail') {
    pair.disk.failWrites(1);
    await pair.append(step.count);
    pair.disk.failWrites(0);
  }
  if (step.do === 'free') await pair.free(step.part);
  if (step.do === 'roll') await pair.log.roll();
  if (step.do === 'drop') {
    await pair.log.dropOldest('');
    pair.held = pair.held.filter((number) => number >= pair.log.oldest);
  }
  if (step.do === 'reopen' || step.do === 'damage' || step.do === 'seal') {
    await pair.log.close();
    if (step.do === 'seal') pair.seal = createSeal({ current: step.current, previous: sealingKeys }, 'log', seededRandom(pair.tail + 1));
    if (step.do === 'damage' && pair.disk.damage(step.kind, '/log/generation')) pair.isDamaged = true;
    await pair.open();
  }
}

const count = fc.integer({ min: 1, max: 12 });
const plainSteps: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('append' as const), count }),
  fc.record({ do: fc.constant('crash' as const), count }),
  fc.record({ do: fc.constant('fail' as const), count }),
  fc.record({ do: fc.constant('free' as const), part: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
  fc.record({ do: fc.constantFrom('reopen' as const, 'roll' as const, 'drop' as const) }),
  fc.record({ do: fc.constant('seal' as const), current: fc.constantFrom(undefined, ...sealingKeys) }),
];
const kinds: Damage[] = ['lose-key', 'change-value', 'lose-tail', 'unreadable-key', 'unopenable'];
const damageStep: fc.Arbitrary<Step> = fc.record({ do: fc.constant('damage' as const), kind: fc.constantFrom(...kinds) });

async function agree(seed: number, steps: readonly Step[]): Promise<void> {
  const pair = new Pair(seed);
  await pair.open();
  for (const step of steps) {
    await take(pair, step);
    await pair.check();
  }
}

test('whatever is appended, freed, crashed and failed, the log holds what an array would', async () => {
  const steps = fc.array(fc.oneof(...plainSteps), { maxLength: 30 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1 }), steps, agree), { numRuns: 150 });
});

test('after damage every number is there as it was or told as a hole', async () => {
  const steps = fc.array(fc.oneof(...plainSteps, damageStep), { maxLength: 30 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1 }), steps, agree), { numRuns: 150 });
});

test('the end of the log that was lost is noticed at the next start', async () => {
  const pair = new Pair(3);
  await pair.open();
  await pair.append(3);
  await pair.log.close();
  pair.isDamaged = true;
  for (let left = 0; left < 20; left++) pair.disk.damage('lose-tail', '/log/generation');

  await pair.open();

  expect(pair.log.tail).toBe(3);
  expect(await pair.log.read(1, 9)).toMatchObject([{ is: 'hole', to: 3 }]);
});

test('a full disk refuses, keeps what it has, can still be freed and goes on', async () => {
  const pair = new Pair(5);
  await pair.open();
  while (pair.log.generations.length < 4) await pair.append(2);
  pair.disk.capacityBytes = pair.disk.usedBytes();

  await expect(pair.log.append([{ parts: [new Uint8Array(200)] }])).rejects.toMatchObject({ code: 'DISK_FULL' });
  await pair.log.recover();
  expect(pair.log.isFull).toBe(true);
  await pair.log.free(pair.log.tail);
  const before = pair.log.tail;
  await pair.log.append([{ parts: [new Uint8Array(20)] }]);

  expect(pair.log.isFull).toBe(false);
  expect(pair.log.tail).toBe(before + 1);
});

test('once room is made, freeing alone ends being full: whoever was told "full" may append nothing until then', async () => {
  const pair = new Pair(5);
  await pair.open();
  await pair.append(1);
  pair.disk.capacityBytes = pair.disk.usedBytes();
  await expect(pair.log.append([{ parts: [new Uint8Array(200)] }])).rejects.toMatchObject({ code: 'DISK_FULL' });
  await pair.log.recover();
  await pair.log.free(pair.log.tail);
  expect(pair.log.isFull).toBe(true);

  pair.disk.capacityBytes = Infinity;
  await pair.log.free(pair.log.tail);

  expect(pair.log.isFull).toBe(false);
});

/** As LevelDB: opening a folder writes, so that it may find the disk full. */
function refusingToOpen(disk: Disk, isRefused: (path: string) => boolean | Promise<boolean>): Disk {
  return {
    ...disk,
    openKv: async (path) => {
      if (await isRefused(path)) throw new AtalaiaError('DISK_FULL', `cannot open ${path}`, { isRetryable: true });
      return disk.openKv(path);
    },
  };
}

const plain = { folder, generationBytes: 120, reserveBytes: 64, snapshot: () => new Uint8Array(8) };

test('on a full disk a log is opened with the room that was kept for it, and is full until there is more', async () => {
  const faulty = faultyDisk(seededRandom(5));
  const disk = refusingToOpen(faulty.attach(), async () => (await faulty.freeBytes(folder)) < 32);
  const before = await GenerationLog.open({ disk, ...plain });
  await before.append([{ parts: [bodyOf(1)] }]);
  await before.close();
  faulty.capacityBytes = faulty.usedBytes();

  const log = await GenerationLog.open({ disk, ...plain });
  const found = { tail: log.tail, isFull: log.isFull };
  faulty.capacityBytes = Infinity;
  await log.append([{ parts: [bodyOf(2)] }]);

  expect(found).toEqual({ tail: 1, isFull: true });
  expect(await log.read(1, 9)).toMatchObject([{ number: 1 }, { number: 2 }]);
  expect(log.isFull).toBe(false);
});

test('a log that cannot be opened for want of room leaves nothing open: once there is room it can be', async () => {
  const faulty = faultyDisk(seededRandom(5));
  const disk = faulty.attach();
  const before = await GenerationLog.open({ disk, ...plain });
  await before.append([{ parts: [bodyOf(1)] }]);
  await before.close();
  // Of a generation that was being begun when the room ended.
  await (await disk.openKv('/log/generation-0000000002')).close();
  const full = refusingToOpen(disk, (path) => path.endsWith('2'));

  await expect(GenerationLog.open({ ...plain, disk: full })).rejects.toMatchObject({ code: 'DISK_FULL' });

  expect(await GenerationLog.open({ ...plain, disk })).toMatchObject({ tail: 1 });
});

test('a reserve whose room somebody else takes meanwhile waits as before', async () => {
  const pair = new Pair(5);
  await pair.open();
  await pair.append(1);
  pair.disk.capacityBytes = pair.disk.usedBytes();
  await expect(pair.log.append([{ parts: [new Uint8Array(200)] }])).rejects.toMatchObject({ code: 'DISK_FULL' });
  await pair.log.recover();
  pair.disk.capacityBytes = pair.disk.usedBytes();
  pair.isRoomPretended = true;

  await pair.log.free(pair.log.tail);

  expect(pair.log.isFull).toBe(true);
});

test('a recovery that fails half way is begun again and still gives back what had arrived', async () => {
  let arrived = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const pair = new Pair(seed);
    await pair.open();
    await pair.append(1);
    // The second failure meets the recovery itself.
    pair.disk.failWrites(2);
    await expect(pair.log.append([{ parts: [bodyOf(2)], tag: tagOf(2) }])).rejects.toMatchObject({ code: 'DISK_FAILED' });
    const recovered = await pair.log.recover().catch(() => pair.log.recover());

    expect(recovered.map(({ number }) => number)).toEqual(pair.log.tail === 2 ? [2] : []);
    arrived += recovered.length;
  }
  expect(arrived).toBeGreaterThan(0);
});

test('a state file that lost both slots is rebuilt from the generations', async () => {
  const pair = new Pair(7);
  await pair.open();
  while (pair.log.generations.length < 3) await pair.append(2);
  const { tail } = pair.log;
  await pair.log.close();
  await pair.disk.replaceFile('/log/state', new Uint8Array(512 * 1024).fill(7));

  await pair.open();

  expect(pair.log.openedAs).toBe('lost');
  expect(pair.log.tail).toBe(tail);
  await pair.check();
});

test('a state file of a newer version is refused with the remedy', async () => {
  const pair = new Pair(7);
  const { file } = await SlotFile.open(pair.disk, '/log/state', { slotBytes: 256 * 1024, seal: plainSeal });
  await file.write(Buffer.from(JSON.stringify({ version: 2 })));

  await expect(pair.open()).rejects.toThrow(/newer version.*start that version, or move the folder away/);
});

test('a record is there for readers from the moment on in which it counts, also while its generation begins', async () => {
  const pair = new Pair(7);
  await pair.open();
  const read: number[] = [];
  for (let number = 1; number <= 60; number++) {
    const appended = new AbortController();
    const appending = pair.append(1).finally(() => appended.abort());
    while (!appended.signal.aborted) {
      for (const item of await pair.log.read(Math.max(1, pair.log.tail), 1)) {
        expect(item).toMatchObject({ is: 'record' });
        read.push(item.is === 'record' ? item.number : 0);
      }
      await Promise.resolve();
    }
    await appending;
  }

  expect(new Set(read).size).toBeGreaterThan(30);
});
