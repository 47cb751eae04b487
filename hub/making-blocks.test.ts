import { expect, test } from 'vitest';
import { SteppedClock, settle } from '../proto/runtime/testing/stepped-clock.ts';
import type { Worked } from './line-work.ts';
import { MakingBlocks } from './making-blocks.ts';
import type { JournalWrite } from './ports.ts';
import { memoryState } from './state/memory-state.ts';
import { BlockKeeper } from './store/blocks.ts';
import { MemoryStore } from './store/testing/memory-store.ts';
import { InProcessLines } from './testing/in-process-lines.ts';
import { SentBatches } from './testing/sent-batch.ts';

test('a block that falls due while a write waits to be worked is sealed with the rows of that write', async () => {
  const clock = new SteppedClock(Date.UTC(2026, 10, 24, 12));
  const store = new MemoryStore();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const keeper = new BlockKeeper({ state: memoryState(), store, clock, log });
  const { signal } = new AbortController();
  const opened = await keeper.open(signal);
  const lines = new InProcessLines(store);
  const failures: unknown[] = [];
  const blocks = new MakingBlocks({
    ...opened,
    keeper,
    lines,
    clock,
    signal,
    writeLedger: async () => 'none',
    onStored: () => undefined,
    onFailed: (error) => failures.push(error),
  });
  const entry = new SentBatches().next(['one', 'two'], clock.nowMs());
  const write: JournalWrite = { number: 1, committedAtMs: clock.nowMs(), entries: [entry], before: new Map() };

  const block = blocks.place(write);
  // Work is held up, by a slow State after an unclean stop, until the block is long due.
  await clock.step(60_000);
  blocks.tick();
  const work = {
    is: 'work',
    write: 1,
    committedAtMs: 0,
    entries: [entry],
    block,
    detect: false,
    poison: [],
    rawRows: false,
    careful: false,
  };
  const working: Promise<Worked> = lines.work({ ...work, is: 'work' }, () => Promise.resolve());
  blocks.note(write, working);
  blocks.tick();
  await blocks.settled();
  await settle();

  expect(failures).toEqual([]);
  expect(store.events.map(({ raw }) => raw)).toEqual(['one', 'two']);
});
