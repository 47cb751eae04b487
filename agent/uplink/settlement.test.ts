import { expect, test } from 'vitest';
import { noCounters } from '../../proto/framing/stream-entry.ts';
import { settlementOf } from './settlement.ts';

function told(offset: number, tailHash: Uint8Array) {
  const position = { sourceId: 'app', streamId: 's1', file: undefined, offset, lineNumber: 3, tailHash, cursor: '', counters: noCounters };
  const welcome = {
    lane: 'normal',
    epoch: new Uint8Array(16),
    epochKnown: false,
    commonSequence: 0,
    commonHash: new Uint8Array(32),
    parted: true,
  } as const;
  return settlementOf({ ...welcome, positions: [position] }).positions[0];
}

test('a position that the hub tells is checked against as many bytes as its hash covers', () => {
  expect(told(5_000, new Uint8Array(16))?.tailBytes).toBe(1_024);
  expect(told(40, new Uint8Array(16))?.tailBytes).toBe(40);
});

test('a position told without a hash claims no bytes', () => {
  expect(told(5_000, new Uint8Array(0))?.tailBytes).toBe(0);
});
