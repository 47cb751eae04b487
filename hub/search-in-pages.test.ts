import { expect, test } from 'vitest';
import type { EventSearch, SearchAnswer } from './ports.ts';
import { searchInPages } from './search-in-pages.ts';

const signal = new AbortController().signal;
const everything = { where: { is: 'all' }, sinceMs: 0, untilMs: 10_000, newestFirst: false } as const;

/** A store that gives a thousand at most, as the real one does. */
function storeOf(count: number, cutAt = Infinity): { search(search: EventSearch): Promise<SearchAnswer> } {
  const events = Array.from({ length: count }, (_, at) => ({
    id: String(at),
    timeMs: at,
    createdMs: at,
    ingestedMs: at,
    fields: {},
    raw: `line ${at}`,
  }));
  return {
    search: async ({ limit, after }) => {
      const from = after ? Number(after.id) + 1 : 0;
      const isPartial = from >= cutAt;
      return {
        events: events.slice(from, from + Math.min(limit, 1_000)),
        isPartial,
        reason: isPartial ? 'cut' : '',
        tookMs: 1,
        rowsRead: 10,
      };
    },
  };
}

test('a search for more than the store gives at once is answered whole and in order', async () => {
  const { events, tookMs, isPartial } = await searchInPages(storeOf(3_500), { ...everything, limit: 10_000 }, signal);

  expect(events.map(({ id }) => Number(id))).toEqual(Array.from({ length: 3_500 }, (_, at) => at));
  expect({ tookMs, isPartial }).toEqual({ tookMs: 4, isPartial: false });
});

test('the limit holds, within a page and across pages', async () => {
  expect((await searchInPages(storeOf(3_500), { ...everything, limit: 7 }, signal)).events).toHaveLength(7);
  expect((await searchInPages(storeOf(3_500), { ...everything, limit: 2_100 }, signal)).events).toHaveLength(2_100);
});

test('a page that is not whole ends the search and says why', async () => {
  const answer = await searchInPages(storeOf(3_500, 1_000), { ...everything, limit: 10_000 }, signal);

  expect(answer).toMatchObject({ isPartial: true, reason: 'cut' });
  expect(answer.events).toHaveLength(2_000);
});
