import { expect, test } from 'vitest';
import { cutReason } from './cut-reason.ts';

const limits = { rowsMax: 1_000, secondsMax: 20 };
const gaveWay = 'stopped after 20 s, 18 of which it gave way to lines that come in faster than they are stored; the rest is shown; ';

test.each([
  ['nothing when it read everything in time', { rowsRead: 999, tookMs: 19_999, heldMs: 15_000 }, ''],
  ['the rows', { rowsRead: 1_000, tookMs: 5, heldMs: 0 }, 'stopped after 1000 rows were read; the rest is shown; narrow the time range'],
  ['the time', { rowsRead: 10, tookMs: 20_003, heldMs: 0 }, 'stopped after 20 s; the rest is shown; narrow the time range'],
  [
    'intake, when the search gave way to it',
    { rowsRead: 10, tookMs: 20_003, heldMs: 18_200 },
    `${gaveWay}narrow the time range, or search again when the hub has caught up`,
  ],
])('what cut a search is said: %s', (_, answer, reason) => {
  expect(cutReason(answer, limits, 'the rest is shown')).toBe(reason);
});
