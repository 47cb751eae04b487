import { expect, test } from 'vitest';
import { judgeSoak, slopeOf } from './judge-soak.ts';
import type { Sample } from './sample-process.ts';

function day(of: (hour: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: 96 }, (_, at) => ({
    part: 'agent',
    pid: 7,
    hour: at / 4,
    rssMb: 80,
    heapMb: 20 + (at % 5),
    externalMb: 5,
    descriptors: 40,
    logFiles: 0,
    threads: 11,
    foldersMb: 1,
    files: 9,
    ...of(at / 4),
  }));
}

const failed = (samples: Sample[], quiet = samples): string[] =>
  judgeSoak(samples, quiet, 24)
    .filter(({ isFlat }) => !isFlat)
    .map(({ figure }) => figure);

test('memory that goes up while it warms up, and a heap that is collected now and then, are flat', () => {
  expect(failed(day((hour) => ({ rssMb: Math.min(80, 40 + hour * 8) })))).toEqual([]);
});

test('what goes up all day is a leak, in resident memory as in the heap’s floor', () => {
  expect(failed(day((hour) => ({ rssMb: 80 + hour * 2 })))).toEqual(['resident memory']);
  expect(failed(day((hour) => ({ heapMb: 20 + hour + (hour % 1) })))).toEqual(['heap']);
});

test('one descriptor more at rest is one too many', () => {
  expect(failed(day((hour) => ({ descriptors: hour < 20 ? 40 : 41 })))).toEqual(['descriptors at rest']);
  expect(failed(day((hour) => ({ descriptors: hour < 20 ? 40 : 41, logFiles: hour < 20 ? 6 : 7 })))).toEqual([]);
});

test('a hub may hold one more now and then, and no more later than before', () => {
  const hub = (of: (hour: number) => number): Sample[] => day((hour) => ({ part: 'hub', descriptors: of(hour) }));

  expect(failed(hub((hour) => 40 + (Math.floor(hour) % 2)))).toEqual([]);
  expect(failed(hub((hour) => 40 + Math.floor(hour / 10)))).toEqual(['descriptors at rest']);
});

test('a process that lived shortly is not judged', () => {
  expect(judgeSoak(day((hour) => ({ rssMb: 80 + hour * 9 })).slice(0, 20), [], 24)).toEqual([]);
});

test('the slope is that of the line through the points', () => {
  expect(slopeOf([0, 1, 2, 3].map((x) => [x, 5 + 2 * x]))).toBeCloseTo(2);
});
