import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { readAt } from './file-proof.ts';
import { inflateLimits, InflatedFile } from './inflated-file.ts';
import { FollowedFolder } from './testing/followed-folder.ts';

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `2026-11-24T10:00:00Z web1 app[811]: request ${String(from + i).padStart(6, '0')} answered`);
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

describe('compressed files of a followed log', () => {
  let app: FollowedFolder;
  beforeEach(() => {
    app = new FollowedFolder();
  });
  afterEach(() => app.remove());
  const write = (name: string, lines: readonly string[]): void => appendFileSync(app.path(name), text(lines));
  const gzip = (name: string): void => {
    writeFileSync(app.path(`${name}.gz`), gzipSync(readFileSync(app.path(name))));
    rmSync(app.path(name));
  };

  test('old ones are left alone where a source begins at the end, also after a restart', async () => {
    writeFileSync(app.path('app.log.2.gz'), gzipSync(text(numbered(0, 500))));
    writeFileSync(app.path('app.log.3.zst'), zstdCompressSync(text(numbered(500, 500))));
    write('app.log', numbered(1_000, 10));
    app.start(['app.log*'], { startAt: 'end' });
    await app.pass(10_000);
    write('app.log', numbered(1_010, 10));
    await app.untilLines(10);
    await app.stop();
    app.start(['app.log*'], { startAt: 'end' });
    await app.pass(10_000);

    expect(app.texts()).toEqual(numbered(1_010, 10));
  });

  test('one that appears and is of no known log is read once, from its start', async () => {
    app.start(['*'], { startAt: 'end' });
    await app.pass(1_000);
    writeFileSync(app.path('import.gz'), gzipSync(text(numbered(0, 5_000))));

    expect(await app.untilLines(5_000)).toEqual(numbered(0, 5_000));
    renameSync(app.path('import.gz'), app.path('import.1.gz'));
    await app.pass(10_000);
    await app.stop();
    app.start(['*'], { startAt: 'end' });
    await app.pass(10_000);
    expect(app.lines).toHaveLength(5_000);
  });

  test('one that is still being written is not read before it is done', async () => {
    const whole = gzipSync(text(numbered(0, 2_000)));
    app.start(['*.gz']);
    await app.pass(1_000);
    for (let part = 0; part < 5; part++) {
      appendFileSync(app.path('app.log.gz'), whole.subarray((part * whole.length) / 5, ((part + 1) * whole.length) / 5));
      await app.pass(600);
    }

    expect(await app.untilLines(2_000)).toEqual(numbered(0, 2_000));
    expect(app.warnings).toEqual([]);
  });

  test('one that is damaged is read as far as it goes, told once, and holds up nothing', async () => {
    const whole = gzipSync(text(numbered(0, 20_000)));
    writeFileSync(app.path('broken.gz'), whole.subarray(0, whole.length / 2));
    write('good.log', numbered(0, 3));
    app.start(['*']);
    await app.until(() => app.warnings.length > 0, 'the warning');
    await app.pass(10_000);

    expect(app.warnings).toEqual([expect.stringMatching(/broken\.gz.*ends early or is damaged/)]);
    expect(app.input?.status().problem).toMatch(/broken\.gz: ends early/);
    expect(app.lines.filter(({ path }) => path.endsWith('good.log'))).toHaveLength(3);
    const read = app.lines.filter(({ path }) => path.endsWith('broken.gz')).map(({ text }) => text);
    expect(read).toEqual(numbered(0, read.length));
  });

  test('the rest of a copy that was compressed before its original was read to the end is read, at the right place', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    app.isHeld = true;
    await app.until(() => app.lines.length === 100, 'first lines');
    write('app.log', numbered(100, 4_000));
    writeFileSync(app.path('app.log.1.gz'), gzipSync(readFileSync(app.path('app.log'))));
    truncateSync(app.path('app.log'));
    write('app.log', numbered(4_100, 10));
    app.isHeld = false;

    expect((await app.untilLines(4_110)).sort()).toEqual(numbered(0, 4_110));
    const rest = app.lines.find(({ path }) => path.endsWith('.gz'));
    expect(rest?.offset).toBe(Buffer.byteLength(text(numbered(0, 100))));
  });

  test('a reader killed within a compressed rest goes on in it', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    await app.untilLines(100);
    await app.stop();
    app.makeDurable();
    write('app.log', numbered(100, 20_000));
    renameSync(app.path('app.log'), app.path('app.log.1'));
    gzip('app.log.1');
    app.start(['app.log']);
    await app.until(() => app.lines.length > 5_000, 'some of the rest');
    app.makeDurable();
    await app.kill();
    app.start(['app.log']);

    expect(await app.untilLines(20_100)).toEqual(numbered(0, 20_100));
  });
});

describe('inflating', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inflated-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function inflated(content: Buffer, more: Partial<typeof inflateLimits> = {}): Promise<InflatedFile> {
    const path = join(folder, 'file.gz');
    writeFileSync(path, content);
    const limits = { ...inflateLimits, ...more };
    return new InflatedFile(await open(path), { compression: content[0] === 0x1f ? 'gzip' : 'zstd', changedMs: 1, limits });
  }

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('%s gives the same bytes forward, back and beyond the end', async (_, compress) => {
    const plain = Buffer.from(text(numbered(0, 40_000)));
    const file = await inflated(compress(plain));

    for (const [at, length] of [
      [0, 10],
      [1_000_000, 300_000],
      [999_000, 2_000],
      [5, 100],
      [plain.length - 7, 100],
      [plain.length + 9, 5],
    ] as const)
      expect((await readAt(file, at, length)).equals(plain.subarray(at, at + length))).toBe(true);
    expect(await file.length()).toBe(plain.length);
    expect(file.look()).toEqual({ size: plain.length, changedMs: 1 });
    expect(file.problem).toBe('');
    await file.close();
  });

  test('several gzip members are one content', async () => {
    const file = await inflated(Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]));

    expect((await readAt(file, 0, 100)).toString()).toBe('one\ntwo\n');
    await file.close();
  });

  test('a bomb is left where it grows beyond measure, with the remedy', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * limits.lineBytesMax));
    const file = await inflated(bomb, { growthFreeBytes: 1_000_000 });

    expect(await file.length()).toBeLessThan(35_000_000);
    expect(file.problem).toMatch(/grows more than 500-fold.*inflate it by hand/);
    await file.close();
  });

  test('going back over and over ends too', async () => {
    const file = await inflated(gzipSync(Buffer.from(text(numbered(0, 20_000)))), { bytesMax: 4_000_000 });
    for (let turn = 0; turn < 10 && file.problem === ''; turn++) {
      await readAt(file, 1_000_000, 10);
      await readAt(file, 0, 10);
    }

    expect(file.problem).toMatch(/takes more than 4000000 bytes/);
    await file.close();
  });
});
