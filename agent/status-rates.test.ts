import { beforeEach, expect, test } from 'vitest';
import { SteppedClock } from '../proto/runtime/testing/stepped-clock.ts';
import type { BufferStatus, SourceStatus } from './ports.ts';
import { StatusRates, type Sampled } from './status-rates.ts';

const source: SourceStatus = { sourceId: 'web', type: 'file', linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' };
const lane: BufferStatus = {
  lane: 'normal',
  batches: 0,
  bytes: 0,
  bytesMax: 1_000,
  isFull: false,
  ackedSequence: 0,
  nextSequence: 1,
  lostBatches: 0,
};
let clock: SteppedClock;
let now: Sampled;
let rates: StatusRates;
beforeEach(() => {
  clock = new SteppedClock();
  now = { sources: [source], ladders: new Map(), lanes: [lane], batchesAcked: 0 };
  rates = new StatusRates(() => now, clock);
});

/** The lines of the source that are kept, and of these the ones that wait. */
function ladderOf(kept: number, waiting: number | null): Sampled['ladders'] {
  return new Map([['web', { kept, waiting }]]);
}

async function after(ms: number, change: Partial<SourceStatus & BufferStatus>): Promise<void> {
  await clock.step(ms);
  now = { ...now, sources: [{ ...now.sources[0]!, ...change }], lanes: [{ ...now.lanes[0]!, ...change }] };
}

async function through(minutes: number, each: (step: number) => Partial<SourceStatus & BufferStatus>): Promise<void> {
  for (let step = 1; step <= minutes * 12; step++) {
    await after(5_000, each(step));
    rates.sample();
  }
}

test('rates are those of the last minute, whatever came before', async () => {
  rates.sample();
  await through(2, (step) => ({ linesRead: step * 1_000, bytesRead: step * 50_000 }));
  await through(1, () => ({}));

  expect(rates.of(now.sources[0]!)).toEqual({ linesPerSecond: 0, bytesPerSecond: 0 });
  await through(1, (step) => ({ linesRead: 24_000 + step * 10, bytesRead: 1_200_000 + step * 100 }));
  expect(rates.of(now.sources[0]!)).toEqual({ linesPerSecond: 2, bytesPerSecond: 20 });
});

test('a source that counts anew has no rate below zero; one that was opened meanwhile has that of what it read since', async () => {
  await after(0, { linesRead: 500 });
  rates.sample();
  await after(5_000, { linesRead: 3 });

  expect(rates.of(now.sources[0]!).linesPerSecond).toBe(0);
  expect(rates.of({ ...source, sourceId: 'other', linesRead: 9 }).linesPerSecond).toBe(1.8);
});

test('a lane that grows says when it will be full, one that shrinks does not', async () => {
  rates.sample();
  await through(1, (step) => ({ bytes: step * 10, batches: step }));

  expect(rates.ofLane(now.lanes[0]!)).toMatchObject({ growthBytesPerSecond: 2, fullInMs: 440_000 });
  await through(1, (step) => ({ bytes: 120 - step * 10 }));
  expect(rates.ofLane(now.lanes[0]!)).toMatchObject({ growthBytesPerSecond: -2, fullInMs: null });
});

test('the oldest batch that waits is as old as its sealing, at least so old when it is from an earlier start', async () => {
  await after(0, { nextSequence: 11, batches: 10 });
  rates.sample();
  await after(60_000, { nextSequence: 21, batches: 20 });
  rates.sample();
  await clock.step(30_000);

  expect(rates.ofLane(now.lanes[0]!)).toMatchObject({ oldestAgeMs: 90_000, isOldestAtLeast: true });
  expect(rates.ofLane({ ...now.lanes[0]!, ackedSequence: 10, batches: 10 })).toMatchObject({ oldestAgeMs: 30_000, isOldestAtLeast: false });
  expect(rates.ofLane({ ...now.lanes[0]!, ackedSequence: 20, batches: 0 })).toMatchObject({ oldestAgeMs: null });
});

test('days of backlog take bounded memory and still say how old it is', async () => {
  for (let i = 0; i < 20_000; i++) {
    now = { ...now, lanes: [{ ...lane, nextSequence: i + 2, batches: i + 1 }] };
    rates.sample();
    await Promise.resolve();
  }
  await clock.step(1_000);

  expect(rates.ofLane(now.lanes[0]!)).toMatchObject({ oldestAgeMs: 1_000 });
});

test('a line that is not read is as old as the first look at which it was there', async () => {
  await after(0, { bytesRead: 100, lagBytes: 0 });
  rates.sample();
  await through(1, (step) => ({ bytesRead: 100 + step, lagBytes: 50 }));
  const ladder = { kept: 0, waiting: 0 };

  const behind = rates.agesOf(now.sources[0]!, ladder);
  const caughtUp = rates.agesOf({ ...now.sources[0]!, bytesRead: 162, lagBytes: 0 }, ladder);

  // 112 bytes were read: the first look had 100 of them, the second 151.
  expect(behind.unreadAgeMs).toBe(55_000);
  expect(caughtUp.unreadAgeMs).toBe(0);
});

test('what a live source received and nobody could buffer is as old as the first look at which it was received', async () => {
  await after(0, { type: 'syslog', bytesRead: 100 });
  rates.sample();
  await through(1, (step) => ({ bytesRead: 100 + step, lagBytes: step }));

  const { unreadAgeMs } = rates.agesOf(now.sources[0]!, { kept: 0, waiting: 0 });

  expect(unreadAgeMs).toBe(55_000);
});

test('a line that the hub has not acknowledged is as old as the first look at which it was kept', async () => {
  now = { ...now, ladders: ladderOf(10, 0) };
  rates.sample();
  for (let step = 1; step <= 6; step++) {
    await clock.step(5_000);
    now = { ...now, ladders: ladderOf(10 + step, step) };
    rates.sample();
  }

  expect(rates.agesOf(source, { kept: 16, waiting: 6 }).uncommittedAgeMs).toBe(25_000);
  expect(rates.agesOf(source, { kept: 16, waiting: 1 }).uncommittedAgeMs).toBe(0);
  expect(rates.agesOf(source, { kept: 16, waiting: 2 }).uncommittedAgeMs).toBe(5_000);
  expect(rates.agesOf(source, { kept: 16, waiting: 0 }).uncommittedAgeMs).toBe(0);
});

test('an age that cannot be known is not told: of a journal, and while nobody knows what the hub has', () => {
  rates.sample();

  expect(rates.agesOf({ ...source, type: 'journald' }, { kept: 16, waiting: null })).toEqual({ unreadAgeMs: null, uncommittedAgeMs: null });
});
