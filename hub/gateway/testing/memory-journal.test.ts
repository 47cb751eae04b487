// The gateway's tests stand on this fake, so it keeps the promises that the real journal keeps.
import { describe } from 'vitest';
import { testJournal } from '../../journal/journal-suite.ts';
import { MemoryJournal } from './memory-journal.ts';

describe('a journal in memory', () => {
  testJournal(async () => {
    const journal = new MemoryJournal(() => 1_700_000_000_000);
    return { open: async () => journal };
  });
});
