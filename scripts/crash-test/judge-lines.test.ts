// The oracle of the crash test, on cases in which somebody lost, doubled or mixed up lines: it has to say so.
import { expect, test } from 'vitest';
import { checkLedger } from './check-ledger.ts';
import { judgeLines, type Verdict } from './judge-lines.ts';
import { LiveBook } from './live-book.ts';
import type { LiveName, SourceName } from './sources.ts';
import type { WrittenLine } from './written-lines.ts';

const idOf = (sequence: number, lane = 'first'): string => `${'0'.repeat(32)}:${'a'.repeat(32)}:${lane}:${sequence}:0`;

function linesOf(source: SourceName, count: number, run: string = source): WrittenLine[] {
  return Array.from({ length: count }, (_, number) => ({
    number,
    source,
    text: `line${number}`,
    timeMs: number,
    part: undefined,
    isNoise: false,
    run,
  }));
}

interface Case {
  readonly source?: LiveName;
  /** Numbers in the store, in the order in which they stand there. */
  readonly stored: readonly number[];
  /** As the agent's status said it before the kill. */
  readonly buffered: number;
  readonly isKilled?: boolean;
  readonly dropped?: number;
}

function judge({ source = 'tcp', stored, buffered, isKilled = true, dropped = 0 }: Case): Verdict {
  const book = new LiveBook();
  book.processBegan({ sources: [], positions: [{ source, stream: 'of before', offset: 0, lineNumber: 40 }] });
  const connection = book.open(source);
  connection.numbers.push(0, 1, 2, 3, 4, 5);
  book.learnBuffered({
    sources: [],
    positions: [
      { source, stream: 'of before', offset: 0, lineNumber: 40 },
      { source, stream: 'of now', offset: 0, lineNumber: buffered },
    ],
  });
  if (isKilled) book.processEnded();
  return judgeLines({
    lines: linesOf(source, 6, connection.run),
    ids: new Map(stored.map((number, at) => [number, idOf(at + 1)])),
    holes: [],
    connections: book.connections,
    owed: (one) => book.owed(one),
    dropped: new Map([['udp', dropped]]),
  });
}

const lostIn = (one: Case): number[] => judge(one).lost.map(({ number }) => number);

test('of a live source the end of a connection may die with the agent, nothing else', () => {
  expect(judge({ stored: [0, 1, 2], buffered: 3 })).toMatchObject({ lost: [], unpromised: 3 });
  expect(lostIn({ stored: [0, 1], buffered: 3 })).toEqual([2]);
  expect(lostIn({ stored: [0, 2, 3], buffered: 0 })).toEqual([1]);
  expect(lostIn({ stored: [0, 1, 2, 3, 4], buffered: 2, isKilled: false })).toEqual([5]);
});

test('datagrams that were counted as dropped may be missing anywhere, and no more than were counted', () => {
  expect(lostIn({ source: 'udp', stored: [0, 2, 4, 5], buffered: 4, dropped: 2 })).toEqual([]);
  expect(lostIn({ source: 'udp', stored: [0, 2, 4, 5], buffered: 4, dropped: 1 })).toEqual([3]);
});

test('lines of one connection in another order are told', () => {
  expect(judge({ stored: [0, 1, 3, 2], buffered: 4 }).disordered).toEqual(['tcp 0']);
});

test('of two connections to one process the second owes what is beyond the first', () => {
  const book = new LiveBook();
  book.processBegan({ sources: [], positions: [] });
  const [first, second] = [book.open('tcp'), book.open('tcp')];
  first.numbers.push(0, 1, 2);
  second.numbers.push(3, 4, 5);

  book.learnBuffered({ sources: [], positions: [{ source: 'tcp', stream: 'a', offset: 0, lineNumber: 4 }] });

  expect(second.surely).toBe(1);
});

test('a clean stop owes what was received, without what was counted as dropped', () => {
  const book = new LiveBook();
  book.processBegan({ sources: [], positions: [] });
  const connection = book.open('udp');
  connection.numbers.push(0, 1, 2, 3);

  book.learnReceived({ sources: [{ sourceId: 'udp', linesRead: 4, linesDropped: { kernel: 1 } }], positions: [] });
  book.processEnded();

  expect(book.owed(connection)).toBe(3);
});

test('the kernel’s log may hold what others wrote: of that the ledger has to balance and to say what is stored', () => {
  const lines = linesOf('kmsg', 2);
  const ids = new Map([0, 1].map((number) => [number, idOf(number + 1, 'normal')]));
  const right = { sourceId: 'kmsg', linesRead: 9, linesStored: 2, linesFiltered: 7, linesDropped: 0, linesLost: 0, gap: 0 };
  const problems = (row: Partial<typeof right>): number => checkLedger([{ ...right, ...row }], { lines, ids, hasDamage: false }).length;

  expect(problems({})).toBe(0);
  expect(problems({ linesRead: 8, gap: 1 })).toBe(1);
  expect(problems({ linesStored: 3, linesFiltered: 6 })).toBe(1);
});

test('a ledger that does not balance, or does not say what is stored, is told', () => {
  const lines = linesOf('auth', 3);
  const ids = new Map([0, 1, 2].map((number) => [number, idOf(number + 1, 'normal')]));
  const right = { sourceId: 'auth', linesRead: 3, linesStored: 3, linesFiltered: 0, linesDropped: 0, linesLost: 0, gap: 0 };
  const problems = (row: Partial<typeof right>): number => checkLedger([{ ...right, ...row }], { lines, ids, hasDamage: false }).length;

  expect(problems({})).toBe(0);
  expect(problems({ linesStored: 2, gap: 1 })).toBe(1);
  expect(problems({ linesRead: 4, linesFiltered: 1 })).toBe(1);
  expect(problems({ linesStored: 2, linesLost: 1 })).toBe(1);
});
