import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { settle, SteppedClock, stepUntil } from '../proto/runtime/testing/stepped-clock.ts';
import { ServiceLife } from './service-life.ts';

const dataFolder = mkdtempSync(join(tmpdir(), 'atalaia-service-'));
afterAll(() => rmSync(dataFolder, { recursive: true }));

const never = new Promise<void>(() => undefined);
const watchdogMs = 90_000;

interface Wish {
  readonly folder?: string;
  readonly isFull?: boolean;
  readonly isConnected?: boolean;
  readonly free?: () => Promise<void>;
}

function watched({ folder = dataFolder, isFull = false, isConnected = true, free = async () => undefined }: Wish = {}) {
  const clock = new SteppedClock();
  const told: string[] = [];
  const complaints: unknown[] = [];
  const stop = new AbortController();
  const status = { lane: 'normal', isFull, batches: 0, bytes: 0, bytesMax: 1, ackedSequence: 0, nextSequence: 1, lostBatches: 0 } as const;
  const life = new ServiceLife({
    manager: { watchdogMs, tell: async (...assignments) => void told.push(...assignments) },
    dataFolder: folder,
    deliveries: new Map([[undefined, { lanes: new Map([['normal', { free, status: () => status }]]), isConnected }]]),
    tellStatus: () => 'connected',
    clock,
    log: { error: (fields) => complaints.push(fields) },
  });
  const running = life.run(stop.signal);
  const end = (): Promise<void> => {
    stop.abort();
    return running;
  };
  return { clock, life, told, complaints, end, feeds: () => told.filter((assignment) => assignment === 'WATCHDOG=1').length };
}

test('an agent that has nothing to do is alive', async () => {
  const { clock, feeds, end } = watched();

  await stepUntil(clock, () => feeds() >= 3, { stepMs: 10_000 });

  await end();
});

test('a start that waits asks for more time than passes until it asks again', async () => {
  const { life, told, end } = watched();

  await life.waiting('the disk is full');
  await end();

  expect(told).toEqual(['EXTEND_TIMEOUT_USEC=90000000', 'STATUS=not started yet: the disk is full']);
});

test('it is said when it is ready and when it stops', async () => {
  const { life, told, end } = watched();

  await life.ready();
  await life.stopping();
  await end();

  expect(told).toEqual(['READY=1', 'STATUS=connected', 'STOPPING=1', expect.stringMatching(/^STATUS=stopping/)]);
});

test('a batch that does not become durable leaves the watchdog hungry, and the reason is logged once', async () => {
  const { clock, life, feeds, complaints, end } = watched();
  life.writingFor(undefined)('normal', never);

  await stepUntil(clock, () => complaints.length > 0, { stepMs: 10_000 });
  const fedBefore = feeds();
  for (let i = 0; i < 20; i++) await clock.step(30_000);
  await end();

  expect(feeds()).toBe(fedBefore);
  expect(complaints).toEqual([{ stalled: expect.stringContaining('lane normal') }]);
});

test.each([
  ['the buffer is full', { isFull: true }],
  ['the hub, which must tell positions, cannot be reached', { isConnected: false }],
])('a batch that waits because %s is no reason to restart', async (_, wish) => {
  const { clock, life, feeds, complaints, end } = watched(wish);
  life.writingFor(undefined)('normal', never);

  await stepUntil(clock, () => feeds() >= 10, { stepMs: 30_000 });
  await end();

  expect(complaints).toEqual([]);
});

test('a batch that became durable or failed is forgotten', async () => {
  const { clock, life, feeds, end } = watched();
  life.writingFor(undefined)('normal', Promise.resolve());
  life.writingFor(undefined)('normal', Promise.reject(new Error('disk failed')));

  await stepUntil(clock, () => feeds() >= 10, { stepMs: 30_000 });

  await end();
});

test('a lane that does not answer in its turn leaves the watchdog hungry, and does not hold up a stop', async () => {
  const { clock, feeds, end } = watched({ free: () => never });

  for (let i = 0; i < 20; i++) await clock.step(30_000);
  await settle();
  await end();

  expect(feeds()).toBe(0);
});

test('a data folder that is gone leaves the watchdog hungry', async () => {
  const { clock, feeds, complaints, end } = watched({ folder: join(dataFolder, 'gone') });

  await stepUntil(clock, () => complaints.length > 0, { stepMs: 10_000 });
  await end();

  expect(feeds()).toBe(0);
  expect(complaints).toEqual([{ stalled: expect.stringContaining('gone') }]);
});

test('where nobody watches nothing is fed', async () => {
  const told: string[] = [];
  const life = new ServiceLife({
    manager: { watchdogMs: undefined, tell: async (...assignments) => void told.push(...assignments) },
    dataFolder,
    deliveries: new Map(),
    tellStatus: () => '',
    clock: new SteppedClock(),
    log: { error: () => undefined },
  });

  await life.run(new AbortController().signal);

  expect(told).toEqual([]);
});
