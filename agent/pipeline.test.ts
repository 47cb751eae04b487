import { expect, test } from 'vitest';
import { policySchema } from '../config/policy/policy.ts';
import { faultyDisk } from '../proto/durable/faulty-disk.ts';
import { seededRandom } from '../proto/durable/seeded-random.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { SteppedClock } from '../proto/runtime/testing/stepped-clock.ts';
import { aborted } from '../proto/runtime/until-stopped.ts';
import { LaneBuffer } from './buffer/lane-buffer.ts';
import { runLane } from './pipeline.ts';
import type { BatchBuffer, Input } from './ports.ts';

const quiet: Input = {
  // eslint-disable-next-line require-yield
  async *read(_resume, signal) {
    await aborted(signal);
  },
  status: () => ({ sourceId: 'web', type: 'file', linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' }),
};

test('a failed write that cannot be read back is told every ten minutes, not every second, and its end once', async () => {
  const clock = new SteppedClock();
  const random = seededRandom(1);
  const disk = faultyDisk(random).attach();
  const open = (lane: 'normal' | 'first'): Promise<LaneBuffer> =>
    LaneBuffer.open({
      disk,
      folder: `/${lane}`,
      lane,
      clock,
      random,
      whenFull: 'block',
      bytesMax: 1e6,
      generationBytes: 1e5,
      reserveBytes: 256,
    });
  const [buffer, first] = await Promise.all([open('normal'), open('first')]);
  const room = { isThere: false };
  const failing: BatchBuffer = {
    ...first.reader(),
    readBack: () => (room.isThere ? first.readBack() : Promise.reject(new AtalaiaError('DISK_FULL', 'no room', { isRetryable: true }))),
  };
  const told: string[] = [];
  const log = { info: (_: object, text: string) => void told.push(text), error: (_: object, text: string) => void told.push(text) };
  const stop = new AbortController();
  const deadline = new AbortController();
  const policy = policySchema.parse({ kind: 'Policy', version: 1, sources: [{ id: 'web', type: 'file', paths: ['/var/log/web.log'] }] });
  const around = { policy, policyHash: new Uint8Array(32), clock, flushIntervalMs: 200, log, inputs: [quiet] };

  const running = runLane(
    { ...around, lane: 'normal', buffer, ahead: { buffer: failing, routes: new Map() } },
    { stop: stop.signal, deadline: deadline.signal },
  );
  for (let second = 0; second < 1_300; second++) await clock.step(1_000);
  const whileItLasted = told.length;
  room.isThere = true;
  for (let second = 0; second < 15; second++) await clock.step(1_000);
  stop.abort();
  await running;

  expect(whileItLasted).toBe(3);
  expect(new Set(told.slice(0, whileItLasted))).toEqual(
    new Set(['reading into the buffer failed; it begins anew from the last buffered position, until it succeeds']),
  );
  expect(told.slice(whileItLasted)).toEqual(['reading goes on']);
});
