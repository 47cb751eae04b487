import { expect, test } from 'vitest';
import { timeOf } from './line-time.ts';

const nowMs = Date.UTC(2026, 10, 24, 12, 0, 0);
const here = (...parts: [number, number, number, number, number, number]): number => new Date(...parts).getTime();

test.each([
  ['Nov 24 10:00:00 web1 sshd[1]: x', here(2026, 10, 24, 10, 0, 0)],
  ['<34>Nov  4 10:00:00 web1 su: x', here(2026, 10, 4, 10, 0, 0)],
  ['Dec 31 23:59:59 web1 app: of last year', here(2025, 11, 31, 23, 59, 59)],
  ['2026-11-24T10:00:00.123456+01:00 web1 app: x', Date.UTC(2026, 10, 24, 9, 0, 0)],
  ['2026-11-24 10:00:00,123 fail2ban.actions: x', here(2026, 10, 24, 10, 0, 0)],
  ['{"timestamp":"2026-11-24T10:00:00.000123+0000","event_type":"alert"}', Date.UTC(2026, 10, 24, 10, 0, 0)],
  ['203.0.113.7 - - [24/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 1', Date.UTC(2026, 10, 24, 9, 0, 0)],
  ['2026/11/24 10:00:00 [error] 1#1: *1 x', here(2026, 10, 24, 10, 0, 0)],
  ['[Tue Nov 24 10:00:00.169 2026] [core:error] x', here(2026, 10, 24, 10, 0, 0)],
  ['1795514400.123456\tC1\t192.0.2.1', 1_795_514_400_000],
  ['{"ts":1795514400.5,"uid":"C1"}', 1_795_514_400_000],
  ['type=USER_LOGIN msg=audit(1795514400.123:45): x', 1_795_514_400_000],
  ['\tat com.example.Main(Main.java:1)', undefined],
  ['', undefined],
])('%s', (line, time) => {
  expect(timeOf(line, nowMs)).toBe(time);
});
