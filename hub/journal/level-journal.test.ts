import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { faultyDisk, type FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import { levelDisk } from '../../proto/durable/level-disk.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import { entryOf, take, testJournal } from './journal-suite.ts';
import { LevelJournal, type LevelJournalOptions } from './level-journal.ts';

const root = mkdtempSync(join(tmpdir(), 'atalaia-journal-'));
let places = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

const small = { clock: systemClock, generationBytes: 2_000, reserveBytes: 4_096 };

describe('the LevelDB journal on the real disk', () => {
  testJournal(async () => {
    const folder = join(root, String(++places));
    return { open: () => LevelJournal.open({ ...small, disk: levelDisk(), folder }) };
  });
});

describe('the LevelDB journal on the faulty disk', () => {
  testJournal(async () => {
    const disk = faultyDisk(seededRandom(1));
    return { open: () => open(disk) };
  });
});

function open(disk: FaultyDisk, options: Partial<LevelJournalOptions> = {}): Promise<LevelJournal> {
  return LevelJournal.open({ ...small, disk: disk.attach(), folder: '/hub', ...options });
}

async function begin(disk: FaultyDisk, count: number, options: Partial<LevelJournalOptions> = {}): Promise<LevelJournal> {
  const journal = await open(disk, options);
  const { agentId, lane, epoch } = entryOf(1);
  await journal.beginEpoch(agentId, lane, epoch);
  for (let sequence = 1; sequence <= count; sequence++) await journal.append([entryOf(sequence)]);
  return journal;
}

test('after a failed write the resend is written once, whether the bytes had arrived or not', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const disk = faultyDisk(seededRandom(seed));
    const journal = await begin(disk, 3);

    disk.failWrites(1);
    await expect(journal.append([entryOf(4)])).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    await journal.append([entryOf(4), entryOf(5)]);

    const { next } = journal.status();
    const writes = await take(journal, 1, next - 1);
    expect(writes.flatMap(({ entries }) => entries.map(({ sequence }) => sequence))).toEqual([1, 2, 3, 4, 5]);
  }
});

test('marks are those of what arrived, also where a failed write could not be read back at once', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const disk = faultyDisk(seededRandom(seed));
    const journal = await begin(disk, 3, { generationBytes: 1e6 });
    const { agentId } = entryOf(1);

    // The record is written; what says so fails, and then what says that it was found.
    disk.failWrites(2, 1);
    await expect(journal.append([entryOf(4)])).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });

    expect(await journal.laneMarks(agentId)).toMatchObject([{ sequence: 4 }]);
    expect(await journal.append([entryOf(4)])).toMatchObject({ outcomes: ['repeat'] });
    await journal.close();
  }
});

test('a reader never takes for gone what a failed write left closed', async () => {
  const holes: unknown[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const disk = faultyDisk(seededRandom(seed));
    const journal = await begin(disk, 3, { generationBytes: 400, onHole: (hole) => holes.push(hole) });

    disk.failWrites(2, seed % 5);
    const appending = journal.append([entryOf(4)]).catch(() => undefined);
    for (let step = 0; step < seed; step++) await Promise.resolve();
    await take(journal, 1, 3).catch(() => []);
    await appending;
    await take(journal, 1, 3).catch(() => []);
    disk.failWrites(0);

    const writes = await take(journal, 1, 3);
    expect(writes.flatMap(({ entries }) => entries.map(({ sequence }) => sequence))).toEqual([1, 2, 3]);
    await journal.close();
  }
  expect(holes).toEqual([]);
});

test('what was appended survives the loss of power, and nothing is there twice', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const disk = faultyDisk(seededRandom(seed));
    const journal = await begin(disk, seed % 7);
    const appending = journal.append([entryOf((seed % 7) + 1)]).catch(() => undefined);
    for (let step = 0; step < seed; step++) await Promise.resolve();
    disk.crash();
    await appending;

    const again = await open(disk);
    const { agentId, lane, epoch } = entryOf(1);
    if ((await again.laneMarks(agentId)).length === 0) await again.beginEpoch(agentId, lane, epoch);
    await again.append([entryOf((seed % 7) + 1)]);

    const writes = await take(again, 1, again.status().next - 1);
    expect(writes.flatMap(({ entries }) => entries.map(({ sequence }) => sequence))).toEqual(
      Array.from({ length: (seed % 7) + 1 }, (_, place) => place + 1),
    );
  }
});

test('a full disk refuses what comes, stays up, and takes it once events are stored', async () => {
  const disk = faultyDisk(seededRandom(1));
  const journal = await begin(disk, 20);
  disk.capacityBytes = disk.usedBytes();
  let sequence = 21;
  let refused: unknown;
  while (refused === undefined) {
    refused = await journal.append([entryOf(sequence)]).then(
      () => void (sequence += 1),
      (error: unknown) => error,
    );
  }

  expect(refused).toMatchObject({ code: 'JOURNAL_FULL', isRetryable: true });
  expect(journal.status().isFull).toBe(true);
  await journal.free(sequence - 1);

  expect((await journal.append([entryOf(sequence)])).outcomes).toEqual(['written']);
  expect(journal.status().isFull).toBe(false);
});

test('writes that damage destroyed are read as empty ones and told, and their numbers are not given again', async () => {
  const disk = faultyDisk(seededRandom(4));
  const journal = await begin(disk, 30);
  await journal.close();
  for (let round = 0; round < 6; round++) disk.damage('lose-key', '/hub/log/generation');
  const holes: unknown[] = [];

  const again = await open(disk, { onHole: (hole) => holes.push(hole) });
  const writes = await take(again, 1, 30);

  expect(writes.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, place) => place + 1));
  expect(writes.filter(({ entries }) => entries.length === 0).length).toBeGreaterThan(0);
  expect(holes.length).toBeGreaterThan(0);
  expect(again.status().next).toBe(31);
});

test('numbers go on above what others remember, when the journal is older than they are', async () => {
  const disk = faultyDisk(seededRandom(4));
  await (await begin(disk, 3)).close();

  const again = await open(disk, { numberFloor: 10 });

  expect((await again.append([entryOf(4)])).write).toBe(11);
  expect((await take(again, 10, 2)).map(({ number, entries }) => [number, entries.length])).toEqual([
    [10, 0],
    [11, 1],
  ]);
});
