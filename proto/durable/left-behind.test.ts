// Folders that a kill leaves behind on real files: given back at the next start, and never in the way of what comes.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GenerationLog } from './generation-log.ts';
import { levelDisk } from './level-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'atalaia-left-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bodyOf = (number: number): Buffer => Buffer.from(`record ${number} `.repeat(400));
const nameOf = (id: number): string => `generation-${String(id).padStart(10, '0')}`;

const openLog = (folder: string): Promise<GenerationLog> =>
  GenerationLog.open({ disk: levelDisk(), folder, generationBytes: 20_000, reserveBytes: 20_000, snapshot: () => Buffer.from('state') });

async function append(log: GenerationLog, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) await log.append([{ parts: [bodyOf(number)] }]);
}

async function everyNumber(log: GenerationLog): Promise<(number | string)[]> {
  const found: (number | string)[] = [];
  for (let next = log.oldest; next <= log.tail;) {
    for (const item of await log.read(next, 5)) {
      found.push(item.is === 'hole' ? `hole ${item.from}-${item.to}` : item.number);
      next = item.is === 'hole' ? item.to + 1 : item.number + 1;
    }
  }
  return found;
}

test.each<[string, (current: number) => number]>([
  ['whose removal was interrupted', () => 1],
  ['under the number that comes next', (current) => current + 1],
  ['under a number that comes later', (current) => current + 3],
])('a generation %s is given back at the next start and hides nothing', async (_, idOf) => {
  const folder = mkdtempSync(join(root, 'log-'));
  const log = await openLog(folder);
  await append(log, 1, 20);
  await log.free(12);
  const oldest = log.oldest;
  const current = log.generations.at(-1)?.id ?? 0;
  await log.close();
  const left = join(folder, nameOf(idOf(current)));
  expect(existsSync(left)).toBe(false);
  cpSync(join(folder, nameOf(current)), left, { recursive: true });

  const again = await openLog(folder);

  expect(existsSync(left)).toBe(false);
  await append(again, 21, 60);
  expect(await everyNumber(again)).toEqual(Array.from({ length: 61 - oldest }, (_, place) => oldest + place));
  expect(readdirSync(folder).filter((name) => name.startsWith('generation-'))).toHaveLength(again.generations.length);
  await again.close();
});
