// Sources that cannot be read again, through the real collector into a real buffer: what was received is buffered or counted.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { policySchema } from '../config/policy/policy.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import { systemClock as clock, systemRandom as random } from '../proto/runtime/clock.ts';
import { LaneBuffer } from './buffer/lane-buffer.ts';
import { buildInput } from './build-input.ts';
import { Collector } from './collector.ts';
import { commandFenceOf } from './inputs/command-fence.ts';
import { fenceOf } from './inputs/file-fence.ts';
import { listenFenceOf } from './inputs/listen-fence.ts';
import { RouteMemory } from './first/route-memory.ts';

const mebibyte = 1024 * 1024;
let folder: string;
let buffer: LaneBuffer;
let collector: Collector;
let ports: number[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'live-sources-'));
  ports = [];
  const sizes = { bytesMax: 64 * mebibyte, generationBytes: 16 * mebibyte, reserveBytes: mebibyte };
  buffer = await LaneBuffer.open({ disk: levelDisk(), folder, lane: 'normal', clock, random, whenFull: 'block', ...sizes });
  const log = {
    debug: () => undefined,
    info: (fields: object) => void ('port' in fields && ports.push(Number(fields.port))),
    warn: () => undefined,
    error: () => undefined,
  };
  const fences = { fence: fenceOf([]), listenFence: listenFenceOf(['127.0.0.1:*']), commandFence: commandFenceOf([]) };
  collector = new Collector({
    buffers: new Map([['normal', buffer]]),
    readerOf: (lane) => (lane === 'normal' ? buffer.reader() : undefined),
    routes: await RouteMemory.open(levelDisk(), join(folder, 'first.json')),
    inputOf: (source) => buildInput(source, { ...fences, clock, random, log }),
    clock,
    flushIntervalMs: 50,
    log,
  });
});
afterEach(async () => {
  await collector.stop();
  await buffer.close();
  rmSync(folder, { recursive: true });
});

function policyOf(more: Record<string, unknown> = {}, filter: readonly unknown[] = []): ReturnType<typeof policySchema.parse> {
  const source = { id: 'fw', type: 'syslog', transport: 'tcp', listen: '127.0.0.1:0', ...more };
  return policySchema.parse({ kind: 'Policy', version: 1, sources: [source], filter });
}

async function sender(listenings: number): Promise<Socket> {
  while (ports.length < listenings) await delay(2);
  const socket = connect(ports.at(-1) ?? 0, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

interface Sum {
  lines: number;
  dropped: number;
  streams: number;
}

function buffered(): Sum {
  const positions = buffer.positions();
  const sum = { lines: 0, dropped: 0, streams: positions.length };
  for (const { counters } of positions) {
    sum.lines += counters.linesRead;
    for (const count of Object.values(counters.linesDropped)) sum.dropped += count;
  }
  return sum;
}

const write = (socket: Socket, count: number): Promise<unknown> =>
  new Promise((resolve) => socket.write(Array.from({ length: count }, (_, i) => `<13>${i}\n`).join(''), resolve));

test('what had arrived when the agent was stopped is buffered, and a later start has streams of its own', async () => {
  for (let start = 1; start <= 3; start++) {
    await collector.apply(policyOf());
    const socket = await sender(start);
    await write(socket, 5_000);
    await collector.stop();
    socket.destroy();

    expect(buffered()).toEqual({ lines: 5_000 * start, dropped: 0, streams: start });
  }
});

test('what was dropped is in the ledger: read is stored and dropped', async () => {
  await collector.apply(policyOf({ maxMessagesPerSecond: 100 }));
  const socket = await sender(1);
  await write(socket, 5_000);
  socket.end();
  await once(socket, 'close');
  await collector.stop();

  const { lines, dropped } = buffered();
  expect(lines).toBe(5_000);
  expect(dropped).toBeGreaterThan(4_000);
  expect(dropped).toBeLessThanOrEqual(4_900);
});

/** Keeps the source and changes what is done with its lines. */
function changed(round: number, more: Record<string, unknown> = {}): ReturnType<typeof policySchema.parse> {
  return policyOf(more, [{ drop: { where: [`nothing has this ${round}`] } }]);
}

async function untilBuffered(lines: number): Promise<void> {
  for (const beganMs = performance.now(); buffered().lines < lines && performance.now() - beganMs < 20_000;) await delay(5);
  expect(buffered().lines).toBe(lines);
}

test('a TCP peer stays connected while policies change, and every line it sends meanwhile is buffered in one stream', async () => {
  await collector.apply(policyOf());
  const socket = await sender(1);
  let closed = false;
  socket.on('close', () => (closed = true));
  for (let round = 0; round < 10; round++) {
    const applying = collector.apply(changed(round));
    await write(socket, 500);
    await applying;
  }
  await untilBuffered(5_000);

  expect(buffered()).toEqual({ lines: 5_000, dropped: 0, streams: 1 });
  expect([closed, ports.length]).toEqual([false, 1]);
  socket.destroy();
});

test('a burst over UDP while policies change is received whole', async () => {
  const udp = { transport: 'udp' };
  await collector.apply(policyOf(udp));
  while (ports.length < 1) await delay(2);
  const socket = createSocket('udp4');
  const send = (text: string): Promise<unknown> => new Promise((resolve) => socket.send(text, ports[0] ?? 0, '127.0.0.1', resolve));
  for (let round = 0; round < 10; round++) {
    const applying = collector.apply(changed(round, udp));
    for (let message = 0; message < 100; message++) await send(`<13>${round} ${message}`);
    await applying;
  }
  await untilBuffered(1_000);
  socket.close();

  expect(buffered()).toEqual({ lines: 1_000, dropped: 0, streams: 1 });
  expect(ports.length).toBe(1);
});

test('a source that is changed or gone closes its listener, and what it had received is buffered', async () => {
  await collector.apply(policyOf());
  const socket = await sender(1);
  await write(socket, 1_000);
  const socketClosed = once(socket, 'close');
  await collector.apply(policyOf({ labels: { site: 'lisbon' } }));
  await socketClosed;

  await untilBuffered(1_000);
  const other = await sender(2);
  await write(other, 10);
  const otherClosed = once(other, 'close');
  await collector.apply(policySchema.parse({ kind: 'Policy', version: 1 }));
  await otherClosed;

  expect(buffered()).toEqual({ lines: 1_010, dropped: 0, streams: 2 });
});
