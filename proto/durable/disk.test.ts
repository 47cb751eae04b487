import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testDisk } from './disk-suite.ts';
import { faultyDisk } from './faulty-disk.ts';
import { levelDisk } from './level-disk.ts';
import { seededRandom } from './seeded-random.ts';

const root = mkdtempSync(join(tmpdir(), 'atalaia-disk-'));
let places = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the real disk', () => testDisk(() => ({ disk: levelDisk(), folder: join(root, String(++places)) })));
describe('the faulty disk', () => testDisk(() => ({ disk: faultyDisk(seededRandom(1)), folder: '/disk' })));

const put = { key: Uint8Array.of(1), value: Uint8Array.of(1, 2, 3) };

test('the faulty disk keeps what was synced and may forget what was not', async () => {
  const outcomes = new Set<number>();
  for (let seed = 1; seed <= 20; seed++) {
    const disk = faultyDisk(seededRandom(seed));
    const kv = await disk.openKv('/disk/kv');
    await kv.write([put], { sync: true });
    await kv.write([{ ...put, key: Uint8Array.of(2) }], { sync: false });

    disk.crash();

    const again = await disk.openKv('/disk/kv');
    outcomes.add((await again.range({ gte: Uint8Array.of(0), lt: Uint8Array.of(9), limit: 9 })).length);
    await expect(kv.get(put.key)).rejects.toMatchObject({ code: 'CRASHED' });
  }
  expect(outcomes).toEqual(new Set([1, 2]));
});

test('the faulty disk refuses what does not fit and takes it once room was made', async () => {
  const disk = faultyDisk(seededRandom(1), { capacityBytes: 100 });
  await disk.writeAt('/disk/big', 0, new Uint8Array(98));
  const kv = await disk.openKv('/disk/kv');

  await expect(kv.write([put], { sync: true })).rejects.toMatchObject({ code: 'DISK_FULL' });
  await disk.remove('/disk/big');
  await kv.write([put], { sync: true });

  expect(await disk.freeBytes('/disk')).toBe(88);
});

test('the faulty disk goes back to an image of itself', async () => {
  const disk = faultyDisk(seededRandom(1));
  await disk.replaceFile('/disk/file', Uint8Array.of(1));
  const image = disk.image();
  await disk.replaceFile('/disk/file', Uint8Array.of(2));

  disk.restore(image);

  expect(await disk.readFile('/disk/file')).toEqual(Uint8Array.of(1));
});
