// What every Disk must do: run on the real one and on the faulty one, so that the simulation's disk stays honest.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Disk } from './ports.ts';

export interface DiskUnderTest {
  readonly disk: Disk;
  /** An empty place of its own. */
  readonly folder: string;
}

const key = (number: number): Uint8Array => Uint8Array.of(0, number);
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
const value = (words: string): Uint8Array => Buffer.from(words);
const everything = { gte: key(0), lt: key(255), limit: 100 };

export function testDisk(makeDisk: () => DiskUnderTest): void {
  testFolders(makeDisk);
  testFiles(makeDisk);
}

function testFolders(makeDisk: () => DiskUnderTest): void {
  test('pairs come back in key order after the folder was closed and opened', async () => {
    const { disk, folder } = makeDisk();
    const kv = await disk.openKv(join(folder, 'kv'));
    await kv.write(
      [
        { key: key(200), value: value('late') },
        { key: key(3), value: value('early') },
      ],
      { sync: true },
    );
    await kv.close();

    const again = await disk.openKv(join(folder, 'kv'));

    expect((await again.range(everything)).map((pair) => text(pair.value))).toEqual(['early', 'late']);
    expect(text(await again.get(key(3)))).toBe('early');
    expect(await again.get(key(4))).toBeUndefined();
    await again.close();
  });

  test('a range keeps its bounds, its limit and its direction', async () => {
    const { disk, folder } = makeDisk();
    const kv = await disk.openKv(join(folder, 'kv'));
    await kv.write(
      [1, 2, 3, 4].map((number) => ({ key: key(number), value: value(String(number)) })),
      { sync: true },
    );

    const forward = await kv.range({ gte: key(2), lt: key(4), limit: 9 });
    const last = await kv.range({ ...everything, limit: 1, reverse: true });

    expect(forward.map((pair) => text(pair.value))).toEqual(['2', '3']);
    expect(last.map((pair) => text(pair.value))).toEqual(['4']);
    await kv.close();
  });

  test('a folder that is open cannot be opened a second time', async () => {
    const { disk, folder } = makeDisk();
    const kv = await disk.openKv(join(folder, 'kv'));

    await expect(disk.openKv(join(folder, 'kv'))).rejects.toMatchObject({ code: 'LOCKED' });
    await kv.close();
  });

  test('a folder that was removed begins empty', async () => {
    const { disk, folder } = makeDisk();
    const kv = await disk.openKv(join(folder, 'kv'));
    await kv.write([{ key: key(1), value: value('gone') }], { sync: true });
    await kv.close();

    await disk.destroyKv(join(folder, 'kv'));
    await disk.destroyKv(join(folder, 'never-was'));

    expect(await disk.list(folder)).toEqual([]);
  });

  test('what is moved aside is still there under another name', async () => {
    const { disk, folder } = makeDisk();
    const kv = await disk.openKv(join(folder, 'kv'));
    await kv.write([{ key: key(1), value: value('kept') }], { sync: true });
    await kv.close();

    const aside = await disk.quarantine(join(folder, 'kv'));

    expect(await disk.list(folder)).toEqual([aside.slice(folder.length + 1)]);
    const found = await disk.openKv(aside);
    expect(text(await found.get(key(1)))).toBe('kept');
    await found.close();
  });
}

function testFiles(makeDisk: () => DiskUnderTest): void {
  test('a file is written in place and replaced whole', async () => {
    const { disk, folder } = makeDisk();
    const path = join(folder, 'deep', 'state');

    await disk.writeAt(path, 0, value('hello world'));
    await disk.writeAt(path, 6, value('there'));
    const inPlace = text(await disk.readFile(path));
    await disk.replaceFile(path, value('new'));

    expect(inPlace).toBe('hello there');
    expect(text(await disk.readFile(path))).toBe('new');
    expect(await disk.list(join(folder, 'deep'))).toEqual(['state']);
  });

  test('an absent file has no content, an absent folder no names', async () => {
    const { disk, folder } = makeDisk();

    expect(await disk.readFile(join(folder, 'none'))).toBeUndefined();
    expect(await disk.list(join(folder, 'none'))).toEqual([]);
    await disk.remove(join(folder, 'none'));
  });

  test('bytes below a folder and free bytes are told', async () => {
    const { disk, folder } = makeDisk();

    await disk.writeAt(join(folder, 'file'), 0, new Uint8Array(5_000));

    expect(await disk.sizeOf(folder)).toBe(5_000);
    expect(await disk.freeBytes(folder)).toBeGreaterThan(0);
    await disk.remove(join(folder, 'file'));
    expect(await disk.sizeOf(folder)).toBe(0);
  });
}
