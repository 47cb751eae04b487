import { expect, test } from 'vitest';
import { faultyDisk, type FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import { plainSeal } from '../../proto/durable/sealing.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import type { SealedBody, StreamPosition } from '../ports.ts';
import { LaneBuffer } from './lane-buffer.ts';
import type { WhenFull } from './lane-store.ts';
import { lookAtLane, type PeekedItem, type PeekedLane } from './peek-lane.ts';

const never = new AbortController().signal;

function open(disk: FaultyDisk, whenFull: WhenFull = 'block'): Promise<LaneBuffer> {
  const sizes = { bytesMax: whenFull === 'block' ? 24_000 : 4_000, generationBytes: 1_000, reserveBytes: 64 };
  return LaneBuffer.open({
    disk: disk.attach(),
    folder: '/buffer/normal',
    lane: 'normal',
    clock: systemClock,
    random: seededRandom(1),
    whenFull,
    ...sizes,
  });
}

const counters = { linesRead: 1, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 9, bytesKept: 9, linesDropped: {} };
const stream = { sourceId: 'udp', streamId: 'a', file: undefined, path: '', typeHint: '', timeZone: '', labels: {} };
const position: StreamPosition = { stream, offset: 9, lineNumber: 1, tailHash: new Uint8Array(16), tailBytes: 0, cursor: '', counters };

async function append(lane: LaneBuffer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const body: SealedBody = { body: Buffer.alloc(200, 65 + i), lineCount: 1, rawBytes: 10, positions: [position] };
    await lane.append(body, never);
  }
}

async function everything(lane: PeekedLane, from = 1): Promise<(string | number)[]> {
  const { newest } = lane.bounds();
  const told: (string | number)[] = [];
  for (let next = from; next <= newest;) {
    const { items } = await lane.page(next);
    for (const item of items) {
      told.push(item.is === 'batch' ? item.sequence : `${item.from}-${item.to} ${item.reason}`);
      next = endOf(item) + 1;
    }
    if (items.length === 0) break;
  }
  return told;
}

const endOf = (item: PeekedItem): number => (item.is === 'batch' ? item.sequence : item.to);

test('batches come in their order with their bytes, and the lane goes on as if nobody had looked', async () => {
  const lane = await open(faultyDisk(seededRandom(1)));
  await append(lane, 5);
  const before = lane.status();

  const { items } = await lane.peek().page(4);
  const told = await everything(lane.peek());

  expect(items).toMatchObject([{ sequence: 4, body: Buffer.alloc(200, 68) }, { sequence: 5 }]);
  expect(told).toEqual([1, 2, 3, 4, 5]);
  expect(lane.status()).toEqual(before);
});

test.each<[WhenFull, RegExp]>([
  ['drop-oldest', /^1-\d+ drop_oldest$/],
  ['drop-newest', /drop_newest$/],
])('what %s threw away is told with its bounds and reason', async (whenFull, reason) => {
  const disk = faultyDisk(seededRandom(2));
  const lane = await open(disk, whenFull);
  await append(lane, 25);
  await lane.laneState();
  if (whenFull === 'drop-newest') {
    // Its Lost has a sequence of its own once something can be written again.
    await lane.free(lane.status().nextSequence - 1);
    await append(lane, 2);
  }

  const told = await everything(lane.peek());

  expect(told.some((one) => reason.test(String(one)))).toBe(true);
});

test('what the hub committed and the lane has destroyed is told as that, not as damage', async () => {
  const lane = await open(faultyDisk(seededRandom(3)));
  await append(lane, 9);
  await lane.laneState();
  await lane.free(5);
  const { oldest, acked } = lane.peek().bounds();

  expect(acked).toBe(5);
  expect(oldest).toBeGreaterThan(1);
  expect((await everything(lane.peek()))[0]).toBe(`1-${oldest - 1} committed`);
});

test('damage is told where it is, and only told: the same lane, opened, finds it as it was', async () => {
  const disk = faultyDisk(seededRandom(4));
  const lane = await open(disk);
  await append(lane, 9);
  const { epoch } = lane.inspect();
  await lane.close();
  // One of them may be the snapshot, which nobody reads here.
  for (let key = 0; key < 2; key++) disk.damage('lose-key', '/buffer/normal/generation-0000000002');
  const before = disk.image();

  const looked = await lookAtLane(disk.attach(), { root: '/buffer', lane: 'normal', seal: plainSeal });
  const told = looked && (await everything(looked));
  await looked?.close();

  expect(told?.filter((one) => String(one).endsWith('damaged')).length).toBeGreaterThan(0);
  expect(told?.filter(Number).length).toBeGreaterThan(5);
  expect(disk.image()).toEqual(before);
  const again = await open(disk);
  expect(again.inspect().epoch).toBe(epoch);
});

test('a state file that is gone hides the epoch, not the batches', async () => {
  const disk = faultyDisk(seededRandom(5));
  const lane = await open(disk);
  await append(lane, 7);
  await lane.close();
  await disk.replaceFile('/buffer/normal/state', new Uint8Array(512 * 1024).fill(7));
  const before = disk.image();

  const looked = await lookAtLane(disk.attach(), { root: '/buffer', lane: 'normal', seal: plainSeal });

  expect(looked && (await everything(looked))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(disk.image()).toEqual(before);
});

test('a lane that is not there is none', async () => {
  expect(await lookAtLane(faultyDisk(seededRandom(6)), { root: '/buffer', lane: 'first', seal: plainSeal })).toBeUndefined();
});
