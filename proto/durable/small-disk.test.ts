// The log on a real file system that somebody else filled to the last byte: what the hub has committed can be given back, that is
// remembered over a kill, and room comes back by itself.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GenerationLog } from './generation-log.ts';
import { levelDisk } from './level-disk.ts';

const mount = (folder: string): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]).status === 0;
const unmount = (folder: string): void => void spawnSync('umount', ['--lazy', folder]);

const probe = mkdtempSync(join(tmpdir(), 'atalaia-probe-'));
const canMount = process.platform === 'linux' && mount(probe);
if (canMount) unmount(probe);
rmSync(probe, { recursive: true });

let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'atalaia-small-'));
  if (canMount) mount(disk);
});
afterEach(() => {
  if (canMount) unmount(disk);
  rmSync(disk, { recursive: true });
});

const bodyOf = (number: number): Buffer => Buffer.from(`record ${number} `.repeat(1_000));

const openLog = (): Promise<GenerationLog> =>
  GenerationLog.open({
    disk: levelDisk(),
    folder: join(disk, 'log'),
    slotBytes: 64 * 1024,
    generationBytes: 4_000_000,
    reserveBytes: 4_000_000,
    snapshot: () => Buffer.from('state'),
  });

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};

function fillUp(): void {
  const filler = join(disk, 'filler');
  writeFileSync(filler, '');
  for (let chunk = 1024 * 1024; chunk >= 1; chunk = Math.floor(chunk / 2)) {
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(chunk));
    } catch {
      // Smaller pieces, until not a byte is left.
    }
  }
}

describe.skipIf(!canMount)('a disk that is full to the last byte (skipped without root that may mount)', () => {
  test('what is committed is given back though all of it stands in the generation that is written, and that is remembered', async () => {
    const log = await openLog();
    for (let number = 1; number <= 100; number++) await log.append([{ parts: [bodyOf(number)] }]);
    fillUp();
    await expect(log.append([{ parts: [Buffer.alloc(3_000_000)] }])).rejects.toMatchObject({ code: 'DISK_FULL' });
    await log.recover();
    const [written] = log.generations;

    await log.roll();
    await log.free(log.tail);

    expect(log.generations.map(({ id }) => id)).not.toContain(written?.id);
    expect(freeBytes()).toBeGreaterThan(500_000);
    await log.close();
    const again = await openLog();
    expect(again.oldest).toBe(101);
    await expect(again.append([{ parts: [bodyOf(101)] }])).rejects.toMatchObject({ code: 'DISK_FULL' });
    rmSync(join(disk, 'filler'));
    await again.append([{ parts: [bodyOf(101)] }]);
    expect(await again.read(101, 1)).toMatchObject([{ is: 'record', number: 101 }]);
    await again.close();
  });
});
