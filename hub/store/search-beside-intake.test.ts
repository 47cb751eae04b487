// Searches that want more than there is, beside inserts, on the real engine.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SearchNode } from '../ports.ts';
import type { ChdbStore, ChdbStoreOptions } from './chdb-store.ts';
import { blockOf } from './testing/event-store-contract.ts';
import { openTestStore, storeFolder, writeBlock } from './testing/open-test-store.ts';
import { sampleLedgerRow, sampleRow, sampleTimeMs } from './testing/sample-rows.ts';

const signal = new AbortController().signal;
const wide = { sinceMs: 0, untilMs: 4_000_000_000_000, limit: 10, newestFirst: true };
const aMinute = { ...wide, sinceMs: sampleTimeMs, untilMs: sampleTimeMs + 60_000 };
const rowsPerBlock = 20_000;
let place: ReturnType<typeof storeFolder>;
let store: ChdbStore;
beforeEach(() => {
  place = storeFolder();
});
afterEach(async () => {
  await store.close();
  place.remove();
});

/** Finds nothing and no index helps: every row is compared with sixty patterns. */
function runaway(number: number): SearchNode {
  const of = Array.from({ length: 60 }, (_, at) => ({ is: 'text', value: `*zq*${number}x*q${at}z*`, phrase: false }) as const);
  return { is: 'or', of };
}

async function insert(block: number): Promise<void> {
  const rows = Array.from({ length: rowsPerBlock }, (_, index) =>
    sampleRow(block, index, { raw: `line ${block}.${index} ${'lorem ipsum '.repeat(40)}` }),
  );
  await store.insert(blockOf(block, { eventRows: rows.length }), await writeBlock(place.folder, block, rows, [sampleLedgerRow()]));
}

async function openWith(blocks: number, options: Partial<ChdbStoreOptions> = {}): Promise<void> {
  store = await openTestStore(place.folder, options);
  for (let block = 1; block <= blocks; block++) await insert(block);
}

test('while intake is behind a search that runs away stands still, blocks are stored, and its answer says so', async () => {
  await openWith(5, { readerLimits: { secondsMax: 3 } });
  store.heedIntake(() => 60_000);

  const searching = store.search({ ...wide, where: runaway(1) }, signal);
  await insert(6);
  const answer = await searching;

  expect(await store.presence(blockOf(6, { eventRows: rowsPerBlock }))).toBe('all');
  expect(answer.isPartial).toBe(true);
  expect(answer.reason).toMatch(/^stopped after 3 s, \d of which it gave way to lines that come in faster than they are stored; /);
  expect(answer.reason).toContain('narrow the time range, or search again when the hub has caught up');
});

test('counts that were not finished because intake was behind are refused, not shown as if they were whole', async () => {
  await openWith(5, { readerLimits: { secondsMax: 3 } });
  store.heedIntake(() => 60_000);

  await expect(store.histogram({ ...wide, where: runaway(2) }, 60_000, signal)).rejects.toMatchObject({
    code: 'COUNTS_CUT',
    message: expect.stringContaining('gave way'),
  });
});

test('while intake keeps up the same search runs to its end', async () => {
  await openWith(5, { readerLimits: { secondsMax: 300 } });
  store.heedIntake(() => 100);

  const answer = await store.search({ ...wide, where: runaway(3) }, signal);

  expect(answer).toMatchObject({ isPartial: false, reason: '', rowsRead: 5 * rowsPerBlock });
});

test('a search for what happened last is answered while others run away and intake is behind', async () => {
  await openWith(2, { readers: 1 });
  store.heedIntake(() => 60_000);
  const leaving = new AbortController();
  const others = [4, 5, 6].map((number) =>
    store.search({ ...wide, where: runaway(number) }, leaving.signal).catch((error: unknown) => error),
  );

  const answer = await store.search({ ...aMinute, where: { is: 'all' } }, signal);

  expect(answer.events).toHaveLength(10);
  leaving.abort(new Error('left the page'));
  for (const other of await Promise.all(others)) expect(other).toMatchObject({ message: 'left the page' });
});

test('ten searches at once take turns and are all answered, and blocks are stored meanwhile', async () => {
  await openWith(1, { readerLimits: { secondsMax: 300 } });

  const where = (at: number): SearchNode => ({ is: 'text', value: `*zq*${at}x*`, phrase: false });
  const searching = Promise.all(Array.from({ length: 10 }, (_, at) => store.search({ ...wide, where: where(at) }, signal)));
  await insert(2);
  const answers = await searching;

  expect(await store.presence(blockOf(2, { eventRows: rowsPerBlock }))).toBe('all');
  expect(answers.map(({ reason }) => reason)).toEqual(new Array<string>(10).fill(''));
});

test('a search that needs more memory than it may have is refused with the remedy; the engine and inserts go on', async () => {
  await openWith(2, { readerLimits: { memoryBytesMax: 1024 * 1024 } });
  const pid = store.enginePid;

  const refused = store.histogram({ ...wide, where: { is: 'all' } }, 1, signal).catch((error: unknown) => error);
  await insert(3);

  expect(await refused).toMatchObject({ code: 'STORE_MEMORY', message: expect.stringContaining('narrow the search') });
  expect(await store.presence(blockOf(3, { eventRows: rowsPerBlock }))).toBe('all');
  expect(store.enginePid).toBe(pid);
  expect((await store.status()).restarts).toBe(0);
});
