// The generation log on real LevelDB files that somebody damages: what LevelDB hides must come out as holes.
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GenerationLog } from './generation-log.ts';
import { levelDisk } from './level-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'atalaia-damage-'));
let places = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bodyOf = (number: number): Buffer => Buffer.from(`record ${number} `.repeat(800));

function openLog(folder: string): Promise<GenerationLog> {
  const snapshot = (): Uint8Array => Buffer.from('state');
  return GenerationLog.open({ disk: levelDisk(), folder, generationBytes: 100_000, reserveBytes: 100_000, snapshot });
}

async function writtenLog(count: number): Promise<string> {
  const folder = join(root, String(++places));
  const log = await openLog(folder);
  for (let number = 1; number <= count; number++) await log.append([{ parts: [bodyOf(number)] }]);
  await log.close();
  return folder;
}

/** Numbers that came back whole, and those told as holes; together every number, each once. */
async function survey(folder: string): Promise<{ whole: number[]; gone: number[] }> {
  const log = await openLog(folder);
  const whole: number[] = [];
  const gone: number[] = [];
  for (let next = 1; next <= log.tail;) {
    for (const item of await log.read(next, 5)) {
      if (item.is === 'hole') for (let number = item.from; number <= item.to; number++) gone.push(number);
      else {
        expect(Buffer.from(item.bytes).equals(bodyOf(item.number))).toBe(true);
        whole.push(item.number);
      }
      next = item.is === 'hole' ? item.to + 1 : item.number + 1;
    }
  }
  await log.close();
  return { whole, gone };
}

function filesOf(folder: string, generation: number, ending: RegExp): string[] {
  const name = `generation-${String(generation).padStart(10, '0')}`;
  return readdirSync(join(folder, name))
    .filter((file) => ending.test(file))
    .map((file) => join(folder, name, file));
}

test('what was written is there after closing and opening', async () => {
  const folder = await writtenLog(30);

  expect(await survey(folder)).toEqual({ whole: Array.from({ length: 30 }, (_, place) => place + 1), gone: [] });
});

test('bytes overwritten in the middle of a log file are told as a hole, and the rest is kept', async () => {
  const folder = await writtenLog(8);
  const [file] = filesOf(folder, 1, /\.log$/);
  const bytes = readFileSync(file!);
  bytes.fill(0x55, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 64);
  writeFileSync(file!, bytes);

  const { whole, gone } = await survey(folder);

  expect(gone.length).toBeGreaterThan(0);
  expect(whole.length).toBeGreaterThan(0);
  expect([...whole, ...gone].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a log file that lost its end is noticed, although LevelDB opens it without an error', async () => {
  const folder = await writtenLog(8);
  const [file] = filesOf(folder, 1, /\.log$/);
  truncateSync(file!, Math.floor(readFileSync(file!).length * 0.6));

  const { whole, gone } = await survey(folder);

  expect(gone.at(-1)).toBe(8);
  expect(whole[0]).toBe(1);
});

test('a generation whose files are beyond repair is moved aside, and the others are read', async () => {
  const folder = await writtenLog(30);
  for (const file of filesOf(folder, 2, /.*/)) writeFileSync(file, 'not a database');

  const { whole, gone } = await survey(folder);

  expect(gone.length).toBeGreaterThan(0);
  expect(whole).toContain(1);
  expect(whole).toContain(30);
  expect(whole.length + gone.length).toBe(30);
});

// Behind the blocks of a table stand its index and its footer.
test.each([0, 0.3, 0.5, 0.7, 0.9, -400, -300, -240, -200, -160, -120, -80, -48])(
  'a table overwritten at %d: every number is read or told as a hole, and the log goes on',
  async (place) => {
    const folder = await writtenLog(8);
    // Opening again makes tables of what was a log.
    await (await openLog(folder)).close();
    for (const file of filesOf(folder, 1, /\.ldb$/)) {
      const bytes = readFileSync(file);
      const at = place < 0 ? bytes.length + place : Math.floor(bytes.length * place);
      bytes.fill(0x55, at, at + 40);
      writeFileSync(file, bytes);
    }

    const { whole, gone } = await survey(folder);
    const log = await openLog(folder);
    const next = log.tail + 1;
    await log.append([{ parts: [bodyOf(next)] }]);
    await log.close();

    expect([...whole, ...gone].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await survey(folder)).whole).toContain(next);
  },
);

test.each([
  ['lost', (file: string) => unlinkSync(file)],
  ['is pointed elsewhere by', (file: string) => writeFileSync(file, 'MANIFEST-000777\n')],
])('a generation that %s its CURRENT file is repaired', async (_, spoil) => {
  const folder = await writtenLog(30);
  filesOf(folder, 2, /^CURRENT$/).forEach(spoil);

  const { whole, gone } = await survey(folder);

  expect(whole.length + gone.length).toBe(30);
  expect(whole).toContain(30);
});

test('a second process is told that the first one has it open', async () => {
  const folder = join(root, String(++places));
  const log = await openLog(folder);
  await log.append([{ parts: [bodyOf(1)] }]);

  await expect(openLog(folder)).rejects.toMatchObject({ code: 'LOCKED', message: expect.stringContaining('another process') });
  await log.close();
});
