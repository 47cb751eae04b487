import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let app: FollowedFolder;
beforeEach(() => {
  app = new FollowedFolder();
});
afterEach(() => app.remove());

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `line ${String(from + i).padStart(6, '0')} of a log that has fairly long lines`);
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const write = (name: string, lines: readonly string[]): void => appendFileSync(app.path(name), text(lines));

describe('rotation while the agent runs', () => {
  test('a renamed file is read to its end and the new one from its start', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    await app.untilLines(100);

    renameSync(app.path('app.log'), app.path('app.log.1'));
    write('app.log.1', numbered(100, 50));
    write('app.log', numbered(150, 50));
    await app.untilLines(200);
    write('app.log.1', numbered(200, 1));

    expect((await app.untilLines(201)).sort()).toEqual(numbered(0, 201));
    expect(new Set(app.lines.map(({ stream }) => stream)).size).toBe(2);
  });

  test('a renamed file that the glob still matches is not read twice', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log*']);
    await app.untilLines(100);

    renameSync(app.path('app.log'), app.path('app.log.1'));
    write('app.log', numbered(100, 100));

    expect(await app.untilLines(200)).toEqual(numbered(0, 200));
  });

  test('what was unread when a reader was held up over two rotations is read afterwards', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    app.isHeld = true;
    await app.until(() => app.lines.length === 100, 'first lines');
    for (const from of [100, 200]) {
      renameSync(app.path('app.log'), app.path(`app.log.${from}`));
      write('app.log', numbered(from, 100));
      // Looking for files goes on while nobody reads.
      await app.pass(60_000);
    }
    unlinkSync(app.path('app.log.200'));

    app.isHeld = false;

    expect((await app.untilLines(300)).sort()).toEqual(numbered(0, 300));
  });

  test.each(['app.log', 'app.log*'])('copytruncate with a reader that lags: the rest is read from the copy (glob %s)', async (glob) => {
    write('app.log', numbered(0, 100));
    app.start([glob]);
    app.isHeld = true;
    await app.until(() => app.lines.length === 100, 'first lines');
    write('app.log', numbered(100, 100));
    copyFileSync(app.path('app.log'), app.path('app.log.1'));
    truncateSync(app.path('app.log'));
    write('app.log', numbered(200, 20));

    app.isHeld = false;

    expect((await app.untilLines(220)).sort()).toEqual(numbered(0, 220));
  });

  test.each(['app.log', 'app.log*'])(
    'copytruncate while a reader is held up for a minute: the rest is read from the copy (glob %s)',
    async (glob) => {
      write('app.log', numbered(0, 100));
      app.start([glob]);
      app.isHeld = true;
      await app.until(() => app.lines.length === 100, 'first lines');
      write('app.log', numbered(100, 100));
      copyFileSync(app.path('app.log'), app.path('app.log.1'));
      truncateSync(app.path('app.log'));
      write('app.log', numbered(200, 20));
      await app.pass(60_000);

      app.isHeld = false;

      expect((await app.untilLines(220)).sort()).toEqual(numbered(0, 220));
    },
  );

  test('copytruncate with a reader that is up to date repeats nothing, the copy matched or not', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log*']);
    await app.untilLines(100);

    copyFileSync(app.path('app.log'), app.path('app.log.1'));
    await app.pass(1_000);
    truncateSync(app.path('app.log'));
    write('app.log', numbered(100, 10));

    expect(await app.untilLines(110)).toEqual(numbered(0, 110));
  });

  test('a file truncated and rewritten is read from its start', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    await app.untilLines(100);

    writeFileSync(app.path('app.log'), text(numbered(500, 150)));

    expect((await app.untilLines(250)).slice(100)).toEqual(numbered(500, 150));
  });

  test('a deleted file is read to its end, its unfinished last line too', async () => {
    write('app.log', numbered(0, 10));
    app.start(['app.log']);
    await app.untilLines(10);

    appendFileSync(app.path('app.log'), 'unfinished');
    await app.pass(60_000);
    expect(app.lines).toHaveLength(10);
    rmSync(app.path('app.log'));

    expect(await app.untilLines(11)).toEqual([...numbered(0, 10), 'unfinished']);
  });

  test('a file that appears later, in a folder that appears later, is read from its start', async () => {
    app.start(['**/*.log'], { startAt: 'end' });
    await app.pass(1_000);

    mkdirSync(app.path('later/still'), { recursive: true });
    write('later/still/new.log', numbered(0, 10));

    expect(await app.untilLines(10)).toEqual(numbered(0, 10));
  });

  test('a half line is one line when its rest comes', async () => {
    appendFileSync(app.path('app.log'), 'first ha');
    app.start(['app.log']);
    await app.pass(5_000);
    expect(app.texts()).toEqual([]);

    appendFileSync(app.path('app.log'), 'lf\r\nsecond\n');

    expect(await app.untilLines(2)).toEqual(['first half', 'second']);
    expect(app.lines.map(({ offset }) => offset)).toEqual([0, 12]);
  });

  test('a small file does not wait behind a large one', async () => {
    write('a-large.log', numbered(0, 100_000));
    write('b-small.log', ['small']);
    app.start(['*.log']);

    await app.until(() => app.texts().includes('small'), 'the small file');

    expect(app.lines.length).toBeLessThan(40_000);
  });
});

describe('after a restart', () => {
  test('reading goes on where it stopped, whatever was appended meanwhile', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log'], { startAt: 'end' });
    await app.until(() => app.told.length > 0, 'the file being followed');
    write('app.log', numbered(100, 10));
    await app.untilLines(10);
    await app.stop();

    write('app.log', numbered(110, 10));
    app.start(['app.log'], { startAt: 'end' });

    expect(await app.untilLines(20)).toEqual(numbered(100, 20));
    expect(new Set(app.lines.map(({ stream }) => stream)).size).toBe(1);
  });

  test('the rest of a file rotated while away is found under its new name, and the new file is read whole', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log'], { startAt: 'start' });
    await app.untilLines(100);
    await app.stop();

    write('app.log', numbered(100, 30));
    renameSync(app.path('app.log'), app.path('app.log-20261124'));
    write('app.log', numbered(130, 30));
    app.start(['app.log'], { startAt: 'end' });

    expect((await app.untilLines(160)).sort()).toEqual(numbered(0, 160));
  });

  test.each(['app.log', 'app.log*'])('the rest of a file copied and truncated while away is found in the copy (glob %s)', async (glob) => {
    write('app.log', numbered(0, 100));
    app.start([glob]);
    await app.untilLines(100);
    await app.stop();

    write('app.log', numbered(100, 30));
    copyFileSync(app.path('app.log'), app.path('app.log.1'));
    writeFileSync(app.path('app.log'), text(numbered(130, 30)));
    app.start([glob]);

    expect((await app.untilLines(160)).sort()).toEqual(numbered(0, 160));
  });

  test('a file with the same inode and other content is read from its start', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    await app.untilLines(100);
    await app.stop();

    writeFileSync(app.path('app.log'), text(numbered(500, 200)));
    app.start(['app.log']);

    expect((await app.untilLines(300)).slice(100)).toEqual(numbered(500, 200));
  });

  test('a position whose tail does not match is not used', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    await app.untilLines(100);
    await app.stop();
    for (const [id, position] of app.positions) app.positions.set(id, { ...position, tailHash: new Uint8Array(16) });

    app.start(['app.log']);

    expect((await app.untilLines(200)).slice(100)).toEqual(numbered(0, 100));
  });
});

describe('what a glob may name that is no log', () => {
  test('FIFOs, folders, link loops, compressed files and files outside the fence are told once, and the rest is read', async () => {
    spawnSync('mkfifo', [app.path('fifo.log')]);
    mkdirSync(app.path('folder.log'));
    symlinkSync(app.path('loop.log'), app.path('loop.log'));
    symlinkSync('/etc/hostname', app.path('outside.log'));
    writeFileSync(app.path('old.log'), Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), Buffer.from('old lines')]));
    write('good.log', numbered(0, 3));

    app.start(['*.log']);

    expect(await app.untilLines(3)).toEqual(numbered(0, 3));
    await app.pass(60_000);
    const told = app.warnings
      .map((warning) => String(/(fifo|folder|loop|outside|old)\.log"\} (.*)/.exec(warning)?.slice(1, 3).join(': ')))
      .sort();
    expect(told).toEqual([
      expect.stringMatching(/^fifo: .*a FIFO, not a file; exclude it/),
      expect.stringMatching(/^folder: .*a folder, not a file; name the files in it/),
      expect.stringMatching(/^loop: .*(loop of symbolic links|cannot be read \(ELOOP\))/),
      expect.stringMatching(/^old: .*compressed \(xz\), which is not read; let rotation use gzip or zstd/),
      expect.stringMatching(/^outside: .*outside the local fence; add it to `fence.paths`/),
    ]);
    expect(app.input?.status().problem).toMatch(/and 4 more/);
  });

  test.skipIf(process.getuid?.() === 0)('a file without permission is told once and read when it is allowed', async () => {
    write('app.log', numbered(0, 3));
    chmodSync(app.path('app.log'), 0);
    app.start(['app.log']);
    await app.pass(10_000);
    expect(app.warnings).toEqual([expect.stringMatching(/permission denied; let the agent's user/)]);

    chmodSync(app.path('app.log'), 0o600);

    expect(await app.untilLines(3)).toEqual(numbered(0, 3));
    expect(app.input?.status().problem).toBe('');
  });

  test('a file reached by two names is read once', async () => {
    write('app.log', numbered(0, 5));
    symlinkSync(app.path('app.log'), app.path('link.log'));

    app.start(['*.log', 'app.log']);

    expect(await app.untilLines(5)).toEqual(numbered(0, 5));
  });
});
