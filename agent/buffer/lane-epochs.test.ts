// A Welcome after damage is obeyed whole or not at all, whatever fails or dies on the way.
import { expect, test } from 'vitest';
import { chainStart } from '../../proto/delivery.ts';
import { faultyDisk, type FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import type { KeyValue } from '../../proto/durable/ports.ts';
import { recordKey, snapshotKey } from '../../proto/durable/record-format.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import type { SealedBody, StreamPosition } from '../ports.ts';
import { LaneBuffer } from './lane-buffer.ts';

const never = new AbortController().signal;
/** Enough for any step of settling to be the one that fails. */
const writesMax = 8;

function position(streamId: string, linesRead: number): StreamPosition {
  const file = { device: 1, inode: 2, fingerprint: Uint8Array.of(7), fingerprintBytes: 16 };
  return {
    stream: { sourceId: 'web', streamId, file, path: '/var/log/web.log', typeHint: '', timeZone: '', labels: {} },
    offset: linesRead * 10,
    lineNumber: linesRead,
    tailHash: Uint8Array.of(linesRead),
    tailBytes: 1,
    cursor: '',
    counters: { linesRead, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: linesRead * 10, bytesKept: 0, linesDropped: {} },
  };
}

function sealed(streamId: string, linesRead: number): SealedBody {
  return { body: Buffer.alloc(120), lineCount: linesRead, rawBytes: 100, positions: [position(streamId, linesRead)] };
}

const told = { epochKnown: false, parted: false, commonSequence: 0, commonHash: chainStart, positions: [position('before', 5)] };

function openLane(disk: FaultyDisk, generationBytes = 1_500): Promise<LaneBuffer> {
  const sizes = { bytesMax: 1e6, generationBytes, reserveBytes: 256 };
  const options = { folder: '/lane', lane: 'normal', clock: systemClock, random: seededRandom(2), whenFull: 'block' } as const;
  return LaneBuffer.open({ ...options, ...sizes, disk: disk.attach() });
}

/** The hub has five lines of a file; nothing in the buffer that sent them can be read any more. */
async function damagedLane(): Promise<{ readonly disk: FaultyDisk; readonly buffer: LaneBuffer }> {
  const disk = faultyDisk(seededRandom(1));
  const before = await openLane(disk);
  await before.append(sealed('before', 5), never);
  const [newest] = (await before.laneState()).held;
  await before.settle({ epochKnown: true, parted: false, commonSequence: 1, commonHash: newest?.hash ?? chainStart, positions: [] });
  await before.close();
  await spoil(disk, () => true);
  return { disk, buffer: await openLane(disk) };
}

/** What these pairs of the first generation held is gone. */
async function spoil(disk: FaultyDisk, isSpoilt: (pair: KeyValue) => boolean): Promise<void> {
  const kv = await disk.openKv('/lane/generation-0000000001');
  const everything = await kv.range({ gte: snapshotKey(0), lt: snapshotKey(1_000), limit: 10 });
  const puts = everything.filter(isSpoilt).map(({ key }) => ({ key, value: Uint8Array.of(1, 2, 3) }));
  await kv.write(puts, { sync: true });
  await kv.close();
}

/** Settles while the write after `good` others fails; false when there are not that many. */
async function settleBadly(disk: FaultyDisk, buffer: LaneBuffer, good: number): Promise<boolean> {
  disk.failWrites(1, good);
  const isObeyed = await buffer.settle(told).then(
    () => true,
    () => false,
  );
  disk.failWrites(0);
  return !isObeyed;
}

test('a Welcome that could not be obeyed moves the places when it is told again: what was read anew meanwhile is not taken', async () => {
  let failures = 0;
  for (let good = 0; good < writesMax; good++) {
    const { disk, buffer } = await damagedLane();
    // The reader has no place, and seals the file from its start as another stream.
    expect(buffer.positions()).toEqual([]);
    await buffer.laneState();
    if (await settleBadly(disk, buffer, good)) failures++;

    await buffer.laneState();
    await buffer.settle(told);

    await expect(buffer.append(sealed('anew', 7), never)).rejects.toMatchObject({ code: 'POSITIONS_MOVED' });
    expect(buffer.positions()).toMatchObject([{ stream: { streamId: 'before' }, offset: 50 }]);
  }
  expect(failures).toBeGreaterThan(0);
});

test('a lane that dies while it obeys a Welcome has the places told, or says again that it is damaged', async () => {
  let failures = 0;
  for (let good = 0; good < writesMax; good++) {
    const { disk, buffer } = await damagedLane();
    await buffer.laneState();
    if (await settleBadly(disk, buffer, good)) failures++;
    disk.crash();

    const reopened = await openLane(disk);

    const { damaged } = await reopened.laneState();
    if (!damaged) expect(reopened.positions()).toMatchObject([{ stream: { streamId: 'before' }, offset: 50 }]);
  }
  expect(failures).toBeGreaterThan(0);
});

test('until the hub has answered, what comes only once is taken at once, and what can be read again is not', async () => {
  const { buffer } = await damagedLane();
  buffer.positions();
  const datagram = sealed('datagram', 1);
  const [place] = datagram.positions;
  const once = { ...datagram, positions: place ? [{ ...place, stream: { ...place.stream, file: undefined } }] : [] };

  await buffer.append(once, never);
  await expect(buffer.append(sealed('anew', 7), never)).rejects.toMatchObject({ code: 'POSITIONS_MOVED' });

  expect(buffer.status()).toMatchObject({ isInDoubt: true, batches: 1 });
  await buffer.laneState();
  await buffer.settle({ ...told, positions: [] });
  buffer.positions();
  await buffer.append(sealed('anew', 7), never);
  expect(buffer.status()).toMatchObject({ isInDoubt: false, batches: 2 });
});

test('a batch that is found gone while a Welcome is obeyed sends its stream back, and Hello says damaged again', async () => {
  const disk = faultyDisk(seededRandom(1));
  const before = await openLane(disk);
  for (const stream of ['a', 'b', 'c']) await before.append(sealed(stream, 5), never);
  await before.close();
  await spoil(disk, ({ key }) => Buffer.from(key).equals(snapshotKey(1)));
  await (await openLane(disk)).close();
  await spoil(disk, ({ key }) => Buffer.from(key).equals(recordKey(2)));
  const buffer = await openLane(disk);
  await buffer.laneState();

  const isGreetingAgain = await buffer.settle({ ...told, positions: [] });

  expect(isGreetingAgain).toBe(true);
  expect(await buffer.laneState()).toMatchObject({ damaged: true });
  expect(buffer.positions().map(({ stream }) => stream.streamId)).toEqual(['a', 'c']);
});

test('damage after damage sends every stream back behind both, whatever the generations between remember', async () => {
  const disk = faultyDisk(seededRandom(1));
  const before = await openLane(disk, 250);
  for (const positions of [[position('old', 5)], [position('old', 7)], [position('old', 9), position('new', 3)], [position('new', 5)]])
    await before.append({ body: Buffer.alloc(200), lineCount: 2, rawBytes: 100, positions }, never);
  const folders = before.inspect().generations.map(({ id }) => `/lane/generation-${String(id).padStart(10, '0')}`);
  await before.close();
  await destroyRecord(disk, folders[2]!, 3);

  const once = await openLane(disk, 250);
  await readThrough(once);
  expect(places(once)).toEqual({ old: 7, new: 5 });
  await once.close();
  await destroyRecord(disk, folders[3]!, 4);
  const twice = await openLane(disk, 250);
  await readThrough(twice);

  expect(places(twice)).toEqual({ old: 7 });
});

function places(buffer: LaneBuffer): Record<string, number> {
  return Object.fromEntries(buffer.positions().map(({ stream, counters }) => [stream.streamId, counters.linesRead]));
}

/** Until a hole is met that a Hello has to tell. */
async function readThrough(buffer: LaneBuffer): Promise<void> {
  await buffer.laneState();
  await buffer.settle({ ...told, positions: [] });
  for (let after = 0; after < 4; after++) {
    const stored = await buffer.next(after, AbortSignal.timeout(1_000)).catch(() => undefined);
    if (!stored) return;
    after = stored.sequence - 1;
  }
}

/** The generation's snapshot stays. */
async function destroyRecord(disk: FaultyDisk, folder: string, number: number): Promise<void> {
  const kv = await disk.openKv(folder);
  await kv.write([{ key: recordKey(number), value: Uint8Array.of(1, 2, 3) }], { sync: true });
  await kv.close();
}
