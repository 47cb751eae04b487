// Lines that travel first, through the real collector from a real file into two real lanes.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { policySchema, type Policy } from '../config/policy/policy.ts';
import { laneNames, type LaneName } from '../proto/delivery.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import { decodeAgentFrame } from '../proto/framing/decode-agent-frame.ts';
import { readBody } from '../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../proto/framing/inflate-lines.ts';
import { LinesReader } from '../proto/framing/lines-reader.ts';
import { systemClock as clock, systemRandom as random } from '../proto/runtime/clock.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { LaneBuffer } from './buffer/lane-buffer.ts';
import { buildInput } from './build-input.ts';
import { Collector } from './collector.ts';
import { commandFenceOf } from './inputs/command-fence.ts';
import { fenceOf } from './inputs/file-fence.ts';
import { listenFenceOf } from './inputs/listen-fence.ts';
import type { BatchBuffer } from './ports.ts';
import { RouteMemory } from './first/route-memory.ts';

const mebibyte = 1024 * 1024;
let folder: string;
let buffers: Map<LaneName, LaneBuffer>;
let collector: Collector;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'first-lines-'));
  buffers = new Map();
  await open();
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

async function open(readerOf = (lane: LaneName): BatchBuffer | undefined => buffers.get(lane)?.reader()): Promise<void> {
  const sizes = { bytesMax: 64 * mebibyte, generationBytes: 16 * mebibyte, reserveBytes: mebibyte };
  for (const lane of laneNames) {
    const place = { disk: levelDisk(), folder: join(folder, lane), lane, clock, random, whenFull: 'block' as const };
    buffers.set(lane, await LaneBuffer.open({ ...place, ...sizes }));
  }
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const fences = { fence: fenceOf([`${folder}/**`]), listenFence: listenFenceOf([]), commandFence: commandFenceOf([]) };
  collector = new Collector({
    buffers,
    readerOf,
    routes: await RouteMemory.open(levelDisk(), join(folder, 'first.json')),
    inputOf: (source) => buildInput(source, { ...fences, clock, random, log }),
    clock,
    flushIntervalMs: 50,
    log,
  });
}

async function close(): Promise<void> {
  await collector.stop();
  for (const buffer of buffers.values()) await buffer.close();
}

function policyOf(...words: string[]): Policy {
  const source = { id: 'app', type: 'file', paths: [join(folder, 'app.log')], startAt: 'start' };
  return policySchema.parse({ kind: 'Policy', version: 1, sources: [source], first: words.map((word) => ({ where: [word] })) });
}

function write(...lines: string[]): void {
  appendFileSync(join(folder, 'app.log'), lines.map((line) => `${line}\n`).join(''));
}

async function linesOf(lane: LaneName): Promise<string[]> {
  const buffer = buffers.get(lane);
  const texts: string[] = [];
  for (let after = 0, next = buffer?.status().nextSequence ?? 1; after + 1 < next; after++) {
    const stored = await buffer?.next(after, AbortSignal.timeout(10_000));
    const frame = stored && decodeAgentFrame(stored.frame);
    const body = frame?.ok && frame.value.is === 'batch' ? readBody(frame.value.batch.body) : undefined;
    const lines = body?.ok ? inflateLines(body.value) : undefined;
    const reader = new LinesReader();
    if (!body?.ok || !lines?.ok) throw new Error('not a batch');
    if (body.value.lineCount === 0 || !reader.open(lines.value, body.value).ok) continue;
    while (reader.next()) texts.push(reader.bytes.toString('utf8', reader.start, reader.end));
  }
  return texts;
}

/** Both lanes know how far the file was read. */
async function untilRead(lines: number): Promise<void> {
  const counted = (lane: LaneName): number =>
    buffers
      .get(lane)
      ?.positions()
      .reduce((sum, { counters }) => sum + counters.linesRead, 0) ?? 0;
  const begunMs = performance.now();
  while (counted('normal') + counted('first') < lines) {
    if (performance.now() - begunMs > 20_000)
      throw new Error(`${counted('normal')} and ${counted('first')} of ${lines} lines are buffered`);
    await delay(5);
  }
}

test('lines that match a condition travel in their own lane, the others in theirs, and each is counted once', async () => {
  write('a quiet', 'b ALARM', 'c quiet', 'd ALARM');
  await collector.apply(policyOf('ALARM'));
  await untilRead(4);

  expect(await linesOf('first')).toEqual(['b ALARM', 'd ALARM']);
  expect(await linesOf('normal')).toEqual(['a quiet', 'c quiet']);
  const [first] = buffers.get('first')?.positions() ?? [];
  const [normal] = buffers.get('normal')?.positions() ?? [];
  expect(first?.counters).toMatchObject({ linesRead: 2, linesFiltered: 0, bytesRead: 16 });
  expect(normal?.counters).toMatchObject({ linesRead: 2, linesFiltered: 0, bytesRead: 16 });
});

test('a policy that moves the condition, on the run or over a restart, loses no line and doubles none', async () => {
  const written: string[] = [];
  const more = (): void => {
    for (const kind of ['ALARM', 'NEWS', 'quiet']) {
      written.push(`${written.length} ${kind}`);
      write(written.at(-1) ?? '');
    }
  };
  for (const words of [[], ['ALARM'], ['NEWS'], [], ['ALARM', 'NEWS']]) {
    more();
    await collector.apply(policyOf(...words));
    more();
    await untilRead(written.length);
    if (words.length === 1) {
      await close();
      more();
      await open();
    }
  }
  await untilRead(written.length);

  const all = [...(await linesOf('first')), ...(await linesOf('normal'))];
  expect(all.sort()).toEqual([...written].sort());
  // Nothing was sent ahead when no condition said so.
  expect(await linesOf('first')).not.toContain('0 ALARM');
});

test('a lane that lost its place reads its own lines again from where the stream began, and the other lane gets none twice', async () => {
  write('a quiet', 'b ALARM', 'c quiet');
  await collector.apply(policyOf('ALARM'));
  await untilRead(3);
  await close();
  rmSync(join(folder, 'first'), { recursive: true });
  await open();

  write('d ALARM', 'e quiet');
  await collector.apply(policyOf('ALARM'));
  await untilRead(5);

  expect(await linesOf('first')).toEqual(['b ALARM', 'd ALARM']);
  expect(await linesOf('normal')).toEqual(['a quiet', 'c quiet', 'e quiet']);
});

test('lane normal that lost its place reads again what it read before anything travelled first, too', async () => {
  write('a quiet', 'b ALARM');
  await collector.apply(policyOf());
  await untilRead(2);
  await collector.apply(policyOf('ALARM'));
  write('c ALARM');
  await untilRead(3);
  await close();
  rmSync(join(folder, 'normal'), { recursive: true });
  await open();

  write('d quiet');
  await collector.apply(policyOf('ALARM'));
  await untilRead(4);

  expect(await linesOf('normal')).toEqual(['a quiet', 'b ALARM', 'd quiet']);
  expect(await linesOf('first')).toEqual(['c ALARM']);
});

test('where a source is read on is asked only once it is known what became of a write that failed', async () => {
  const asked: string[] = [];
  await close();
  await open((lane) => {
    const reader = buffers.get(lane)?.reader();
    return (
      reader && {
        ...reader,
        readBack: async () => {
          await reader.readBack();
          asked.push(`${lane} read back`);
        },
        positions: () => {
          asked.push(`${lane} stands`);
          return reader.positions();
        },
      }
    );
  });
  write('a quiet', 'b ALARM');
  await collector.apply(policyOf('ALARM'));
  await untilRead(2);

  // The loop of sources that travel whole begins too, and reads nothing.
  const sorted = asked.slice(asked.indexOf('normal read back'));
  expect(sorted.slice(0, 4)).toEqual(['normal read back', 'first read back', 'normal stands', 'first stands']);
});

test('conditions whose writing failed are not found by the next start, even if they stood on the disk', async () => {
  const level = levelDisk();
  let isFailing = false;
  const disk = {
    readFile: (path: string) => level.readFile(path),
    replaceFile: async (path: string, bytes: Uint8Array) => {
      await level.replaceFile(path, bytes);
      if (!isFailing) return;
      isFailing = false;
      throw new AtalaiaError('DISK_FAILED', 'it said no, and had written', { isRetryable: true });
    },
  };
  const path = join(folder, 'doubted.json');
  const nothing = { normal: [], first: [], areDrained: true };
  const routes = await RouteMemory.open(disk, path);
  await routes.take(policyOf('ALARM'), nothing);

  isFailing = true;
  await expect(routes.take(policyOf('NEWS'), nothing)).rejects.toThrow('it said no');
  await routes.keep();

  const next = await RouteMemory.open(level, path);
  expect(next.differs(policyOf('ALARM'))).toBe(false);
  expect(routes.differs(policyOf('ALARM'))).toBe(false);
});
