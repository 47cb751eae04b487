// What waits on disk as its operators see it: the command in a process of its own on real folders; a running agent is its
// socket and buffers in this process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { agentConfigSchema } from '../../config/agent-config.ts';
import { systemClock as clock, systemRandom as random } from '../../proto/runtime/clock.ts';
import { openLocalSocket } from '../../proto/runtime/local-socket.ts';
import type { LaneBuffer } from '../buffer/lane-buffer.ts';
import { answerPeek, peekQuestion } from '../buffer/peek-over-socket.ts';
import { Sealer } from '../buffer/sealer.ts';
import { openBuffers } from '../open-buffers.ts';
import type { LineBlock } from '../ports.ts';

const program = new URL('../main.ts', import.meta.url).pathname;
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'atalaia-buffer-'));
afterAll(() => rmSync(folder, { recursive: true }));
let homes = 0;
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

interface Home {
  readonly data: string;
  readonly config: string;
  readonly lane: LaneBuffer;
}

function keyFile(name: string, hex: string): string {
  const path = join(folder, name);
  writeFileSync(path, hex.repeat(32));
  chmodSync(path, 0o600);
  return path;
}
const key = keyFile('one.key', '1a');
const otherKey = keyFile('other.key', '2b');

/** Small generations, so that there are several. */
async function home(encryption: object = {}, data = mkdtempSync(join(folder, `${homes++}-`))): Promise<Home> {
  const written = { version: 1, buffer: { generationBytes: '1MiB', maxBytes: '8MiB', reserveBytes: '1MiB', encryption } };
  const config = join(data, 'agent.yaml');
  writeFileSync(config, JSON.stringify(written));
  const lane = (await openBuffers(agentConfigSchema.parse(written), { dataFolder: data, clock, random })).get('normal');
  if (!lane) throw new Error('there is no lane');
  ending.push(() => lane.close());
  return { data, config, lane };
}

/** One batch of these lines, of a file that is read from `offset` on. */
async function buffer({ lane }: Home, lines: readonly (string | Buffer)[], offset = 0): Promise<void> {
  const stream = {
    sourceId: 'web',
    streamId: 'a'.repeat(32),
    file: undefined,
    path: '/var/log/web.log',
    typeHint: '',
    timeZone: '',
    labels: {},
  };
  const parts = lines.map((line) => Buffer.from(line));
  const ends = parts.map((_, place) => parts.slice(0, place + 1).reduce((sum, { length }) => sum + length, 0));
  const starts = ends.map((end, place) => end - (parts[place]?.length ?? 0));
  const places = { starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
  const block: LineBlock = {
    ...places,
    stream,
    readAtMs: Date.UTC(2026, 10, 24, 10),
    bytes: Buffer.concat(parts),
    count: lines.length,
    baseOffset: offset,
    sourceStarts: Uint32Array.from(starts.map((start, place) => start + place)),
    cut: [],
    endOffset: offset + (ends.at(-1) ?? 0) + lines.length,
    endLineNumber: 0,
    tailHash: new Uint8Array(16),
    tailBytes: 0,
    cursor: '',
    bytesRead: (ends.at(-1) ?? 0) + lines.length,
  };
  const sealer = new Sealer({ policyHash: new Uint8Array(32), level: 1 }, lane.positions());
  const indexes = Uint32Array.from(starts.keys());
  const kept = { ...places, bytes: block.bytes, count: lines.length, indexes, linesTrimmed: 0, linesUnparsed: 0, isTrimmed: false };
  const sealings = [...sealer.add(block, kept), ...sealer.seal()];
  for (const sealed of (await Promise.all(sealings)).flat()) await lane.append(sealed, never);
}

async function call(
  { data, config }: Pick<Home, 'data' | 'config'>,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [program, 'buffer', ...args, '--data', data, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, out: Buffer.concat(out).toString('latin1'), err: Buffer.concat(err).toString() };
}

const objects = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line): Record<string, unknown> => JSON.parse(Buffer.from(line, 'latin1').toString()));

/** Names, sizes and contents, but for LevelDB's own arrangement of a folder. */
function picture(data: string): string[] {
  const files = readdirSync(join(data, 'buffer'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.includes('/generation-'))
    .map((path) => `${path} ${statSync(path).mtimeMs} ${readFileSync(path).toString('base64').length}`)
    .sort();
}

const strange = Buffer.from([0x66, 0xff, 0x00, 0x0a, 0x80]);

test.each([
  ['plain', {}],
  ['sealed', { keyFile: key }],
])(
  'what waits in a %s buffer is exported whole when no agent runs, and the buffer stays as it was',
  async (_, encryption) => {
    const stopped = await home(encryption);
    await buffer(stopped, ['GET /é', '', 'last "quoted"']);
    await buffer(stopped, [strange], 100);
    await stopped.lane.close();
    const before = picture(stopped.data);

    const jsonl = await call(stopped, 'export');
    const raw = await call(stopped, 'export', '--format', 'raw', '--lane', 'normal');

    const place = { lane: 'normal', source: 'web', stream: 'a'.repeat(32), path: '/var/log/web.log', readAt: '2026-11-24T10:00:00.000Z' };
    expect(objects(jsonl.out)).toEqual([
      { ...place, sequence: 1, index: 0, offset: 0, line: 'GET /é' },
      { ...place, sequence: 1, index: 1, offset: 8, line: '' },
      { ...place, sequence: 1, index: 2, offset: 9, line: 'last "quoted"' },
      { ...place, sequence: 2, index: 0, offset: 100, lineBase64: strange.toString('base64') },
    ]);
    expect(raw.out).toBe(Buffer.concat([Buffer.from('GET /é\n\nlast "quoted"\n'), strange, Buffer.from('\n')]).toString('latin1'));
    expect([jsonl.code, jsonl.err, raw.code]).toEqual([0, 'normal: sequences 1 to 2, 2 batches, 4 lines\n', 0]);
    expect(picture(stopped.data)).toEqual(before);
    const again = await home(encryption, stopped.data);
    expect(again.lane.status()).toMatchObject({ batches: 2, nextSequence: 3, lostBatches: 0 });
    expect(again.lane.inspect()).toMatchObject({ epoch: stopped.lane.inspect().epoch });
  },
  60_000,
);

test('a running agent tells what waits and goes on; what it has committed is not told again', async () => {
  const running = await home({ keyFile: key });
  const answers = { status: () => ({}), [peekQuestion]: answerPeek(new Map([['normal', running.lane.peek()]])) };
  const socket = await openLocalSocket(running.data, 'agent', answers);
  ending.push(() => socket.close());
  for (let batch = 0; batch < 40; batch++) await buffer(running, [`line ${batch}`, 'x'.repeat(60_000)], batch * 100_000);
  await running.lane.laneState();
  await running.lane.free(3);

  const all = await call(running, 'export');
  const some = await call(running, 'export', '--lane', 'normal', '--from', '6', '--to', '8', '--format', 'raw', '--lines', '3');
  await buffer(running, ['one more'], 5_000_000);

  expect(
    objects(all.out)
      .filter(({ index }) => index === 0)
      .map(({ line }) => line),
  ).toEqual(Array.from({ length: 37 }, (_, place) => `line ${place + 3}`));
  expect(all.err).toBe('normal: sequences 4 to 40, 37 batches, 74 lines\n');
  expect(some.out.split('\n').map((line) => line.slice(0, 6))).toEqual(['line 5', 'xxxxxx', 'line 6', '']);
  expect(some.err).toBe('normal: sequences 6 to 8, 2 batches, 3 lines; stopped at 3 lines: go on with --from 7\n');
  expect(running.lane.status()).toMatchObject({ batches: 38, ackedSequence: 3 });
}, 60_000);

test('damage is told with its bounds, in its place, and nothing is noted or repaired', async () => {
  const stopped = await home();
  for (let batch = 0; batch < 12; batch++) {
    const lines = Array.from({ length: 3 }, () => Buffer.from(random.bytes(90_000)).toString('base64'));
    await buffer(stopped, [`line ${batch}`, ...lines], batch);
  }
  const second = stopped.lane.inspect().generations[1];
  if (!second) throw new Error('more generations were expected');
  const end = (stopped.lane.inspect().generations[2]?.firstSequence ?? 13) - 1;
  await stopped.lane.close();
  rmSync(join(stopped.data, 'buffer', 'normal', `generation-${String(second.id).padStart(10, '0')}`), { recursive: true });
  const before = picture(stopped.data);

  const { code, out, err } = await call(stopped, 'export');

  const gone = { from: second.firstSequence, to: end, reason: 'damaged' };
  expect(objects(out)).toContainEqual({ lane: 'normal', gone });
  expect(objects(out).filter(({ index }) => index === 0)).toHaveLength(12 - (gone.to - gone.from + 1));
  expect(err).toContain(`normal: sequences ${gone.from} to ${gone.to} are gone: damaged\n`);
  expect(code).toBe(0);
  expect(picture(stopped.data)).toEqual(before);
}, 60_000);

test('an output file is new and closed to others; one that is there is left alone', async () => {
  const stopped = await home();
  await buffer(stopped, ['secret']);
  await stopped.lane.close();
  const output = join(stopped.data, 'lines');

  const first = await call(stopped, 'export', '--format', 'raw', '--output', output);
  const second = await call(stopped, 'export', '--format', 'raw', '--output', output);

  expect([first.code, first.out, readFileSync(output, 'utf8'), statSync(output).mode & 0o777]).toEqual([0, '', 'secret\n', 0o600]);
  expect([second.code, second.err]).toEqual([2, expect.stringMatching(/--output .*EEXIST/)]);
}, 60_000);

test('keys are changed and sealing is turned off with lines still waiting, and none is lost', async () => {
  const { data } = await home();
  const phases = [{}, { keyFile: key }, { keyFile: otherKey, previousKeyFiles: [key] }, { previousKeyFiles: [key, otherKey] }];
  for (const [phase, encryption] of phases.entries()) {
    await ending.pop()?.();
    const opened = await home(encryption, data);
    await buffer(opened, [`phase ${phase}`], phase * 10);
  }
  await ending.pop()?.();

  const exported = await call({ data, config: join(data, 'agent.yaml') }, 'export', '--format', 'raw');
  const inspected = await call({ data, config: join(data, 'agent.yaml') }, 'inspect');

  expect(exported.out).toBe('phase 0\nphase 1\nphase 2\nphase 3\n');
  const { generations } = objects(inspected.out)[0] as unknown as { generations: { sealedWith: string }[] };
  expect(generations.map(({ sealedWith }) => sealedWith)).toEqual(['', expect.stringMatching(/^[0-9a-f]{16}$/), expect.any(String), '']);
  expect(new Set(generations.map(({ sealedWith }) => sealedWith)).size).toBe(3);
}, 60_000);

test.each([
  ['no key', {}, /is sealed with key [0-9a-f]{16}, which was not given; name the file of that key as buffer.encryption.keyFile/],
  ['another key', { keyFile: otherKey }, /is sealed with key [0-9a-f]{16}, which was not given/],
  [
    'a key file that is not there',
    { keyFile: join(folder, 'absent.key') },
    /absent.key cannot be opened \(ENOENT\); `openssl rand -hex 32`/,
  ],
])(
  'a sealed buffer opened with %s says so in one message, exit 2, changes nothing, and tells what shows from outside',
  async (_, encryption, message) => {
    const sealed = await home({ keyFile: key });
    await buffer(sealed, ['secret']);
    await sealed.lane.close();
    writeFileSync(sealed.config, JSON.stringify({ version: 1, buffer: { encryption } }));
    const before = picture(sealed.data);

    const inspected = await call(sealed, 'inspect');
    const exported = await call(sealed, 'export');

    for (const { code, err } of [inspected, exported]) expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(exported.out).toBe('');
    expect(objects(inspected.out)).toEqual([{ lane: 'normal', isSealed: true, generations: [{ id: 1, bytesOnDisk: expect.any(Number) }] }]);
    expect(inspected.out + inspected.err).not.toContain('secret');
    expect(picture(sealed.data)).toEqual(before);
  },
  60_000,
);

test.each([
  [['export', '--format', 'csv'], /--format csv: expected jsonl or raw/],
  [['export', '--from', '3'], /each lane counts its own sequences: name one with --lane/],
  [['export', '--lane', 'last'], /--lane last: expected first or normal/],
  [['export', '--lane', 'first', '--to', '-1'], /--to.*|ambiguous/],
  [['export', '--lines', '0'], /--lines 0: expected a whole number from 1 on/],
  [['inspect', '--lines', '4'], /--lines is for buffer export/],
  [['empty'], /say what to do: buffer inspect\|export/],
])(
  '%j is a wrong call',
  async (args, message) => {
    const { code, out, err } = await call({ data: folder, config: join(folder, 'none') }, ...args);

    expect([code, out, err]).toEqual([2, '', expect.stringMatching(message)]);
  },
  60_000,
);
