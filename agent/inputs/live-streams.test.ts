import { expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { LiveStreams } from './live-streams.ts';

function streamsOf(peersMax: number): { streams: LiveStreams; clock: SteppedClock } {
  const clock = new SteppedClock();
  const source = { id: 's', typeHint: 'x', timeZone: 'UTC', labels: { site: 'a' } };
  return { streams: new LiveStreams({ source, path: 'udp 0.0.0.0:514', peersMax, clock, random: systemRandom }), clock };
}

test('each peer has one stream, whose path it is, and a new one after a new start', () => {
  const { streams } = streamsOf(8);

  const first = streams.of('192.0.2.1');
  const again = streams.of('192.0.2.1');
  const other = streams.of('192.0.2.2');
  const before = [first, other].map(({ info }) => info.streamId);
  streams.renew();
  const later = streams.of('192.0.2.1');

  expect(again).toBe(first);
  expect(first.info).toMatchObject({ sourceId: 's', path: '192.0.2.1', file: undefined, typeHint: 'x', labels: { site: 'a' } });
  expect(new Set([...before, later.info.streamId]).size).toBe(3);
  // What waited under the old name goes along.
  expect(first.info.streamId).toBe(later.info.streamId);
});

test('a forged sender address a line makes no stream each: beyond the limit they share one, until somebody has been quiet long', async () => {
  const { streams, clock } = streamsOf(2);
  streams.of('192.0.2.1');
  streams.of('192.0.2.2');

  const forged = new Set(Array.from({ length: 1_000 }, (_, i) => streams.of(`198.51.100.${i}`)));
  expect([...forged]).toEqual([streams.own()]);
  expect(streams.isCrowded).toBe(true);

  await clock.step(300_000);
  const busy = streams.of('192.0.2.1');
  await clock.step(300_000);

  expect(streams.of('203.0.113.9').info.path).toBe('203.0.113.9');
  expect(streams.of('192.0.2.1')).toBe(busy);
  expect(streams.of('192.0.2.2')).toBe(streams.own());
});

test('a sender of many messages a second is not taken for one that has fallen silent', async () => {
  const { streams, clock } = streamsOf(2);
  const busy = streams.of('192.0.2.1');
  streams.of('192.0.2.2');

  for (let step = 0; step < 1_300; step++) {
    await clock.step(500);
    streams.of('192.0.2.1');
  }

  expect(streams.of('203.0.113.9').info.path).toBe('203.0.113.9');
  expect(streams.of('192.0.2.1')).toBe(busy);
});
