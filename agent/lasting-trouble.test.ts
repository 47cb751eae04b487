import { beforeEach, expect, test } from 'vitest';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { SteppedClock } from '../proto/runtime/testing/stepped-clock.ts';
import { LastingTrouble } from './lasting-trouble.ts';

let clock: SteppedClock;
let told: string[];
let trouble: LastingTrouble;
beforeEach(() => {
  clock = new SteppedClock();
  told = [];
  const note =
    (level: string) =>
    (fields: object, text: string): void => {
      const { error: _, ...others } = { error: undefined, ...fields };
      told.push(`${level}: ${text} ${JSON.stringify(others)}`);
    };
  trouble = new LastingTrouble({ info: note('info'), error: note('error') }, clock);
});

const full = new AtalaiaError('DISK_FULL', 'no room');
const never = new AbortController().signal;

test('an hour of failing every second is told when it begins and every ten minutes, with how often it was tried', async () => {
  for (let second = 0; second < 3_600; second++) {
    trouble.failed(full, { lane: 'first' }, 'cannot write');
    await clock.step(1_000);
  }

  expect(told).toEqual([
    'error: cannot write {"lane":"first"}',
    ...Array.from({ length: 5 }, () => 'error: cannot write {"lane":"first","timesSinceTold":599}'),
  ]);
});

test('another reason is told at once', () => {
  trouble.failed(full, {}, 'cannot write');
  trouble.failed(new AtalaiaError('DISK_FAILED', 'gone'), {}, 'cannot write');
  trouble.failed(new Error('odd'), {}, 'cannot write');
  trouble.failed(new Error('odd'), {}, 'cannot write');

  expect(told).toHaveLength(3);
});

test('the end is told once, when it has gone well for ten seconds; a pause between two failures is no end', async () => {
  trouble.failed(full, {}, 'cannot write');
  const failing = new AbortController();
  const pause = trouble.goesWell(failing.signal, {}, 'goes on');
  await clock.step(5_000);
  failing.abort();
  await pause;
  trouble.failed(full, {}, 'cannot write');
  const well = trouble.goesWell(never, {}, 'goes on');
  await clock.step(10_000);
  await well;
  await trouble.goesWell(never, {}, 'goes on');

  expect(told).toEqual(['error: cannot write {}', 'info: goes on {"lastedMs":15000}']);
});
