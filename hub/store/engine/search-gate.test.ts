import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SteppedClock } from '../../../proto/runtime/testing/stepped-clock.ts';
import { savedMsMax, SearchAllowance } from './search-allowance.ts';
import { SearchGate } from './search-gate.ts';

/** A gate on a stepped clock, and when it held searches: [from, to) in ms. */
function gateOn(cores: number) {
  const clock = new SteppedClock();
  const holds: { readonly fromMs: number; toMs: number }[] = [];
  const gate = new SearchGate({
    clock,
    cores,
    hold: async (ms) => {
      const hold = { fromMs: clock.monotonicMs(), toMs: Infinity };
      holds.push(hold);
      await clock.sleep(ms);
      hold.toMs = clock.monotonicMs();
    },
  });
  const heldMs = (): number => holds.reduce((sum, { fromMs, toMs }) => sum + Math.min(toMs, clock.monotonicMs()) - fromMs, 0);
  return { clock, gate, holds, heldMs };
}

test('while intake keeps up no search is held, however long it runs', async () => {
  const { clock, gate, holds } = gateOn(2);
  gate.pace(false);
  const leave = gate.enter();

  await clock.step(60_000);

  expect(holds).toEqual([]);
  expect(leave()).toBe(0);
});

test.each([
  [1, 2],
  [2, 2],
  [16, 2],
  [4, 16],
])('%i searches while intake is behind on %i cores: together they run for their share of the time', async (searches, cores) => {
  const { clock, gate, heldMs } = gateOn(cores);
  gate.pace(true);
  const leaves = Array.from({ length: searches }, () => gate.enter());

  await clock.step(60_000);

  const ranMs = (60_000 - heldMs()) * searches;
  expect(ranMs).toBeGreaterThan(0);
  expect(ranMs).toBeLessThan(60_000 * 0.02 * cores + savedMsMax + 100);
  for (const leave of leaves) expect(leave()).toBeGreaterThan(40_000);
});

test('a short search is not held, not even while intake is behind', async () => {
  const { clock, gate, holds } = gateOn(2);
  gate.pace(true);

  for (let search = 0; search < 20; search++) {
    const leave = gate.enter();
    await clock.step(13);
    expect(leave()).toBe(0);
    await clock.step(1_000);
  }

  expect(holds).toEqual([]);
});

test('when intake has caught up a search that was held runs on', async () => {
  const { clock, gate, holds } = gateOn(2);
  gate.pace(true);
  gate.enter();
  await clock.step(5_000);
  const before = holds.length;
  expect(before).toBeGreaterThan(0);

  gate.pace(false);
  await clock.step(60_000);

  expect(holds).toHaveLength(before);
});

test('no search is held for longer than a second at a time', async () => {
  const { clock, gate, holds } = gateOn(1);
  gate.pace(true);
  for (let search = 0; search < 16; search++) gate.enter();

  await clock.step(60_000);

  for (const { fromMs, toMs } of holds.slice(0, -1)) expect(toMs - fromMs).toBeLessThanOrEqual(1_000);
});

test('a gate that cannot hold does not keep the process busy', async () => {
  const clock = new SteppedClock();
  let asked = 0;
  const gate = new SearchGate({ clock, cores: 2, hold: () => Promise.reject(new Error(`refused ${asked++}`)) });
  gate.pace(true);
  gate.enter();

  await clock.step(10_000);

  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(100);
});

test('whatever the order of searching and resting, the allowance is never overdrawn by more than was saved', () => {
  const turns = fc.array(fc.record({ running: fc.integer({ min: 1, max: 16 }), restMs: fc.integer({ min: 0, max: 5_000 }) }), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(turns, fc.integer({ min: 1, max: 64 }), (plan, cores) => {
      const allowance = new SearchAllowance(cores);
      let [wholeMs, ranMs] = [0, 0];
      for (const { running, restMs } of plan) {
        const runMs = allowance.runMs(running);
        allowance.pass(runMs, running);
        allowance.pass(restMs, 0);
        wholeMs += runMs + restMs;
        ranMs += runMs * running;
      }
      expect(ranMs).toBeLessThanOrEqual(savedMsMax + wholeMs * 0.02 * cores + 1e-6);
    }),
  );
});
