// Which Welcome an agent gets for what it holds and what the hub has committed.
import { expect, test } from 'vitest';
import type { HelloLane } from '../../proto/framing/messages.ts';
import type { LaneMark } from '../ports.ts';
import { compareHistories } from './compare-histories.ts';

const epoch = Buffer.alloc(16, 7);
const hashOf = (sequence: number, history = 'a'): Uint8Array => Buffer.alloc(32, `${history}${sequence}/`);
const pair = (sequence: number, history = 'a') => ({ sequence, hash: hashOf(sequence, history) });

function lane(oldest: number, next: number, changes: Partial<HelloLane> = {}): HelloLane {
  const held = Array.from({ length: next - oldest }, (_, i) => pair(oldest + i));
  return { lane: 'normal', epoch, oldestSequence: oldest, nextSequence: next, held, damaged: false, ...changes };
}

function committed(sequence: number, changes: Partial<LaneMark> = {}): LaneMark {
  const recent = Array.from({ length: sequence }, (_, i) => pair(i + 1));
  return { agentId: 'a', lane: 'normal', epoch: epoch.toString('hex'), sequence, hash: hashOf(sequence), recent, ...changes };
}

test('a lane goes on where the hub stands, when the agent still holds that batch', () => {
  const welcome = compareHistories(lane(3, 10), [committed(6)], false);

  expect(welcome).toMatchObject({ epochKnown: true, parted: false, commonSequence: 6, commonHash: hashOf(6), mustTellPositions: false });
  expect(welcome.goesOnAfter).toEqual(pair(6));
});

test('an agent that has freed everything is at the mark', () => {
  const welcome = compareHistories(lane(7, 7), [committed(6)], false);

  expect(welcome).toMatchObject({ parted: false, commonSequence: 6, commonHash: hashOf(6) });
});

test('an epoch that nobody knows begins, and positions are told', () => {
  const welcome = compareHistories(lane(1, 4), [committed(6, { epoch: '00'.repeat(16) })], false);

  expect(welcome).toMatchObject({ epochKnown: false, parted: false, commonSequence: 0, mayBegin: true, mustTellPositions: true });
  expect(welcome.goesOnAfter?.sequence).toBe(0);
});

test.each([
  ['the hub has committed what this machine has not made: rolled back', lane(3, 5), committed(9)],
  ['a held batch has another hash: cloned', lane(3, 9, { held: [pair(3), pair(4), pair(5, 'b')] }), committed(6)],
  ['the hub is older than anything the agent remembers: restored', lane(30, 35, { held: [pair(29), pair(30)] }), committed(6)],
  ['the epoch has been followed by another', lane(7, 7), committed(6)],
])('histories part when %s', (what, said, mark) => {
  const marks = what.startsWith('the epoch') ? [mark, committed(1, { epoch: '11'.repeat(16) })] : [mark];

  const welcome = compareHistories(said, marks, false);

  expect(welcome).toMatchObject({ epochKnown: true, parted: true, mustTellPositions: true, goesOnAfter: undefined });
});

test('the highest batch that both have is named even when histories part', () => {
  const welcome = compareHistories(lane(3, 9, { held: [pair(3), pair(4), pair(5, 'b')] }), [committed(6)], false);

  expect(welcome).toMatchObject({ commonSequence: 4, commonHash: hashOf(4) });
});

test('dropped batches between mark and buffer are no other history', () => {
  const welcome = compareHistories(lane(50, 60, { held: [pair(20), pair(50), pair(59)] }), [committed(20)], false);

  expect(welcome).toMatchObject({ parted: false, commonSequence: 20 });
  expect(welcome.goesOnAfter).toEqual(pair(20));
});

test('a sparse ladder is no other history: the agent sends again from its last rung', () => {
  const welcome = compareHistories(lane(1, 200, { held: [pair(64), pair(128), pair(199)] }), [committed(100)], false);

  expect(welcome).toMatchObject({ parted: false, commonSequence: 64 });
  expect(welcome.goesOnAfter).toEqual(pair(100));
});

test('a chain that was seen to part is welcomed as parted', () => {
  expect(compareHistories(lane(7, 9), [committed(6)], true)).toMatchObject({ parted: true, goesOnAfter: undefined });
});

test('a damaged lane is told positions', () => {
  expect(compareHistories(lane(7, 9, { damaged: true }), [committed(6)], false)).toMatchObject({ parted: false, mustTellPositions: true });
});
