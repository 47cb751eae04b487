import { expect, test } from 'vitest';
import { isIdle, standOf, type Looks } from './stand-of.ts';

function looks({ committed = 7, growthBytesPerSecond = 0 } = {}): Looks {
  // As the agent tells it: more than the test knows of.
  const lane = {
    lane: 'normal',
    buffered: { sequence: 7, lines: 90 },
    committed: { sequence: committed },
    bytes: 5,
    bytesMax: 9,
    growthBytesPerSecond,
  };
  return {
    hub: {
      journal: { oldest: 3, next: 5, bytes: 1, isFull: false },
      pipeline: { state: 'running', detected: 4, stored: 4, snapshot: 4, lastFailure: '' },
      store: { isUp: true, restarts: 0, rows: 90, bytesOnDisk: 1 },
    },
    agent: { lagBytes: 0, lanes: [lane] },
  };
}

test('an agent stands still while its rates of the last minute still sink', () => {
  expect(standOf(looks({ growthBytesPerSecond: -28_178.8 }))).toBe(standOf(looks({ growthBytesPerSecond: -25_961.3 })));
});

test('a batch that is committed is a move, and before it nobody is idle', () => {
  expect(standOf(looks({ committed: 6 }))).not.toBe(standOf(looks()));
  expect([isIdle(looks({ committed: 6 })), isIdle(looks())]).toEqual([false, true]);
});
