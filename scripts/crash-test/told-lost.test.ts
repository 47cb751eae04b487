import { expect, test } from 'vitest';
import { untoldLines } from './told-lost.ts';
import type { WrittenLine } from './written-lines.ts';

const lines = Array.from({ length: 6 }, (_, number): WrittenLine => ({
  number,
  source: 'auth',
  text: `line${number}`,
  timeMs: number,
  part: undefined,
  isNoise: false,
  run: 'auth 0',
}));
const idOf = (sequence: number, epoch = 'a'): string => `${'0'.repeat(32)}:${epoch.repeat(32)}:normal:${sequence}:0`;
const stored = new Map([
  [0, idOf(3)],
  [1, idOf(4)],
  [4, idOf(7)],
  [5, idOf(8)],
]);
const untold = (holes: readonly { from: number; to: number }[], ids = stored, lane = 'normal'): number[] =>
  untoldLines(
    lines,
    ids,
    holes.map((hole) => ({ lane, ...hole })),
  ).map(({ number }) => number);

test('a missing line is told when a damaged hole lies between the batches of its neighbours', () => {
  expect(untold([{ from: 5, to: 6 }])).toEqual([]);
});

test('a missing line is lost when nothing was told, or a hole somewhere else', () => {
  expect(untold([])).toEqual([2, 3]);
  expect(untold([{ from: 1, to: 2 }])).toEqual([2, 3]);
  expect(untold([{ from: 7, to: 9 }])).toEqual([2, 3]);
  expect(untold([{ from: 5, to: 6 }], stored, 'first')).toEqual([2, 3]);
});

test('after damage the numbers begin anew, and only what follows can bound the hole', () => {
  const anew = new Map([...stored, [4, idOf(2, 'b')], [5, idOf(3, 'b')]] as const);

  expect(untold([{ from: 1, to: 1 }], anew)).toEqual([]);
  expect(untold([{ from: 2, to: 2 }], anew)).toEqual([2, 3]);
});

test('earlier lines that were read again, and are stored behind later ones, bound no hole', () => {
  const readAgain = new Map([...stored, [0, idOf(9)], [1, idOf(10)]] as const);

  expect(untold([{ from: 5, to: 6 }], readAgain)).toEqual([]);
  expect(untold([{ from: 8, to: 8 }], readAgain)).toEqual([2, 3]);
});
