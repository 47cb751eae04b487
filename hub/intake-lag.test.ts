import { expect, test } from 'vitest';
import { SteppedClock } from '../proto/runtime/testing/stepped-clock.ts';
import { IntakeLag } from './intake-lag.ts';
import type { Worked } from './line-work.ts';
import type { LineWorkers, Work } from './pipeline-ports.ts';

const clock = new SteppedClock();
const workOf = (write: number, committedAtMs: number): Work => {
  return { is: 'work', write, committedAtMs, entries: [], block: 1, detect: true, poison: [], rawRows: false, careful: false };
};
const tryNothing = (): Promise<void> => Promise.resolve();

/** Workers whose work ends when the test says so. */
function workersOf(answers: PromiseWithResolvers<Worked>[]): LineWorkers {
  let next = 0;
  return {
    work: () => answers[next++]?.promise ?? Promise.reject(new Error('more work than answers')),
    seal: async () => [],
    reset: async () => undefined,
  };
}

test('intake is behind by the age of the oldest write in work, and by nothing when all is worked', async () => {
  const nowMs = clock.nowMs();
  const answers = [Promise.withResolvers<Worked>(), Promise.withResolvers<Worked>()];
  const lag = new IntakeLag(clock);
  const lines = lag.watching(workersOf(answers));
  expect(lag.ms).toBe(0);

  const first = lines.work(workOf(1, nowMs - 4_000), tryNothing);
  const second = lines.work(workOf(2, nowMs - 1_500), tryNothing);

  expect(lag.ms).toBe(4_000);
  answers[0]?.resolve({} as Worked);
  await first;
  expect(lag.ms).toBe(1_500);
  answers[1]?.reject(new Error('a worker thread ended'));
  await expect(second).rejects.toThrow('a worker thread ended');
  expect(lag.ms).toBe(0);
});

test('a clock that was set back makes nobody wait', () => {
  const lag = new IntakeLag(clock);
  const lines = lag.watching(workersOf([Promise.withResolvers<Worked>()]));
  void lines.work(workOf(1, clock.nowMs() + 3_600_000), tryNothing);

  expect(lag.ms).toBe(0);
});
