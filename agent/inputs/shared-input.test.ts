import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../proto/runtime/clock.ts';
import { SharedInput } from './shared-input.ts';
import { stdinInput } from './stdin-input.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

const source = sourceOf('stdin', {});
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };

let stream: PassThrough;
let shared: SharedInput;
const readings: LiveReading[] = [];
beforeEach(() => {
  stream = new PassThrough();
  shared = new SharedInput(stdinInput({ source, stream, clock: systemClock, random: systemRandom, log }));
});
afterEach(async () => {
  for (const reading of readings.splice(0)) await reading.stop();
});

function leading(): LiveReading {
  const reading = new LiveReading(() => shared.lead(), systemClock);
  readings.push(reading);
  return reading;
}

function following(): LiveReading {
  const reading = new LiveReading((around) => shared.follow({ source, ...around }), systemClock);
  readings.push(reading);
  return reading;
}

test('every hub gets every line, in order, in streams of its own', async () => {
  const [first, other, third] = [leading(), following(), following()];

  for (let i = 0; i < 1_000; i++) stream.write(`line ${i}\n`);
  for (const reading of [first, other, third]) await reading.untilLines(1_000);

  const all = Array.from({ length: 1_000 }, (_, i) => `line ${i}`);
  for (const { texts } of [first, other, third]) expect(texts).toEqual(all);
  expect(new Set([first, other, third].map(({ lines }) => lines[0]?.streamId)).size).toBe(3);
  expect(other.lines.map(({ path, offset }) => [path, offset])).toEqual(first.lines.map(({ path, offset }) => [path, offset]));
});

test('a hub whose buffer stands still holds up neither the source nor another hub, and what it misses is counted for it', async () => {
  const [first, stuck, third] = [leading(), following(), following()];
  stream.write('before\n');
  await stuck.untilLines(1);
  stuck.isHeld = true;
  const line = `${'x'.repeat(60_000)}\n`;

  for (let i = 0; i < 400; i++) if (!stream.write(line)) await first.untilLines(i - 8);
  for (const reading of [first, third]) await reading.untilLines(401);
  stuck.isHeld = false;
  await stuck.until(() => stuck.lines.length + (stuck.dropped['receive-memory'] ?? 0) === 401, 'every line got or counted');

  expect(stuck.dropped['receive-memory']).toBeGreaterThan(100);
  expect(stuck.lines.length).toBeGreaterThan(100);
  expect([first.dropped, third.dropped]).toEqual([{}, {}]);
});

test('what the first hub’s stop hands out last the others get too', async () => {
  const [first, other] = [leading(), following()];
  stream.write('one\n');
  await other.untilLines(1);

  stream.write('two\nthree\n');
  await first.untilLines(3);
  await first.stop();
  await other.stop();

  expect(other.texts).toEqual(['one', 'two', 'three']);
});

test('a hub that comes later gets what comes from then on, and one that leaves changes nothing for the rest', async () => {
  const first = leading();
  stream.write('one\n');
  await first.untilLines(1);

  const other = following();
  stream.write('two\n');
  await other.untilLines(1);
  await other.stop();
  stream.write('three\n');
  await first.untilLines(3);

  expect(other.texts).toEqual(['two']);
  expect(first.texts).toEqual(['one', 'two', 'three']);
});

test('trouble of the source is told to every hub', async () => {
  const [first, other] = [leading(), following()];

  stream.end('last\n');
  await other.untilLines(1);
  await other.until(() => other.input.status().problem !== '', 'a problem');

  expect(other.input.status().problem).toBe(first.input.status().problem);
});
