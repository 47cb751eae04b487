// What every event store must do, as one suite: run on chDB and on the memory of tests and simulation, later on a cluster.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlockFiles, BlockRecord, EventStore, SearchNode } from '../../ports.ts';
import type { LedgerRow } from '../native/ledger-file.ts';
import { expectedEvent, type SampleRow, sampleAgent, sampleLedgerRow, sampleRow, sampleTimeMs } from './sample-rows.ts';

export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Makes the files of a block. */
  write(block: number, rows: readonly SampleRow[], ledger: readonly LedgerRow[]): Promise<BlockFiles>;
  /** Closes and opens again on the same rows. */
  reopen(): Promise<EventStore>;
  dispose(): Promise<void>;
}

type Subject = () => EventStoreUnderTest;
const signal = new AbortController().signal;
const always: SearchNode = { is: 'all' };
const whole = { where: always, sinceMs: 0, untilMs: 4_000_000_000_000, limit: 100, newestFirst: true };

export function blockOf(number: number, parts: Partial<BlockRecord> = {}): BlockRecord {
  return { number, fromWrite: number, toWrite: number, day: '2026-11-24', eventRows: 3, ledgerRows: 1, attempt: 1, ...parts };
}

export function eventStoreContract(name: string, open: () => Promise<EventStoreUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let subject: EventStoreUnderTest;
    beforeEach(async () => void (subject = await open()));
    afterEach(async () => await subject.dispose());
    inserting(() => subject);
    removing(() => subject);
    searching(() => subject);
    counting(() => subject);
  });
}

async function insert(subject: Subject, block: BlockRecord, rows = threeRows(block.number)): Promise<void> {
  await subject().store.insert(block, await subject().write(block.number, rows, [sampleLedgerRow()]));
}

function threeRows(sequence: number): SampleRow[] {
  return [0, 1, 2].map((index) => sampleRow(sequence, index, { timeMs: sampleTimeMs + sequence * 1_000 + index }));
}

function inserting(subject: Subject): void {
  test('a block inserted is wholly there, also after a restart', async () => {
    await insert(subject, blockOf(1));

    const reopened = await subject().reopen();

    expect(await reopened.presence(blockOf(1))).toBe('all');
    expect(await reopened.presence(blockOf(2))).toBe('none');
    expect((await reopened.search(whole, signal)).events).toHaveLength(3);
  });

  test('a block with fewer rows than written down is told as some', async () => {
    await insert(subject, blockOf(1));

    expect(await subject().store.presence(blockOf(1, { eventRows: 4 }))).toBe('some');
    expect(await subject().store.presence(blockOf(1, { ledgerRows: 2 }))).toBe('some');
  });

  test('a block with ledger rows alone, or with nothing, is all there', async () => {
    const block = blockOf(1, { eventRows: 0 });

    await subject().store.insert(block, await subject().write(1, [], [sampleLedgerRow()]));
    await subject().store.insert(blockOf(2, { eventRows: 0, ledgerRows: 0 }), { events: [], ledger: [] });

    expect(await subject().store.presence(block)).toBe('all');
    expect(await subject().store.presence(blockOf(2, { eventRows: 0, ledgerRows: 0 }))).toBe('all');
  });
}

function removing(subject: Subject): void {
  test('a block removed and inserted anew under a fresh attempt is there once', async () => {
    await insert(subject, blockOf(1));
    await insert(subject, blockOf(2));

    await subject().store.removeBlock(blockOf(1));
    const afterRemoval = await subject().store.presence(blockOf(1));
    await insert(subject, blockOf(1, { attempt: 2 }));

    expect(afterRemoval).toBe('none');
    expect(await subject().store.presence(blockOf(1))).toBe('all');
    expect(await subject().store.presence(blockOf(2))).toBe('all');
    expect((await subject().store.search(whole, signal)).events).toHaveLength(6);
  });

  test('blocks above the last one remembered are removed at start', async () => {
    for (const number of [1, 2, 3]) await insert(subject, blockOf(number));

    expect(await subject().store.removeBlocksAbove(1)).toBe(8);

    expect(await subject().store.removeBlocksAbove(1)).toBe(0);
    expect(await subject().store.presence(blockOf(1))).toBe('all');
    expect(await subject().store.presence(blockOf(3))).toBe('none');
  });

  test('days of commit before a day are dropped whole, the others stay', async () => {
    await insert(subject, blockOf(1, { day: '2026-11-22' }));
    await insert(subject, blockOf(2, { day: '2026-11-23' }));
    await insert(subject, blockOf(3, { day: '2026-11-24' }));

    expect(await subject().store.expireBefore('2026-11-24')).toBe(2);

    expect((await subject().store.status()).rows).toBe(3);
    expect(await subject().store.presence(blockOf(3))).toBe('all');
  });
}

function searching(subject: Subject): void {
  test('events come back as they were given, newest first, and by id', async () => {
    const rows = [
      sampleRow(1, 0, {
        raw: 'Failed password for root from 203.0.113.7 \0 é',
        fields: {
          'source.ip': '203.0.113.7',
          'source.port': 0,
          'event.category': ['authentication'],
          'related.ip': ['203.0.113.7'],
          'user.name': '',
        },
        extras: [['odd name', "it's"]],
        problem: 'no time',
      }),
      sampleRow(1, 1),
    ];
    await insert(subject, blockOf(1, { eventRows: 2 }), rows);
    const expected = rows.map(expectedEvent);

    const answer = await subject().store.search(whole, signal);

    expect(answer.events).toEqual([expected[1], expected[0]]);
    expect(answer).toMatchObject({ isPartial: false, reason: '' });
    expect(await subject().store.get([expected[0]?.id ?? '', 'nonsense'], signal)).toEqual([expected[0]]);
  });

  test('pages follow each other without a gap or a repeat, in either order', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => sampleRow(1, index, { timeMs: sampleTimeMs + Math.floor(index / 4) }));
    await insert(subject, blockOf(1, { eventRows: 9 }), rows);
    for (const newestFirst of [true, false]) {
      const seen: string[] = [];
      for (let after: { timeMs: number; id: string } | undefined; ;) {
        const { events } = await subject().store.search({ ...whole, limit: 2, newestFirst, ...(after ? { after } : {}) }, signal);
        seen.push(...events.map((event) => event.id));
        after = events.at(-1);
        if (!after) break;
      }
      expect(seen).toEqual(rows.map((row) => expectedEvent(row).id)[newestFirst ? 'toReversed' : 'slice']());
    }
  });

  test('only events within the time range are found and counted', async () => {
    await insert(subject, blockOf(1));
    const range = { where: always, sinceMs: sampleTimeMs + 1_001, untilMs: sampleTimeMs + 1_002 };

    expect((await subject().store.search({ ...whole, ...range }, signal)).events).toHaveLength(1);
    expect(await subject().store.histogram({ ...range, untilMs: sampleTimeMs + 9_000 }, 1_000, signal)).toEqual([
      { timeMs: sampleTimeMs + 1_000, count: 2 },
    ]);
  });

  test('a search aborted before it began is not begun', async () => {
    const aborted = AbortSignal.abort(new Error('left the page'));

    await expect(subject().store.search(whole, aborted)).rejects.toThrow('left the page');
  });
}

function counting(subject: Subject): void {
  test('the ledger sums by agent and source, from a minute on', async () => {
    const ledger = [sampleLedgerRow(), sampleLedgerRow({ streamId: 'other' }), sampleLedgerRow({ minuteMs: sampleTimeMs - 120_000 })];
    await subject().store.insert(blockOf(1, { eventRows: 0, ledgerRows: 3 }), await subject().write(1, [], ledger));

    expect(await subject().store.ledger(sampleTimeMs, signal)).toEqual([
      {
        agentId: sampleAgent,
        sourceId: 'auth',
        linesRead: 20,
        linesStored: 14,
        linesFiltered: 4,
        linesDropped: 2,
        linesLost: 0,
        linesTrimmed: 6,
        bytesRead: 1_800,
        bytesKept: 1_000,
      },
    ]);
  });

  test('the status tells that it is up and how many events it holds', async () => {
    await insert(subject, blockOf(1));

    expect(await subject().store.status()).toMatchObject({ isUp: true, rows: 3 });
  });
}
