// Times in the forms logs write them. Right answers were worked out by hand, not by another reader.
import { expect, test } from 'vitest';
import { timeReader } from './timestamps.ts';

const context = (zone = '', readAt = '2026-11-24T12:00:00Z'): { readAtMs: number; zone: string } => ({
  readAtMs: Date.parse(readAt),
  zone,
});
const read = (format: string, text: string, zone?: string, readAt?: string): string => {
  const ms = timeReader([format])(text, context(zone, readAt));
  return Number.isNaN(ms) ? 'no time' : new Date(ms).toISOString();
};

test.each([
  ['iso', '2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
  ['iso', '2026-11-24 10:00:00,25 +0130', '2026-11-24T08:30:00.250Z'],
  ['iso', '2026-11-24T10:00:00.123456-0500', '2026-11-24T15:00:00.123Z'],
  ['clf', '24/Nov/2026:10:00:00 +0100', '2026-11-24T09:00:00.000Z'],
  ['bsd', 'Nov  4 10:00:00', '2026-11-04T10:00:00.000Z'],
  ['bsd', 'Nov 24 2019 10:00:00.5', '2019-11-24T10:00:00.500Z'],
  ['epoch', '1795514400.25', '2026-11-24T10:00:00.250Z'],
  ['epoch-us', '1795514400000001', '2026-11-24T10:00:00.000Z'],
  ['%a %b %e %H:%M:%S.%f %Y', 'Tue Nov 24 10:00:00.169510 2026', '2026-11-24T10:00:00.169Z'],
  ['%d.%m.%y %I:%M:%S %p', '24.11.26 12:05:00 AM', '2026-11-24T00:05:00.000Z'],
])('%s reads %s', (format, text, expected) => {
  expect(read(format, text)).toBe(expected);
});

test.each([
  ['iso', '2026-09-31T10:00:00Z'],
  ['iso', '2026-11-24T24:00:00Z'],
  ['iso', '2026-11-24T10:00:00+24:00'],
  ['iso', '2026-11-24T10:00:00Z and more'],
  ['bsd', 'Nov 31 10:00:00'],
  ['clf', '24/Nev/2026:10:00:00 +0100'],
  ['epoch', ''],
  ['%Y-%m-%d', '2026-13-01'],
])('%s refuses %s', (format, text) => {
  expect(read(format, text)).toBe('no time');
});

test('a date without a year belongs to the year it was read in, or the one before at new year', () => {
  expect(read('bsd', 'Dec 31 23:59:59', '', '2026-01-01T00:00:05Z')).toBe('2025-12-31T23:59:59.000Z');
  expect(read('bsd', 'Jan  1 00:00:03', '', '2025-12-31T23:59:58Z')).toBe('2026-01-01T00:00:03.000Z');
  expect(read('bsd', 'Nov 27 10:00:00', '', '2026-11-24T12:00:00Z')).toBe('2025-11-27T10:00:00.000Z');
  expect(read('bsd', 'Feb 29 10:00:00', '', '2026-03-01T00:00:00Z')).toBe('2024-02-29T10:00:00.000Z');
});

test('a time without a zone is read in the stream’s zone, summer and winter', () => {
  expect(read('iso', '2026-07-01T12:00:00', 'Europe/Lisbon')).toBe('2026-07-01T11:00:00.000Z');
  expect(read('iso', '2026-12-01T12:00:00', 'Europe/Lisbon')).toBe('2026-12-01T12:00:00.000Z');
  expect(read('iso', '2026-12-01T12:00:00', 'Asia/Kolkata')).toBe('2026-12-01T06:30:00.000Z');
  expect(read('iso', '2026-12-01T12:00:00', 'No/Where')).toBe('2026-12-01T12:00:00.000Z');
});
