// The group commit alone: what a failed write does to its owners and to everybody else, and how it is bounded.
import { expect, test } from 'vitest';
import { settle, stepUntil, SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import type { JournalEntry } from '../ports.ts';
import { GroupCommit, type Committed } from './group-commit.ts';
import { MemoryJournal } from './testing/memory-journal.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function setUp(limits: { pendingBytesMax?: number } = {}) {
  const clock = new SteppedClock();
  const journal = new MemoryJournal(() => clock.nowMs());
  const stop = new AbortController();
  const groupCommit = new GroupCommit({ journal, clock, log: silent, ...limits });
  const running = groupCommit.run(stop.signal);
  for (const agent of ['a1', 'a2']) await journal.beginEpoch(agent, 'normal', '00'.repeat(16));
  return { clock, journal, stop, groupCommit, running };
}

function owner() {
  const done: Committed[] = [];
  let failures = 0;
  return {
    done,
    failures: () => failures,
    committed: (some: readonly Committed[]) => void done.push(...some),
    commitFailed: () => void failures++,
  };
}

function entry(agentId: string, sequence: number, bytes = 10): JournalEntry {
  return {
    agentId,
    lane: 'normal',
    epoch: '00'.repeat(16),
    fromSequence: sequence,
    sequence,
    hash: Buffer.alloc(32, sequence),
    receivedAtMs: 1,
    lineCount: 1,
    frame: new Uint8Array(bytes),
    streams: [],
  };
}

test('after a failed write, what its owners handed in later is thrown away, and that of others is written', async () => {
  const { clock, journal, groupCommit } = await setUp();
  const [served, other] = [owner(), owner()];
  let release = (): void => {};
  journal.gate = new Promise((resolve) => (release = resolve));
  journal.faults.push('fail');
  groupCommit.offer(served, entry('a1', 1));
  await clock.step(10);
  groupCommit.offer(served, entry('a1', 2));
  groupCommit.offer(other, entry('a2', 1));

  release();
  await stepUntil(clock, () => other.done.length === 1);

  expect([served.failures(), other.failures()]).toEqual([1, 0]);
  expect(served.done).toEqual([]);
  expect(journal.writes.flatMap(({ entries }) => entries.map(({ agentId }) => agentId))).toEqual(['a2']);
});

test('after an entry that the journal refused, what its owner handed in later is thrown away', async () => {
  const { clock, journal, groupCommit } = await setUp();
  const asker = owner();
  let release = (): void => {};
  journal.gate = new Promise((resolve) => (release = resolve));
  groupCommit.offer(asker, entry('a1', 2));
  await clock.step(10);
  groupCommit.offer(asker, entry('a1', 1));

  release();
  await stepUntil(clock, () => asker.done.length === 1);
  await clock.step(1_000);

  expect(asker.done.map(({ outcome }) => outcome)).toEqual(['gap']);
  expect(journal.writes).toEqual([]);
});

test('whoever asks for room waits while too much waits for the journal', async () => {
  const { clock, groupCommit, stop } = await setUp({ pendingBytesMax: 100 });
  const asker = owner();
  let hasRoom = false;
  groupCommit.offer(asker, entry('a1', 1, 150));
  void groupCommit.room(stop.signal).then(() => (hasRoom = true));
  await settle();
  expect(hasRoom).toBe(false);

  await stepUntil(clock, () => asker.done.length === 1);

  expect(hasRoom).toBe(true);
});

test('a stop lets the write in hand finish and throws away what waits', async () => {
  const { clock, journal, groupCommit, stop, running } = await setUp();
  const asker = owner();
  let release = (): void => {};
  journal.gate = new Promise((resolve) => (release = resolve));
  groupCommit.offer(asker, entry('a1', 1));
  await clock.step(10);
  groupCommit.offer(asker, entry('a1', 2));

  stop.abort();
  release();
  await running;

  expect(asker.done.map(({ entry }) => entry.sequence)).toEqual([1]);
  expect(groupCommit.load().pendingShare).toBe(0);
});
