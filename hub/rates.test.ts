import { beforeEach, expect, test } from 'vitest';
import { SteppedClock } from '../proto/runtime/testing/stepped-clock.ts';
import { ratePoint } from './console/api/shapes.ts';
import { HubCounters } from './counters.ts';
import { Rates } from './rates.ts';
import { SentBatches } from './testing/sent-batch.ts';

let clock: SteppedClock;
let counters: HubCounters;
let rates: Rates;

beforeEach(() => {
  clock = new SteppedClock();
  counters = new HubCounters();
  rates = new Rates(counters, clock);
});

function work(lines: number, agentId = 'a'.repeat(32)): void {
  const entry = new SentBatches(agentId).next(Array<string>(lines).fill('x'.repeat(99)), clock.nowMs());
  counters.note({ entries: [entry] }, { counts: { lines, rawBytes: lines * 100, problems: 0, decoders: {} }, findings: [] });
}

test('a point is what came since the one before, by the second', async () => {
  const stop = new AbortController();
  const running = rates.run(stop.signal);
  work(500);
  await clock.step(5_000);
  await clock.step(5_000);
  work(10);
  await clock.step(5_000);
  stop.abort();
  await running;

  const points = rates.points();
  expect(points.map(({ eventsPerSecond, bytesPerSecond }) => [eventsPerSecond, bytesPerSecond])).toEqual([
    [100, 10_000],
    [0, 0],
    [2, 200],
  ]);
  for (const point of points) expect(ratePoint.strict().parse(point)).toEqual(point);
});

test('the curve holds the last quarter of an hour and no more, however long the hub runs', async () => {
  for (let at = 0; at < 400; at++) {
    await clock.step(5_000);
    rates.sample();
  }

  const points = rates.points();
  expect(points.length).toBe(180);
  expect(clock.nowMs() - (points[0]?.timeMs ?? 0)).toBe(179 * 5_000);
});

test('after the host slept, what was before is not shown as if it had just been', async () => {
  work(500);
  await clock.step(5_000);
  rates.sample();
  clock.jump(3_600_000);

  expect(rates.points()).toEqual([]);
});

test('agents are counted apart, and one that stopped goes back to nothing', async () => {
  const [web, mail] = ['a'.repeat(32), 'b'.repeat(32)];
  work(500, web);
  work(5, mail);
  await clock.step(5_000);
  rates.sample();
  const before = [rates.of(web).linesPerSecond, rates.of(mail).linesPerSecond];
  await clock.step(5_000);
  rates.sample();

  expect(before).toEqual([100, 1]);
  expect(rates.of(web)).toEqual({ linesPerSecond: 0, bytesPerSecond: 0 });
  expect(rates.of('f'.repeat(32))).toEqual({ linesPerSecond: 0, bytesPerSecond: 0 });
});

test('a clock that is set back makes no negative and no endless rate', async () => {
  work(500);
  clock.jump(-3_600_000);
  await clock.step(5_000);
  rates.sample();

  expect(rates.points().at(-1)?.eventsPerSecond).toBe(100);
});
