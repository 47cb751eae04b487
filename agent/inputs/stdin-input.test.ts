import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { systemClock } from '../../proto/runtime/clock.ts';
import { stdinInput } from './stdin-input.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

function reading(stream: PassThrough): LiveReading {
  return new LiveReading((around) => stdinInput({ source: sourceOf('stdin', {}), stream, ...around }), systemClock);
}

test('standard input is read line by line, and its end is told', async () => {
  const stream = new PassThrough();
  const input = reading(stream);

  stream.write('one\r\n12 <13>tw');
  stream.end('o\nlast');
  await input.untilTold(/standard input has ended/);
  await input.stop();

  expect(input.texts).toEqual(['one', '12 <13>two', 'last']);
  expect(input.lines.map(({ path, offset }) => [path, offset])).toEqual([
    ['stdin', 0],
    ['stdin', 3],
    ['stdin', 13],
  ]);
});

test('a new policy goes on where the old one stopped, in the middle of a line too', async () => {
  const stream = new PassThrough();
  const before = reading(stream);
  stream.write('one\nbeg');
  await before.untilLines(1);
  await before.stop();

  const after = reading(stream);
  stream.write('un\nthree\n');
  await after.untilLines(2);
  await after.stop();

  expect([...before.texts, ...after.texts]).toEqual(['one', 'begun', 'three']);
  expect(after.lines[0]?.streamId).not.toBe(before.lines[0]?.streamId);
});

test('while the pipeline stands still the writer waits', async () => {
  const stream = new PassThrough();
  const input = reading(stream);
  input.isHeld = true;
  const line = `${'x'.repeat(60_000)}\n`;

  let sent = 0;
  await input.until(() => {
    if (stream.writableLength < 500_000) for (let i = 0; i < 10; i++, sent++) stream.write(line);
    return stream.writableLength >= 500_000 && input.input.status().lagBytes > 1_000_000;
  }, 'a writer that waits');
  input.isHeld = false;
  await input.untilLines(sent);
  await input.stop();
});
