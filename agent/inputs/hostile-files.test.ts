import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { createFraming } from '../frame/create-framing.ts';
import { FileTail } from './file-tail.ts';
import { PlainFile } from './followed-bytes.ts';
import { LineBuffers } from './line-buffers.ts';
import { FollowedFolder } from './testing/followed-folder.ts';

let app: FollowedFolder;
beforeEach(() => {
  app = new FollowedFolder();
});
afterEach(() => app.remove());

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `2026-11-24T10:00:00Z web1 app[811]: request ${String(from + i).padStart(6, '0')} answered`);
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const write = (name: string, lines: readonly string[]): void => appendFileSync(app.path(name), text(lines));

describe('what stands in a folder of logs', () => {
  test('devices, sockets and the kernel’s own files are never opened for reading and told once; the rest is read', async () => {
    symlinkSync('/dev/zero', app.path('device.log'));
    symlinkSync('/proc/self/status', app.path('kernel.log'));
    const server = createServer().listen(app.path('socket.log'));
    await once(server, 'listening');
    symlinkSync('nowhere', app.path('dangling.log'));
    mkdirSync(app.path('loop'));
    symlinkSync('..', app.path('loop/again'));
    write('loop/deep.log', numbered(0, 2));
    write('good.log', numbered(2, 2));

    app.start(['**/*.log'], { fence: '/**' });

    expect((await app.untilLines(4)).sort()).toEqual(numbered(0, 4));
    await app.pass(30_000);
    server.close();
    expect(app.warnings.map((warning) => warning.replace(/.*\/(\w+)\.log"\}/, '$1')).sort()).toEqual([
      expect.stringMatching(/^device not followed: a device, not a file; exclude it/),
      expect.stringMatching(/^kernel not followed: a file that the kernel makes up/),
      expect.stringMatching(/^socket not followed: a socket, not a file; exclude it/),
    ]);
    expect(app.lines).toHaveLength(4);
  });

  test('bytes of any kind come as they are: NUL, half characters, control characters, a mark of UTF-8', async () => {
    const odd = ['\0\0\0', '\xff\xfe\x80 invalid', '\x1b[31mred\x07', '\xef\xbb\xbfmarked', '', '\r', 'a\0b'];
    writeFileSync(app.path('app.log'), Buffer.from(`${odd.join('\n')}\n`, 'latin1'));
    app.start(['app.log']);

    expect(await app.untilLines(odd.length)).toEqual(odd.map((line) => (line === '\r' ? '' : line)));
  });

  test('a line of 100 MB is one cut and marked line, and the next is right', async () => {
    const megabyte = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 100; i++) appendFileSync(app.path('app.log'), megabyte);
    appendFileSync(app.path('app.log'), '\nnext\n');
    write('other.log', numbered(0, 3));
    app.start(['*.log']);

    await app.until(() => app.lines.length === 5, 'all lines');

    const big = app.lines.filter(({ path }) => path.endsWith('app.log'));
    expect(big.map(({ text, offset, isCut }) => [text.length, offset, isCut])).toEqual([
      [limits.lineBytesMax, 0, true],
      [4, 100_000_001, false],
    ]);
    // Files take turns while the end of the long line is looked for.
    expect(app.lines.findIndex(({ path }) => path.endsWith('other.log'))).toBeLessThan(3);
  });
});

describe('files that look alike', () => {
  test('two files that begin with the same long banner are both read whole', async () => {
    const banner = Array.from({ length: 30 }, (_, i) => `# field ${i} of a header that is the same in every file of this program`);
    write('one.log', [...banner, 'only in one']);
    app.start(['*.log']);
    await app.untilLines(31);
    write('two.log', [...banner, 'only in two']);
    await app.untilLines(62);
    write('three.log', [...banner, 'only in three', 'more in three']);

    const texts = await app.untilLines(94);
    await app.pass(20_000);
    expect(app.lines).toHaveLength(94);
    for (const line of ['only in one', 'only in two', 'only in three', 'more in three']) expect(texts).toContain(line);
  });

  test('a new file that begins like the rotated one and has other lines is read whole, and nothing twice', async () => {
    const header = ['#separator of a log whose header is longer than sixty-four bytes and always the same', '#fields ts uid host'];
    write('conn.log', header);
    app.start(['conn.log*']);
    await app.untilLines(2);
    renameSync(app.path('conn.log'), app.path('conn.log.1'));
    write('conn.log', [...header, 'a', 'b']);
    await app.untilLines(6);
    await app.pass(20_000);

    expect(app.texts().sort()).toEqual([...header, ...header, 'a', 'b'].sort());
  });

  test('files of a few bytes are read at once, each', async () => {
    for (let i = 0; i < 20; i++) writeFileSync(app.path(`${i}.log`), 'ok\n');
    app.start(['*.log']);

    expect(await app.untilLines(20)).toEqual(Array.from({ length: 20 }, () => 'ok'));
  });

  test('copied and truncated again and again, reading goes on each time', async () => {
    app.start(['app.log']);
    for (let turn = 0; turn < 5; turn++) {
      write('app.log', numbered(turn * 20, 20));
      await app.untilLines((turn + 1) * 20);
      copyFileSync(app.path('app.log'), app.path(`app.log.${turn}`));
      truncateSync(app.path('app.log'));
    }

    expect(app.texts()).toEqual(numbered(0, 100));
  });

  test('while nobody takes lines no position moves past them', async () => {
    write('app.log', numbered(0, 40_000));
    app.start(['app.log']);
    app.isHeld = true;
    await app.until(() => app.lines.length > 0, 'the first block');
    await app.pass(10_000);
    const [position] = [...app.positions.values()];

    expect(position?.lineNumber).toBe(app.lines.length);
    expect(app.lines.length).toBeLessThan(40_000);
    await app.stop();
    app.start(['app.log']);
    expect(await app.untilLines(40_000)).toEqual(numbered(0, 40_000));
  });
});

describe('network file systems', () => {
  test.each(['another inode', 'another inode, at the same time another name for the old one'])(
    'a file that is given %s goes on where it was',
    async (how) => {
      write('app.log', numbered(0, 100));
      app.start(['app.log']);
      await app.untilLines(100);
      copyFileSync(app.path('app.log'), app.path('copy'));
      if (how !== 'another inode') renameSync(app.path('app.log'), app.path('.nfs0001'));
      renameSync(app.path('copy'), app.path('app.log'));
      write('app.log', numbered(100, 10));
      await app.untilLines(110);
      write('app.log', numbered(110, 10));

      expect(await app.untilLines(120)).toEqual(numbered(0, 120));
      await app.pass(20_000);
      expect(app.lines).toHaveLength(120);
      expect(new Set(app.lines.map(({ stream }) => stream)).size).toBe(1);
    },
  );

  test('after a remount under other numbers, the same file is gone on from', async () => {
    write('app.log', numbered(0, 100));
    app.start(['app.log']);
    await app.untilLines(100);
    await app.stop();
    for (const [id, position] of app.positions) {
      const { stream } = position;
      const file = { ...stream.file!, device: 99, inode: 12_345 };
      app.positions.set(id, { ...position, stream: { ...stream, file } });
    }
    write('app.log', numbered(100, 10));
    app.start(['app.log'], { startAt: 'end' });

    expect(await app.untilLines(110)).toEqual(numbered(0, 110));
  });

  test('a tail whose reading failed goes on at its place when its file is opened again', async () => {
    write('app.log', numbered(0, 3));
    const handle = await open(app.path('app.log'));
    const { dev: device, ino: inode } = statSync(app.path('app.log'));
    const tail = await FileTail.open({
      file: { bytes: new PlainFile(handle, false), device, inode },
      path: app.path('app.log'),
      isCompressed: false,
      place: { streamId: 's', offset: 0, lineNumber: 0 },
      framing: createFraming({ encoding: 'utf-8' }),
      source: { sourceId: 'app', typeHint: '', timeZone: 'UTC', labels: {} },
      newStreamId: () => 'other',
      onRestart: () => undefined,
    });
    const buffers = new LineBuffers();
    const turn = { nowMs: 1, monotonicMs: 1, last: false };
    await tail.next(buffers, turn);
    write('app.log', numbered(3, 3));
    // As a stale handle does.
    await handle.close();

    await expect(tail.next(buffers, turn)).rejects.toMatchObject({ code: 'EBADF' });
    await tail.rest(false);
    await tail.wake({ bytes: new PlainFile(await open(app.path('app.log')), true), device, inode });
    const step = await tail.next(buffers, turn);

    expect(step).toMatchObject({ is: 'lines', block: { count: 3, baseOffset: text(numbered(0, 3)).length } });
    await tail.rest(false);
  });
});

/** Root reads everything; elsewhere the test itself may not take permissions away from another user. */
const canBeOther = process.getuid?.() === 0 && spawnSync('true', { uid: 65_534 }).status === 0;

test.skipIf(!canBeOther)(
  'permission lost on a file, then on its folder: told once each with the remedy, others go on, and nothing is lost or repeated (run as root)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'permission-'));
    chmodSync(folder, 0o755);
    const put = (name: string, line: string): void => appendFileSync(join(folder, name), `${line}\n`);
    put('app.log', 'app one');
    put('other.log', 'other one');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'follow-as-other.ts'), folder], {
      uid: 65_534,
      gid: 65_534,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const warnings: string[] = [];
    const printed = createInterface({ input: child.stdout });
    printed.on('line', (json) => {
      const { line, warning } = JSON.parse(json) as { line?: string; warning?: string };
      if (line !== undefined) lines.push(line);
      if (warning !== undefined) warnings.push(warning);
    });
    const until = async (fact: () => boolean): Promise<void> => {
      while (!fact()) await once(printed, 'line');
    };
    try {
      await until(() => lines.length === 2);
      renameSync(join(folder, 'app.log'), join(folder, 'app.log.1'));
      writeFileSync(join(folder, 'app.log'), 'app two\n', { mode: 0o600 });
      await until(() => warnings.length === 1);
      put('other.log', 'other two');
      await until(() => lines.length === 3);
      chmodSync(join(folder, 'app.log'), 0o644);
      await until(() => lines.length === 4);

      chmodSync(folder, 0o700);
      await until(() => warnings.length >= 2);
      put('other.log', 'other three');
      await until(() => lines.length === 5);
      chmodSync(folder, 0o755);
      put('new.log', 'new one');
      await until(() => lines.length === 6);
    } finally {
      child.stdin.end();
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    }

    expect(lines.sort()).toEqual(['app one', 'app two', 'new one', 'other one', 'other three', 'other two']);
    expect(warnings).toEqual([
      expect.stringMatching(/app\.log.*not followed: permission denied; let the agent's user \(uid 65534\) read it/),
      expect.stringMatching(/permission denied; let the agent's user/),
    ]);
  },
  20_000,
);
