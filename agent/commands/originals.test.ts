// Originals as the people who look them up see them: the command in a process of its own, beside rings that are written to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blockOf, KeptRings } from '../originals/testing/kept-rings.ts';

const program = new URL('../main.ts', import.meta.url).pathname;
const data = mkdtempSync(join(tmpdir(), 'atalaia-originals-'));
mkdirSync(join(data, 'originals'), { mode: 0o700 });
const config = join(data, 'agent.yaml');
writeFileSync(config, 'version: 1\n');
afterAll(() => rmSync(data, { recursive: true }));

async function call(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [program, 'originals', ...args, '--data', data, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, out, err };
}

test('a window is printed while the agent writes: as objects with places, as lines, so many, and into a file', async () => {
  const rings = new KeptRings(undefined, join(data, 'originals'));
  const originals = rings.open();
  await rings.running(originals, async (tick) => {
    for (let second = 0; second < 5; second++) {
      originals.note(blockOf([`line ${second}`, Buffer.from([0xff])], { offset: second * 10, readAtMs: rings.nowMs }));
      await tick();
    }
    const output = join(data, 'lines');

    const listed = await call();
    const window = await call('--source', 'web', '--from', '2026-11-24T10:00:02Z', '--to', '2026-11-24T12:00:03+02:00');
    const raw = await call('--source', 'web', '--format', 'raw', '--lines', '3', '--output', output);

    const ring = { source: 'web', segments: 1, firstReadAt: '2026-11-24T10:00:00.000Z', lastReadAt: '2026-11-24T10:00:04.000Z' };
    expect(JSON.parse(listed.out)).toMatchObject(ring);
    const place = { readAt: '2026-11-24T10:00:02.000Z', stream: 'f'.repeat(32), path: '/var/log/web.log' };
    expect(
      window.out
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { ...place, offset: 20, line: 'line 2' },
      { ...place, offset: 27, lineBase64: '/w==' },
    ]);
    expect([window.code, window.err]).toEqual([0, 'web: 2 lines\n']);
    expect(readFileSync(output, 'latin1')).toBe('line 0\n\xff\nline 1\n');
    expect([raw.out, raw.err, statSync(output).mode & 0o777]).toEqual(['', 'web: 3 lines; stopped at 3 lines, there are more\n', 0o600]);
  });
}, 60_000);

test('damage is told in its place and at the end', async () => {
  const folder = join(data, 'originals', 'web');
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.seg'));
  const whole = readFileSync(join(folder, name));
  whole.fill(0, 60, 64);
  writeFileSync(join(folder, name), whole);

  const { code, out, err } = await call('--source', 'web');

  const [first = '', second = ''] = out.split('\n');
  expect(code).toBe(0);
  expect(JSON.parse(first)).toMatchObject({ damaged: { segment: 1 } });
  expect(JSON.parse(second)).toMatchObject({ line: 'line 1' });
  expect(err).toMatch(/^web: 8 lines, \d+ bytes are damaged and cannot be read\n$/);
}, 60_000);

test.each([
  [['--from', '1h'], /--from needs --source/],
  [['--source', 'dns'], /there are no originals of dns; there are of: web/],
  [['--source', 'web', '--from', 'yesterday'], /--from yesterday: expected 2026-11-24T10:00:00Z, or how long ago/],
  [['--source', 'web', '--from', '1h', '--to', '2h'], /--from has to be before --to/],
  [['web'], /web: not expected/],
])(
  '%j is a wrong call',
  async (args, message) => {
    expect(await call(...args)).toEqual({ code: 2, out: '', err: expect.stringMatching(message) });
  },
  60_000,
);

test('a host that keeps none says so', async () => {
  rmSync(join(data, 'originals'), { recursive: true });

  expect(await call()).toMatchObject({ code: 1, err: expect.stringMatching(/holds no originals: no source's policy says `originals`/) });
}, 60_000);
