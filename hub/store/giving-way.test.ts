import { expect, test } from 'vitest';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { GivingWay } from './giving-way.ts';

function watched() {
  const clock = new SteppedClock();
  const said: boolean[] = [];
  return { clock, said, givingWay: new GivingWay({ pace: (isBehind) => said.push(isBehind) }, clock) };
}

test('the engine knows before a search begins whether intake is behind, and hears when that changes', async () => {
  const { clock, said, givingWay } = watched();
  let waitingMs = 5_000;
  givingWay.heed(() => waitingMs);

  const end = givingWay.begin();
  const atOnce = [...said];
  waitingMs = 20;
  await clock.step(100);
  end();

  expect(atOnce).toEqual([true]);
  expect(said).toEqual([true, false]);
});

test('lines that wait as briefly as they do on a hub that keeps up are nothing to give way to', () => {
  const { said, givingWay } = watched();
  givingWay.heed(() => 150);

  givingWay.begin();

  expect(said).toEqual([false]);
});

test('while nobody searches nothing is asked or said, and one watch is enough for many searches', async () => {
  const { clock, said, givingWay } = watched();
  let asked = 0;
  givingWay.heed(() => asked++);
  const ends = [givingWay.begin(), givingWay.begin(), givingWay.begin()];
  ends[0]?.();
  ends[1]?.();
  await clock.step(100);
  ends[2]?.();
  await clock.step(100);
  expect(asked).toBe(4);

  await clock.step(60_000);

  expect(asked).toBe(4);
  expect(said).toHaveLength(4);
  expect(clock.sleeperCount).toBe(0);
});
