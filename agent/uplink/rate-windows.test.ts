import { expect, test } from 'vitest';
import { bandwidthSchema, type BandwidthConfig } from '../../config/uplink-config.ts';
import { limitsByTime } from './rate-windows.ts';

function bandwidth(timeZone: string, ...windows: object[]): BandwidthConfig {
  return bandwidthSchema.parse({ timeZone, windows: windows.map((window) => ({ bytesPerSecond: '1KiB', ...window })) });
}

const office = bandwidth('Europe/Lisbon', { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' });
const fridayNight = bandwidth('Europe/Lisbon', { days: ['fri'], from: '22:00', to: '06:00' });
const everyNight = bandwidth('America/New_York', { from: '23:30', to: '00:15' });
const sundayEarly = bandwidth('Europe/Berlin', { days: ['sun'], from: '02:00', to: '03:00' });
const wholeSaturday = bandwidth('Asia/Kathmandu', { days: ['sat'], from: '00:00', to: '24:00' });

test.each([
  // Lisbon is UTC in winter and an hour ahead in summer.
  ['a minute before the office opens', office, '2026-11-24T07:59:59Z', false],
  ['when it opens', office, '2026-11-24T08:00:00Z', true],
  ['the last minute', office, '2026-11-24T17:59:59Z', true],
  ['when it closes', office, '2026-11-24T18:00:00Z', false],
  ['in summer it opens an hour earlier by UTC', office, '2026-07-14T07:00:00Z', true],
  ['in summer it closes an hour earlier by UTC', office, '2026-07-14T17:00:00Z', false],
  ['Saturday', office, '2026-11-28T12:00:00Z', false],
  ['Friday before midnight', fridayNight, '2026-11-27T23:59:00Z', true],
  ['Saturday after midnight belongs to Friday', fridayNight, '2026-11-28T05:59:00Z', true],
  ['Saturday at six it ends', fridayNight, '2026-11-28T06:00:00Z', false],
  ['Saturday night is not Friday night', fridayNight, '2026-11-28T23:00:00Z', false],
  ['Friday after midnight belongs to Thursday', fridayNight, '2026-11-27T03:00:00Z', false],
  ['across midnight, before', everyNight, '2026-11-25T04:45:00Z', true],
  ['across midnight, after', everyNight, '2026-11-25T05:14:00Z', true],
  ['across midnight, over', everyNight, '2026-11-25T05:15:00Z', false],
  // 2026-03-29: clocks in Berlin go from 02:00 to 03:00, which is 01:00 UTC; 2026-10-25 back from 03:00 to 02:00.
  ['the hour that is skipped: before', sundayEarly, '2026-03-29T00:59:00Z', false],
  ['the hour that is skipped: after', sundayEarly, '2026-03-29T01:00:00Z', false],
  ['the hour that comes twice: first', sundayEarly, '2026-10-25T00:30:00Z', true],
  ['the hour that comes twice: again', sundayEarly, '2026-10-25T01:30:00Z', true],
  ['the hour that comes twice: over', sundayEarly, '2026-10-25T02:00:00Z', false],
  // Kathmandu is 5:45 ahead.
  ['a whole day begins at midnight of its zone', wholeSaturday, '2026-11-27T18:15:00Z', true],
  ['and not a minute before', wholeSaturday, '2026-11-27T18:14:00Z', false],
  ['and lasts to its end', wholeSaturday, '2026-11-28T18:14:59Z', true],
  ['and no longer', wholeSaturday, '2026-11-28T18:15:00Z', false],
] as const)('%s', (_when, config, time, isLimited) => {
  expect(limitsByTime(config)(Date.parse(time))).toBe(isLimited ? 1_024 : undefined);
});

test('of windows that overlap the first says the limit, a pause too', () => {
  const limitAt = limitsByTime(bandwidth('UTC', { from: '12:00', to: '13:00', bytesPerSecond: 0 }, { from: '00:00', to: '24:00' }));

  expect([11, 12, 13].map((hour) => limitAt(Date.UTC(2026, 10, 24, hour)))).toEqual([1_024, 0, 1_024]);
});

test('`local` is the zone of the host', () => {
  const time = new Date(2026, 10, 24, 9, 30).getTime();

  expect(limitsByTime(bandwidth('local', { from: '09:30', to: '09:31' }))(time)).toBe(1_024);
});
