// A short run of the simulation (npm run simulate): the first import takes the thread pool out of the world.
import './in-place-zstd.ts';
import { expect, test } from 'vitest';
import type { RuleName } from './broken-rules.ts';
import { runSchedule } from './run-schedule.ts';

test('under random kills, cuts, damage and restores every promise of delivery is kept', async () => {
  const failed: string[] = [];
  for (let seed = 1; seed <= 200; seed++) {
    const { problems } = await runSchedule(seed);
    if (problems.length > 0) failed.push(`seed ${seed}: ${problems[0]}`);
  }

  expect(failed).toEqual([]);
}, 180_000);

/** Each fails with the modules as they were before the named fault was mended. A change of what a seed draws (plan.ts,
 * misfortunes.ts) needs other seeds: run the simulation against those modules again. */
test.each([
  [405_070, 'a Welcome obeyed by half after damage'],
  [402_269, 'a journal write that looked gone because a failed one was not read back'],
  [404_276, 'a line accused because State failed'],
  [404_165, 'a webhook held up by a clock that was set back'],
  [5_015_761, 'conditions of first that moved while a failed write was not read back'],
  [6_008_096, 'conditions of first whose failed write stood on the disk all the same'],
])('seed %i, which once broke a promise (%s), keeps them all', async (seed) => {
  const { problems } = await runSchedule(seed);

  expect(problems).toEqual([]);
});

test('a hub that is away for hours costs nothing, whatever buffers do when they are full', async () => {
  const failed: string[] = [];
  for (let seed = 1; seed <= 6; seed++) {
    const { problems } = await runSchedule(seed, { isAway: true });
    if (problems.length > 0) failed.push(`seed ${seed}: ${problems[0]}`);
  }

  expect(failed).toEqual([]);
}, 180_000);

test('a seed runs again step by step the same', async () => {
  const trace = async (): Promise<string[]> => {
    const told: string[] = [];
    await runSchedule(5, { tell: (text) => told.push(text) });
    return told;
  };

  expect(await trace()).toEqual(await trace());
});

test.each<RuleName>(['positions-with-lines', 'insert-is-settled', 'write-numbers-skip'])('without %s schedules fail', async (without) => {
  let failed = 0;
  for (let seed = 1; seed <= 60 && failed === 0; seed++) if ((await runSchedule(seed, { without })).problems.length > 0) failed++;

  expect(failed).toBe(1);
});
