// Tickets as a list: filtered, the latest change first, paged by the id of the last one seen. Pure, over summaries.
// When the ticket that a page began behind has changed meanwhile, it has moved to the front; the next page then begins
// behind its new place, so a reader may see a ticket twice but misses none that did not change.
import type { TicketSummary } from './ticket.ts';

export interface TicketFilter {
  readonly state?: 'open' | 'closed' | 'all';
  readonly stage?: string;
  readonly owner?: string;
  /** In title or number, case-insensitive. */
  readonly text?: string;
  /** 1 to 500, 100 without. */
  readonly limit?: number;
  readonly after?: string;
}

const pageMax = 500;

export function selectTickets(tickets: readonly TicketSummary[], filter: TicketFilter): readonly TicketSummary[] {
  const { state = 'all', stage = '', owner = '', text = '', limit = 100, after = '' } = filter;
  const wanted = text.toLowerCase();
  const ordered = tickets
    .filter(({ isClosed }) => state === 'all' || isClosed === (state === 'closed'))
    .filter((ticket) => (stage === '' || ticket.stage === stage) && (owner === '' || ticket.owner === owner))
    .filter(({ title, number }) => wanted === '' || `${number} ${title}`.toLowerCase().includes(wanted))
    .sort(latestFirst);
  const last = after === '' ? undefined : tickets.find(({ id }) => id === after);
  const rest = last ? ordered.filter((ticket) => latestFirst(last, ticket) < 0) : ordered;
  return rest.slice(0, Math.min(Math.max(1, Math.trunc(limit)), pageMax));
}

function latestFirst(a: TicketSummary, b: TicketSummary): number {
  if (a.updatedMs !== b.updatedMs) return b.updatedMs - a.updatedMs;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
