import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { ClockOffset } from './clock-offset.ts';

const startMs = 1_764_000_000_000;

/** One question and its answer; the hub's clock is `hubAheadMs` ahead of ours as it was at the start. */
async function ask(offset: ClockOffset, clock: SteppedClock, way: { there: number; back: number; hubAheadMs: number }): Promise<void> {
  const askedMs = clock.monotonicMs();
  await clock.step(way.there);
  const hubClockMs = startMs + clock.monotonicMs() + way.hubAheadMs;
  await clock.step(way.back);
  offset.heard(hubClockMs, askedMs);
}

test('a queue on one way does not move the offset: the shortest round trip counts', async () => {
  const clock = new SteppedClock(startMs);
  const offset = new ClockOffset(clock);

  await ask(offset, clock, { there: 4_000, back: 10, hubAheadMs: 7_000 });
  await ask(offset, clock, { there: 10, back: 10, hubAheadMs: 7_000 });
  await ask(offset, clock, { there: 900, back: 10, hubAheadMs: 7_000 });

  expect([offset.offsetMs(), offset.roundTripMs()]).toEqual([7_000, 20]);
});

test('whatever the ways take, the offset is right to half of the shortest round trip', async () => {
  const way = fc.record({ there: fc.integer({ min: 0, max: 5_000 }), back: fc.integer({ min: 0, max: 5_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(way, { minLength: 1, maxLength: 8 }), fc.integer({ min: -1e7, max: 1e7 }), async (ways, hubAheadMs) => {
      const clock = new SteppedClock(startMs);
      const offset = new ClockOffset(clock);

      for (const one of ways) await ask(offset, clock, { ...one, hubAheadMs });

      const shortest = Math.min(...ways.map(({ there, back }) => there + back));
      expect(Math.abs((offset.offsetMs() ?? NaN) - hubAheadMs)).toBeLessThanOrEqual(shortest / 2 + 1);
    }),
    { numRuns: 100 },
  );
});

test('a correction of our own clock shows at once', async () => {
  const clock = new SteppedClock(startMs);
  const offset = new ClockOffset(clock);
  await ask(offset, clock, { there: 5, back: 5, hubAheadMs: 0 });

  clock.jump(60_000);

  expect(offset.offsetMs()).toBe(-60_000);
});

test('a correction of the hub’s clock is believed at the next answer', async () => {
  const clock = new SteppedClock(startMs);
  const offset = new ClockOffset(clock);
  for (let i = 0; i < 8; i++) await ask(offset, clock, { there: 1, back: 1, hubAheadMs: 90_000 });

  await ask(offset, clock, { there: 30, back: 30, hubAheadMs: 0 });

  expect([offset.offsetMs(), offset.roundTripMs()]).toEqual([0, 60]);
});

test('of another hub nothing is known until it answers', async () => {
  const clock = new SteppedClock(startMs);
  const offset = new ClockOffset(clock);
  await ask(offset, clock, { there: 1, back: 1, hubAheadMs: 0 });

  offset.forget();

  expect([offset.offsetMs(), offset.roundTripMs()]).toEqual([undefined, undefined]);
});
