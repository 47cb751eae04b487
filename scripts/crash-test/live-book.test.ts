import { expect, test } from 'vitest';
import { LiveBook, type SourceCounts } from './live-book.ts';

const counts = (streams: Readonly<Record<string, number>>): SourceCounts => ({
  sources: [],
  positions: Object.entries(streams).map(([stream, lineNumber]) => ({ source: 'udp', stream, offset: 0, lineNumber })),
});

test('what is durable of the streams of this process is owed, of the connection that sent it', () => {
  const book = new LiveBook();
  book.processBegan(counts({ before: 40 }));
  const first = book.open('udp');
  first.numbers.push(1, 2, 3);
  const second = book.open('udp');
  second.numbers.push(4, 5);

  book.learnBuffered(counts({ before: 40, own: 4 }));
  book.processEnded();

  expect([book.owed(first), book.owed(second)]).toEqual([0, 1]);
});

test('what the hub tells of an earlier process, after damage made the agent forget it, is nothing that this one owes', () => {
  const book = new LiveBook();
  book.processBegan(counts({}));
  book.open('udp');
  book.learnBuffered(counts({ before: 40 }));
  book.processBegan(counts({}));
  const connection = book.open('udp');
  connection.numbers.push(1, 2, 3);

  book.learnBuffered(counts({ before: 43, own: 1 }));
  book.processEnded();

  expect(book.owed(connection)).toBe(1);
});
