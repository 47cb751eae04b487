import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bandwidthSchema } from '../../config/uplink-config.ts';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { RateLimit, wireBytes } from './rate-limit.ts';

const noonMs = Date.parse('2026-11-24T12:00:00Z');

function limited(clock: SteppedClock, windows: readonly object[], exceptFirst = false): RateLimit {
  return new RateLimit(bandwidthSchema.parse({ timeZone: 'UTC', exceptFirst, windows }), clock);
}

const allDay = { from: '00:00', to: '24:00', bytesPerSecond: '10KiB' };

/** Sends frames of these sizes as fast as the limit allows for so long; answers bytes on the wire. */
async function sendFor(ms: number, limit: RateLimit, { clock, sizes }: { clock: SteppedClock; sizes: readonly number[] }): Promise<number> {
  const endMs = clock.monotonicMs() + ms;
  let sent = 0;
  for (let i = 0; clock.monotonicMs() < endMs;) {
    const waitMs = limit.waitMs('normal');
    if (waitMs > 0) {
      await clock.step(Math.min(waitMs, endMs - clock.monotonicMs()));
      continue;
    }
    const size = sizes[i++ % sizes.length]!;
    limit.sent('normal', size);
    sent += wireBytes(size);
    if (sent > 1e9) break;
  }
  return sent;
}

test('whatever the sizes of batches, what leaves is rate times time, with a second and a batch to spare', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 524_288 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 300 }), async (sizes, seconds) => {
      const clock = new SteppedClock(noonMs);
      const limit = limited(clock, [allDay]);

      const sent = await sendFor(seconds * 1_000, limit, { clock, sizes });

      const largest = Math.max(...sizes.map(wireBytes));
      expect(sent).toBeLessThanOrEqual(10_240 * (seconds + 1) + largest);
      expect(sent).toBeGreaterThanOrEqual(10_240 * (seconds - 1) - largest);
    }),
    { numRuns: 50 },
  );
});

test('without a window nothing waits', () => {
  expect(limited(new SteppedClock(noonMs), []).waitMs('normal')).toBe(0);
});

test('a pause sends nothing until its window closes, and then at once, without a debt', async () => {
  const clock = new SteppedClock(noonMs);
  const limit = limited(clock, [{ from: '12:00', to: '12:10', bytesPerSecond: 0 }]);

  expect(await sendFor(599_000, limit, { clock, sizes: [1_000] })).toBe(0);
  await clock.step(1_000);

  expect(limit.waitMs('normal')).toBe(0);
  expect(limit.bytesPerSecond()).toBeUndefined();
});

test('a window that opens in the middle of sending is in force within a second', async () => {
  const clock = new SteppedClock(noonMs - 5_000);
  const limit = limited(clock, [
    { from: '12:00', to: '13:00', bytesPerSecond: '2KiB' },
    { from: '00:00', to: '24:00', bytesPerSecond: '100KiB' },
  ]);
  await sendFor(5_000, limit, { clock, sizes: [1_000] });

  const sent = await sendFor(10_000, limit, { clock, sizes: [1_000] });

  expect(sent).toBeLessThan(2_048 * 11 + wireBytes(1_000));
});

test('the lane first is excepted only where that is configured, and then not counted', () => {
  for (const exceptFirst of [true, false]) {
    const limit = limited(new SteppedClock(noonMs), [allDay], exceptFirst);
    limit.sent('first', 500_000);
    const isHeld = limit.waitMs('first') > 0;

    expect([isHeld, limit.waitMs('normal') > 0]).toEqual([!exceptFirst, !exceptFirst]);
  }
});

test.each([
  [100, 100 + 6 + 22],
  [1_000, 1_000 + 8 + 22],
  [16_376, 16_376 + 8 + 22],
  [16_377, 16_377 + 8 + 44],
  [524_288, 524_288 + 14 + 33 * 22],
])('a frame of %i bytes is %i on the wire', (frame, wire) => {
  expect(wireBytes(frame)).toBe(wire);
});
