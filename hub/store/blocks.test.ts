import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../proto/runtime/clock.ts';
import { type MemoryState, memoryState } from '../state/memory-state.ts';
import { BlockKeeper, type NewBlock } from './blocks.ts';
import { type OpenBlockPlan, blockLimits, commitDay, mustSealBefore, mustSealNow } from './block-plan.ts';
import { type InsertFault, MemoryStore } from './testing/memory-store.ts';
import { quietLog } from './testing/open-test-store.ts';
import { expectedEvent, sampleLedgerRow, sampleRow } from './testing/sample-rows.ts';

const signal = new AbortController().signal;
/** Pauses pass at once: only their order matters here. */
const hasty: Clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined };
const day = '2026-11-24';
const rowsPerWrite = 3;

function keeperOn(state: MemoryState, store: MemoryStore): BlockKeeper {
  return new BlockKeeper({ state, store, clock: hasty, log: quietLog });
}

/** What the pipeline does: rows of the journal writes of a block, the same whenever it is asked. */
function filesOf(store: MemoryStore, { fromWrite, toWrite }: Pick<NewBlock, 'fromWrite' | 'toWrite'>) {
  const writes = Array.from({ length: toWrite - fromWrite + 1 }, (_, at) => fromWrite + at);
  const rows = writes.flatMap((write) => Array.from({ length: rowsPerWrite }, (_, index) => expectedEvent(sampleRow(write, index))));
  store.eventFiles.set(`events-${fromWrite}`, rows);
  store.ledgerFiles.set(`ledger-${fromWrite}`, [sampleLedgerRow()]);
  return { events: [`events-${fromWrite}`], ledger: [`ledger-${fromWrite}`] };
}

function newBlock(fromWrite: number, toWrite: number): NewBlock {
  return { fromWrite, toWrite, day, eventRows: (toWrite - fromWrite + 1) * rowsPerWrite, ledgerRows: 1 };
}

/** Writes stored, each with how often its rows are there. */
function copies(store: MemoryStore, writes: number): number[] {
  return Array.from({ length: writes }, (_, at) => store.events.filter((event) => event.id.includes(`:normal:${at + 1}:`)).length);
}

describe('the block keeper', () => {
  test.each<[InsertFault, number]>([
    ['before', 2],
    ['token-only', 2],
    ['part', 2],
    ['after', 1],
  ])('an insert that fails %s is settled and the rows are there once', async (fault, attempts) => {
    const asked: number[] = [];
    const store = new MemoryStore({ insertFault: (block) => (asked.push(block.attempt) === 1 ? fault : 'none') });
    const keeper = keeperOn(memoryState(), store);
    await keeper.open(signal);

    const block = await keeper.begin(newBlock(1, 2));
    await keeper.store(block, filesOf(store, block), signal);

    expect(copies(store, 2)).toEqual([rowsPerWrite, rowsPerWrite]);
    expect(store.ledgerRows).toHaveLength(1);
    expect(asked).toHaveLength(attempts);
    expect(keeper.confirmedThrough).toBe(2);
  });

  test('nothing is inserted before its bounds are written down', async () => {
    const state = memoryState();
    const keeper = keeperOn(state, new MemoryStore());
    await keeper.open(signal);
    state.failNextPut('before');

    await expect(keeper.begin(newBlock(1, 2))).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED' });

    expect(await keeper.begin(newBlock(1, 2))).toMatchObject({ number: 1 });
  });

  test('a number whose write failed after it took effect is not given twice', async () => {
    const state = memoryState();
    const keeper = keeperOn(state, new MemoryStore());
    await keeper.open(signal);
    state.failNextPut('after');

    const first = await keeper.begin(newBlock(1, 2));
    const second = await keeper.begin(newBlock(3, 3));

    expect([first.number, second.number]).toEqual([1, 2]);
  });

  test('after a crash pending blocks come back with exactly their bounds, stored ones are settled', async () => {
    const state = memoryState();
    const store = new MemoryStore();
    const keeper = keeperOn(state, store);
    await keeper.open(signal);
    const first = await keeper.begin(newBlock(1, 2));
    const second = await keeper.begin(newBlock(3, 7));
    await store.insert(first, filesOf(store, first));

    const opened = await keeperOn(state.crash(), store).open(signal);

    expect(opened).toEqual({ confirmedThrough: 2, pending: [second] });
  });

  test('rows of blocks that a restored state does not remember are removed', async () => {
    const store = new MemoryStore();
    const keeper = keeperOn(memoryState(), store);
    await keeper.open(signal);
    const block = await keeper.begin(newBlock(1, 2));
    await keeper.store(block, filesOf(store, block), signal);

    await keeperOn(memoryState(), store).open(signal);

    expect(store.events).toEqual([]);
  });

  test('blocks handed in at once are confirmed in order', async () => {
    const store = new MemoryStore();
    const keeper = keeperOn(memoryState(), store);
    await keeper.open(signal);
    const blocks = [await keeper.begin(newBlock(1, 1)), await keeper.begin(newBlock(2, 2))];

    await Promise.all(blocks.map((block) => keeper.store(block, filesOf(store, block), signal)));

    expect(keeper.confirmedThrough).toBe(2);
    await expect(keeper.begin(newBlock(5, 5))).rejects.toThrow('expected 3');
  });

  test('rows that the engine refuses again and again are told, not tried forever', async () => {
    const store = new MemoryStore({ insertFault: () => 'refused' });
    const keeper = keeperOn(memoryState(), store);
    await keeper.open(signal);
    const block = await keeper.begin(newBlock(1, 1));

    await expect(keeper.store(block, filesOf(store, block), signal)).rejects.toMatchObject({ code: 'BLOCK_REFUSED' });
    expect(keeper.confirmedThrough).toBe(0);
  });

  test('blocks behind one that is given up are given up for the same reason, none is inserted before it', async () => {
    const store = new MemoryStore({ insertFault: ({ number }) => (number === 1 ? 'refused' : 'none') });
    const keeper = keeperOn(memoryState(), store);
    await keeper.open(signal);
    const blocks = [await keeper.begin(newBlock(1, 2)), await keeper.begin(newBlock(3, 4))];

    const outcomes = await Promise.allSettled(blocks.map((block) => keeper.store(block, filesOf(store, block), signal)));

    expect(outcomes).toMatchObject([{ reason: { code: 'BLOCK_REFUSED' } }, { reason: { code: 'BLOCK_REFUSED' } }]);
    expect(store.events).toEqual([]);
  });

  test('whatever fails and whenever the hub dies, every write is stored exactly once', async () => {
    const fault = fc.constantFrom<InsertFault[]>('none', 'none', 'before', 'token-only', 'part', 'after');
    const step = fc.record({
      writes: fc.integer({ min: 1, max: 4 }),
      dies: fc.constantFrom('no', 'no', 'bounds', 'insert', 'inflight'),
      isKept: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.array(fault, { maxLength: 40 }), async (steps, faults) => {
        const store = new MemoryStore({ insertFault: () => faults.shift() ?? 'none' });
        await live(store, steps);
        const writes = steps.reduce((sum, one) => sum + one.writes, 0);
        expect(copies(store, writes)).toEqual(new Array<number>(writes).fill(rowsPerWrite));
        expect(store.ledgerRows).toHaveLength(steps.length);
      }),
      { numRuns: 500 },
    );
  });
});

interface Step {
  readonly writes: number;
  readonly dies: string;
  readonly isKept: boolean;
}

/** One block a step; where a step dies, a new keeper goes on from what the state remembers. */
async function live(store: MemoryStore, steps: readonly Step[]): Promise<void> {
  let state = memoryState();
  let keeper = keeperOn(state, store);
  await keeper.open(signal);
  let next = 1;
  for (const { writes, dies, isKept } of steps) {
    const block = await keeper.begin(newBlock(next, next + writes - 1));
    next += writes;
    const left = new AbortController();
    if (dies === 'insert') await store.insert(block, filesOf(store, block)).catch(() => undefined);
    const inFlight = dies === 'inflight' ? keeper.store(block, filesOf(store, block), left.signal).catch(() => undefined) : undefined;
    if (dies === 'no') await keeper.store(block, filesOf(store, block), signal);
    else {
      left.abort();
      state = state.crash(isKept ? 'kept' : 'lost');
      store.hubDied();
      await inFlight;
      keeper = keeperOn(state, store);
      const { pending } = await keeper.open(signal);
      for (const record of pending) await keeper.store(record, filesOf(store, record), signal);
    }
    expect(keeper.confirmedThrough).toBe(next - 1);
  }
}

describe('the plan of blocks', () => {
  const open: OpenBlockPlan = { day, openedAtMs: 1_000, rows: 100, writes: 2, bytes: 100 };

  test('no block spans two days', () => {
    expect(mustSealBefore(open, { day: commitDay(Date.UTC(2026, 10, 25)), rows: 1, bytes: 1 })).toBe(true);
    expect(mustSealBefore(open, { day: commitDay(Date.UTC(2026, 10, 24, 23, 59, 59, 999)), rows: 1, bytes: 1 })).toBe(false);
    expect(mustSealBefore({ ...open, writes: 0, rows: 0 }, { day: '2026-11-25', rows: 9e9, bytes: 1 })).toBe(false);
  });

  test('a block closes when it is large enough or old enough', () => {
    expect(mustSealBefore(open, { day, rows: blockLimits.rowsAim, bytes: 1 })).toBe(true);
    expect(mustSealNow(open, 1_000 + blockLimits.fewWaitMs)).toBe(true);
    const many = { ...open, rows: blockLimits.fewRows };
    expect(mustSealNow(many, 1_000 + blockLimits.fewWaitMs)).toBe(false);
    expect(mustSealNow(many, 1_000 + blockLimits.waitMs)).toBe(true);
    expect(mustSealNow(open, 1_001)).toBe(false);
    expect(mustSealNow({ ...open, writes: 0 }, 99_999)).toBe(false);
  });
});
