// More events than the store gives at once: page after page, each going on behind the last event of the one before.
// Promises: the order asked for, no event twice, at most `limit`; a page that is not whole ends it, and its reason is told.
import type { EventSearch, EventStore, SearchAnswer, StoredEvent } from './ports.ts';

const eventsPerPage = 1_000;

export async function searchInPages(
  store: Pick<EventStore, 'search'>,
  search: Omit<EventSearch, 'after'>,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  const events: StoredEvent[] = [];
  let tookMs = 0;
  let rowsRead = 0;
  for (;;) {
    const last = events.at(-1);
    const limit = Math.min(eventsPerPage, search.limit - events.length);
    const page = await store.search({ ...search, limit, ...(last ? { after: { timeMs: last.timeMs, id: last.id } } : {}) }, signal);
    events.push(...page.events);
    tookMs += page.tookMs;
    rowsRead += page.rowsRead;
    if (page.isPartial || page.events.length < limit || events.length >= search.limit) return { ...page, events, tookMs, rowsRead };
  }
}
