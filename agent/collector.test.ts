import { appendFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashPolicy } from '../config/policy/hash-policy.ts';
import { policySchema, type Policy } from '../config/policy/policy.ts';
import type { LaneName } from '../proto/delivery.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import { decodeAgentFrame } from '../proto/framing/decode-agent-frame.ts';
import { readBody } from '../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../proto/framing/inflate-lines.ts';
import { LinesReader } from '../proto/framing/lines-reader.ts';
import type { BatchBody, StreamEntry } from '../proto/framing/messages.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { systemRandom } from '../proto/runtime/clock.ts';
import { BatchWriter } from './batch-writer.ts';
import { LaneBuffer } from './buffer/lane-buffer.ts';
import { buildInput } from './build-input.ts';
import { Collector } from './collector.ts';
import { commandFenceOf } from './inputs/command-fence.ts';
import { fenceOf } from './inputs/file-fence.ts';
import { listenFenceOf } from './inputs/listen-fence.ts';
import { hastyClock } from './inputs/testing/followed-folder.ts';
import type { BatchBuffer, SealedBody } from './ports.ts';
import { RouteMemory } from './first/route-memory.ts';

const clock = hastyClock();
let folder: string;
let buffer: LaneBuffer;
let errors: string[];
let routes: RouteMemory;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'collector-'));
  errors = [];
  buffer = await openBuffer();
  routes = await RouteMemory.open(levelDisk(), join(folder, 'first.json'));
});
afterEach(async () => {
  await buffer.close();
  rmSync(folder, { recursive: true });
});

const megabyte = 1024 * 1024;
function openBuffer(): Promise<LaneBuffer> {
  const sizes = { bytesMax: 64 * megabyte, generationBytes: 16 * megabyte, reserveBytes: megabyte };
  return LaneBuffer.open({
    disk: levelDisk(),
    folder: join(folder, 'lane'),
    lane: 'normal',
    clock,
    random: systemRandom,
    whenFull: 'block',
    ...sizes,
  });
}

function policyOf(rules: Record<string, unknown> = {}): Policy {
  const source = { id: 'app', type: 'file', paths: [join(folder, 'app.log')], startAt: 'start' };
  return policySchema.parse({ kind: 'Policy', version: 1, sources: [source], ...rules });
}

function collect(target: BatchBuffer = buffer): Collector {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_: object, text: string) => void errors.push(text),
    error: (_: object, text: string) => void errors.push(text),
  };
  return new Collector({
    buffers: new Map<LaneName, BatchBuffer>([
      ['normal', target],
      ['first', target],
    ]),
    readerOf: () => target,
    routes,
    inputOf: (source) =>
      buildInput(source, {
        fence: fenceOf([`${folder}/**`]),
        listenFence: listenFenceOf(['127.0.0.1:*']),
        commandFence: commandFenceOf([]),
        clock,
        random: systemRandom,
        log,
      }),
    clock,
    flushIntervalMs: 200,
    log,
  });
}

const write = (from: number, count: number): void =>
  appendFileSync(
    join(folder, 'app.log'),
    Array.from({ length: count }, (_, i) => `{"n":${from + i},"noise":"${'x'.repeat(i % 50)}"}\n`).join(''),
  );
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

interface Batch {
  readonly body: BatchBody;
  readonly texts: string[];
}

async function batches(): Promise<Batch[]> {
  const found: Batch[] = [];
  for (let after = 0, next = buffer.status().nextSequence; after + 1 < next; after++) {
    const stored = await buffer.next(after, AbortSignal.timeout(10_000));
    const frame = stored && decodeAgentFrame(stored.frame);
    if (!frame?.ok || frame.value.is !== 'batch') throw new Error('not a batch');
    const body = readBody(frame.value.batch.body);
    if (!body.ok) throw new Error(body.detail);
    found.push({ body: body.value, texts: textsOf(body.value) });
  }
  return found;
}

function textsOf(body: BatchBody): string[] {
  if (body.lineCount === 0) return [];
  const lines = inflateLines(body);
  const reader = new LinesReader();
  if (!lines.ok || !reader.open(lines.value, body).ok) throw new Error('lines cannot be read');
  const texts: string[] = [];
  while (reader.next()) texts.push(reader.bytes.toString('utf8', reader.start, reader.end));
  return texts;
}

const readNumbers = async (): Promise<number[]> =>
  (await batches()).flatMap(({ texts }) => texts.map((text) => Number(/"n":(\d+)/.exec(text)?.[1])));

async function untilBuffered(linesRead: number): Promise<void> {
  const buffered = (): number => buffer.positions().reduce((sum, { counters }) => sum + counters.linesRead, 0);
  const begunMs = performance.now();
  while (buffered() < linesRead) {
    if (performance.now() - begunMs > 20_000) throw new Error(`only ${buffered()} of ${linesRead} lines buffered; ${errors.join(' | ')}`);
    await turn();
  }
}

test('lines are filtered, trimmed and buffered with a ledger that balances', async () => {
  const rules = { filter: [{ drop: { where: { n: [3, 5] } } }], trim: [{ source: 'app', format: 'json', drop: ['noise'] }] };
  write(0, 10);
  const collector = collect();

  await collector.apply(policyOf(rules));
  await untilBuffered(10);
  await collector.stop();

  const all = await batches();
  expect(all.flatMap(({ texts }) => texts)).toEqual([0, 1, 2, 4, 6, 7, 8, 9].map((n) => `{"n":${n}}`));
  const entry: StreamEntry | undefined = all.at(-1)?.body.streams[0];
  expect(entry).toMatchObject({ sourceId: 'app', isTrimmed: true, endLineNumber: 10 });
  expect(entry?.counters).toMatchObject({ linesRead: 10, linesFiltered: 2, linesTrimmed: 8, bytesKept: 8 * '{"n":0}'.length });
  expect(Buffer.from(entry?.policyHash ?? [])).toEqual(Buffer.from(hashPolicy(policyOf(rules))));
});

test('lines dropped by sample and limit are in the ledger by reason, over a restart too, and it balances', async () => {
  const filter = [{ sample: { where: { 'n|lt': 100 }, oneIn: 2 } }, { limit: { where: { 'n|gte': 100 }, lines: 7, per: '24h' } }];
  for (const round of [0, 1]) {
    write(round * 200, 200);
    const collector = collect();
    await collector.apply(policyOf({ filter }));
    await untilBuffered((round + 1) * 200);
    await collector.stop();
  }

  const kept = await readNumbers();
  const counters = (await batches()).at(-1)?.body.streams[0]?.counters;
  const { sampled = 0, limited = 0 } = counters?.linesDropped ?? {};
  expect(counters).toMatchObject({ linesRead: 400, linesFiltered: 0 });
  expect(kept.filter((n) => n >= 100)).toEqual([...numbers(100, 7), ...numbers(200, 7)]);
  expect([limited, sampled + kept.filter((n) => n < 100).length]).toEqual([300 - 14, 100]);
  expect(sampled).toBeGreaterThan(20);
});

test('a key file that cannot be read refuses the policy, and the one in force goes on; lines that no trim can read are counted', async () => {
  const collector = collect();
  await collector.apply(policyOf({ trim: [{ source: 'app', format: 'cef', drop: ['noise'] }] }));
  const keyFile = join(folder, 'none.key');
  const secret = policyOf({ trim: [{ source: 'app', format: 'json', pseudonymise: { fields: ['noise'], keyFile } }] });

  await expect(collector.apply(secret)).rejects.toThrow(/the key file .*none.key cannot be opened; `openssl rand -hex 32`/);
  write(0, 10);
  await untilBuffered(10);

  expect(collector.sources()).toMatchObject([{ sourceId: 'app', linesUnparsed: 10 }]);
  await collector.stop();
  expect(await readNumbers()).toEqual(numbers(0, 10));
});

test('over stops and starts of the agent, rotation between, every line is buffered once', async () => {
  for (let round = 0; round < 4; round++) {
    write(round * 100, 50);
    const collector = collect();
    await collector.apply(policyOf());
    write(round * 100 + 50, 50);
    await untilBuffered((round + 1) * 100 - (round % 2) * 20);
    await collector.stop();
    await buffer.close();
    if (round === 1) renameSync(join(folder, 'app.log'), join(folder, 'app.log.1'));
    buffer = await openBuffer();
  }
  const last = collect();
  await last.apply(policyOf());
  await untilBuffered(400);
  await last.stop();

  expect((await readNumbers()).sort((a, b) => a - b)).toEqual(numbers(0, 400));
});

test('a new policy takes over at a batch boundary: every line once, under the one or the other', async () => {
  const before = policyOf();
  const after = policyOf({ trim: [{ source: 'app', format: 'json', drop: ['noise'] }] });
  const collector = collect();
  await collector.apply(before);
  write(0, 500);
  await untilBuffered(500);

  write(500, 500);
  await collector.apply(after);
  write(1_000, 500);
  await untilBuffered(1_500);
  await collector.stop();

  expect(await readNumbers()).toEqual(numbers(0, 1_500));
  const isTrimmed = (await batches()).map(({ body, texts }) => [body.streams[0]?.isTrimmed, texts.some((text) => text.includes('noise'))]);
  expect(new Set(isTrimmed.map(String))).toEqual(new Set(['false,true', 'true,false']));
});

test('a policy that fails its own tests is taken at the start, and never in the place of another', async () => {
  const collector = collect();
  const failing = policyOf({ tests: [{ name: 'what its author meant', given: ['a'], expect: ['b'] }] });

  await collector.apply(failing);
  const failedAtStart = [...collector.testsFailed];
  await collector.apply(policyOf());
  const inForce = collector.policyHash;

  await expect(collector.apply(failing)).rejects.toThrow(/fails its own tests \(what its author meant\); atalaia-agent test FILE/);
  expect([failedAtStart, collector.testsFailed]).toEqual([['what its author meant'], []]);
  expect(errors).toEqual([expect.stringContaining('fails its own tests and is in force')]);
  expect(collector.policyHash).toBe(inForce);
  await collector.stop();
});

test('a policy whose source leaves a lane that is not drained is refused, and the one in force goes on', async () => {
  const collector = collect();
  await collector.apply(policyOf());
  write(0, 10);
  await untilBuffered(10);
  const moved = policySchema.parse({ ...policyOf(), sources: policyOf().sources.map((source) => ({ ...source, lane: 'first' })) });

  await expect(collector.apply(moved)).rejects.toThrow(/source app leaves lane normal, which still holds \d+ batches/);
  write(10, 10);
  await untilBuffered(20);
  await collector.stop();

  expect(await readNumbers()).toEqual(numbers(0, 20));
});

test('when a write fails or positions move, reading begins anew from what is buffered: nothing lost, nothing twice', async () => {
  let appends = 0;
  const failing: BatchBuffer = {
    append: (sealed, signal) => {
      appends += 1;
      if (appends === 2) return Promise.reject(new AtalaiaError('DISK_FAILED', 'the disk said no', { isRetryable: true }));
      if (appends === 4) return Promise.reject(new AtalaiaError('POSITIONS_MOVED', 'elsewhere', { isRetryable: true }));
      return buffer.append(sealed, signal);
    },
    next: (after, signal) => buffer.next(after, signal),
    free: (upTo) => buffer.free(upTo),
    positions: () => buffer.positions(),
    readBack: () => buffer.readBack(),
    laneState: () => buffer.laneState(),
    settle: (welcome) => buffer.settle(welcome),
    status: () => buffer.status(),
  };
  const collector = collect(failing);
  await collector.apply(policyOf());
  for (let i = 0; i < 10; i++) {
    write(i * 50, 50);
    await untilBuffered(Math.max(0, i * 50));
  }
  await untilBuffered(500);
  await collector.stop();

  expect(await readNumbers()).toEqual(numbers(0, 500));
  expect(errors).toEqual([expect.stringContaining('reading into the buffer failed')]);
});

test('after damage reading begins anew from the buffer’s positions at once, though nothing new is written', async () => {
  let isMoved = false;
  const damaged: BatchBuffer = {
    append: (sealed, signal) => buffer.append(sealed, signal),
    next: (after, signal) => buffer.next(after, signal),
    free: (upTo) => buffer.free(upTo),
    positions: () => {
      const places = isMoved ? [] : buffer.positions();
      isMoved = false;
      return places;
    },
    readBack: () => buffer.readBack(),
    laneState: () => buffer.laneState(),
    settle: (welcome) => buffer.settle(welcome),
    status: () => ({ ...buffer.status(), mustReadAnew: isMoved }),
  };
  const collector = collect(damaged);
  write(0, 10);
  await collector.apply(policyOf());
  await untilBuffered(10);

  isMoved = true;
  await untilBuffered(20);
  await collector.stop();

  expect(await readNumbers()).toEqual([...numbers(0, 10), ...numbers(0, 10)]);
});

test('a buffer that waits holds the reader: at most two sealed batches are ahead of it', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const written: number[] = [];
  const append = async ({ lineCount }: SealedBody): Promise<void> => {
    await held;
    written.push(lineCount);
  };
  const writer = new BatchWriter({ buffer: { append }, aheadMax: 2, signal: new AbortController().signal, onFailure: () => undefined });
  const body = (lineCount: number): SealedBody => ({ body: new Uint8Array(0), lineCount, rawBytes: 0, positions: [] });
  let sent = 0;
  const sending = (async () => {
    for (let i = 0; i < 5; i++) {
      await writer.write([Promise.resolve([body(i)])]);
      sent += 1;
    }
  })();

  for (let i = 0; i < 50; i++) await turn();
  const sentWhileHeld = sent;
  release();
  await sending;
  await writer.end();

  expect(sentWhileHeld).toBe(2);
  expect(written).toEqual([0, 1, 2, 3, 4]);
});
