// What every Journal must do, whatever it stands on; fakes included. Call it inside a describe.
import { expect, test } from 'vitest';
import type { LaneName } from '../../proto/delivery.ts';
import type { Journal, JournalEntry, JournalWrite } from '../ports.ts';

export interface JournalUnderTest {
  /** Opens the same journal; called again after it was closed. */
  open(): Promise<Journal>;
}

const agentId = 'a'.repeat(32);
const epoch = 'e'.repeat(32);
const lane: LaneName = 'normal';

export function entryOf(sequence: number, changes: Partial<JournalEntry> = {}): JournalEntry {
  const counters = {
    linesRead: sequence * 10,
    linesFiltered: 0,
    linesTrimmed: 0,
    linesCut: 0,
    bytesRead: sequence * 500,
    bytesKept: 0,
    linesDropped: {},
  };
  return {
    agentId,
    lane,
    epoch,
    fromSequence: sequence,
    sequence,
    hash: new Uint8Array(32).fill(sequence % 256),
    receivedAtMs: 1_700_000_000_000,
    lineCount: 10,
    frame: Uint8Array.of(1, 2, sequence % 256),
    streams: [
      {
        sourceId: 'web',
        streamId: 's1',
        file: { device: 1, inode: 7, fingerprint: Uint8Array.of(4, 2), fingerprintBytes: 64 },
        offset: sequence * 500,
        lineNumber: sequence * 10,
        tailHash: Uint8Array.of(sequence % 256),
        cursor: '',
        counters,
      },
    ],
    ...changes,
  };
}

export async function take(journal: Journal, from: number, count: number): Promise<JournalWrite[]> {
  const writes: JournalWrite[] = [];
  if (count === 0) return writes;
  for await (const write of journal.read(from, new AbortController().signal)) {
    writes.push(write);
    if (writes.length === count) break;
  }
  return writes;
}

export function testJournal(makeJournal: () => Promise<JournalUnderTest>): void {
  testAppending(makeJournal);
  testReading(makeJournal);
  testMemory(makeJournal);
}

function testAppending(makeJournal: () => Promise<JournalUnderTest>): void {
  test('entries of one append are one write, numbered without gaps', async () => {
    const journal = await begun(makeJournal);

    const first = await journal.append([entryOf(1), entryOf(2)]);
    const second = await journal.append([entryOf(3)]);

    expect(first).toEqual({ write: 1, outcomes: ['written', 'written'] });
    expect(second).toEqual({ write: 2, outcomes: ['written'] });
    expect(journal.status()).toMatchObject({ next: 3, isFull: false });
    await journal.close();
  });

  test('a repeat is skipped, a gap and an unknown epoch are refused, and the rest of the append is written', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1)]);

    const stranger = entryOf(1, { epoch: 'f'.repeat(32) });
    const { outcomes } = await journal.append([entryOf(1), stranger, entryOf(2), entryOf(2), entryOf(4)]);

    expect(outcomes).toEqual(['repeat', 'other-epoch', 'written', 'repeat', 'gap']);
    expect((await take(journal, 2, 1))[0]?.entries.map(({ sequence }) => sequence)).toEqual([2]);
    await journal.close();
  });

  test('an append without anything new writes nothing', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1)]);

    expect(await journal.append([entryOf(1)])).toEqual({ write: 0, outcomes: ['repeat'] });
    expect(journal.status().next).toBe(2);
    await journal.close();
  });

  test('the same sequence with other bytes is another history, not a repeat', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1)]);

    const { outcomes } = await journal.append([entryOf(1, { hash: new Uint8Array(32).fill(99) })]);

    expect(outcomes).toEqual(['other-epoch']);
    await journal.close();
  });

  test('what follows a refused entry in its lane is refused with it, though its number fits', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1)]);

    const { outcomes } = await journal.append([entryOf(1, { hash: new Uint8Array(32).fill(99) }), entryOf(2), entryOf(3)]);

    expect(outcomes).toEqual(['other-epoch', 'other-epoch', 'other-epoch']);
    expect(await journal.laneMarks(agentId)).toMatchObject([{ sequence: 1 }]);
    await journal.close();
  });

  test('a hole that is said passes the sequences it names', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1)]);

    const lost = entryOf(5, { fromSequence: 2, lineCount: 0 });
    const { outcomes } = await journal.append([lost, entryOf(6)]);

    expect(outcomes).toEqual(['written', 'written']);
    await journal.close();
  });

  test('a new epoch begins at sequence 1 and the old one is refused from then on', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1), entryOf(2)]);
    const newer = 'd'.repeat(32);

    await journal.beginEpoch(agentId, lane, newer);
    const { outcomes } = await journal.append([entryOf(1, { epoch: newer }), entryOf(3)]);

    expect(outcomes).toEqual(['written', 'other-epoch']);
    expect((await journal.laneMarks(agentId)).map((mark) => [mark.epoch, mark.sequence])).toEqual([
      [epoch, 2],
      [newer, 1],
    ]);
    await journal.close();
  });
}

function testReading(makeJournal: () => Promise<JournalUnderTest>): void {
  test('what was written is read as it was, with the counters before it', async () => {
    const journal = await begun(makeJournal);
    await journal.append([entryOf(1)]);
    await journal.append([entryOf(2)]);

    const [first, second] = await take(journal, 1, 2);

    expect(first?.entries).toEqual([entryOf(1)]);
    expect(first?.before.size).toBe(0);
    expect(second?.before.get(`${agentId}/s1`)).toEqual(entryOf(1).streams[0]?.counters);
    await journal.close();
  });

  test('a reader at the end waits for the next write and ends when it is told to', async () => {
    const journal = await begun(makeJournal);
    const stop = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const write of journal.read(1, stop.signal)) {
        seen.push(write.number);
        if (seen.length === 2) stop.abort();
      }
    })();

    await journal.append([entryOf(1)]);
    await journal.append([entryOf(2)]);
    await reading;

    expect(seen).toEqual([1, 2]);
    await journal.close();
  });

  test('a replay sees the same counters before each write as the first reading', async () => {
    const place = await makeJournal();
    const journal = await beginIn(place);
    for (const sequence of [1, 2, 3]) await journal.append([entryOf(sequence)]);
    const before = await take(journal, 1, 3);
    await journal.close();

    const again = await place.open();

    expect(await take(again, 1, 3)).toEqual(before);
    await again.close();
  });
}

function testMemory(makeJournal: () => Promise<JournalUnderTest>): void {
  test('a repeat a week later is skipped, after everything was freed and the journal was opened anew', async () => {
    const place = await makeJournal();
    const journal = await beginIn(place);
    for (let sequence = 1; sequence <= 40; sequence++) await journal.append([entryOf(sequence)]);
    await journal.free(40);
    await journal.close();

    const again = await place.open();

    expect((await again.append([entryOf(40), entryOf(3)])).outcomes).toEqual(['repeat', 'repeat']);
    expect(await again.append([entryOf(41)])).toEqual({ write: 41, outcomes: ['written'] });
    await again.close();
  });

  test('marks say what is committed: sequence and hash of the lane, offset and counters of the stream', async () => {
    const place = await makeJournal();
    const journal = await beginIn(place);
    await journal.append([entryOf(1), entryOf(2)]);
    await journal.close();

    const again = await place.open();

    expect(await again.laneMarks(agentId)).toMatchObject([{ lane, epoch, sequence: 2, hash: entryOf(2).hash }]);
    expect((await again.laneMarks(agentId))[0]?.recent.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(await again.streamMarks(agentId)).toEqual([{ ...entryOf(2).streams[0], write: 1 }]);
    expect(await again.laneMarks('b'.repeat(32))).toEqual([]);
    await again.close();
  });
}

async function begun(makeJournal: () => Promise<JournalUnderTest>): Promise<Journal> {
  return beginIn(await makeJournal());
}

async function beginIn(place: JournalUnderTest): Promise<Journal> {
  const journal = await place.open();
  await journal.beginEpoch(agentId, lane, epoch);
  return journal;
}
