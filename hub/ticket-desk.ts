// Tickets as the console sees them: history as sentences, older entries read from where they lie.
import { AtalaiaError } from '../proto/runtime/errors.ts';
import type { ChangeBy, TicketDesk } from './console/api/ports.ts';
import type { HistoryView, TicketSummary as SummaryView, TicketView } from './console/api/shapes.ts';
import type { TicketStep } from './ticket/change-ticket.ts';
import { closeReasons, movesFrom, stages } from './ticket/stages.ts';
import type { TicketEntry, TicketSummary } from './ticket/ticket.ts';
import type { TicketFound, Tickets } from './ticket/tickets.ts';

export function ticketDesk(tickets: Tickets): TicketDesk {
  const change = async (id: string, step: TicketStep, by: ChangeBy): Promise<TicketView | undefined> => {
    const changed = await tickets.change(id, step, by);
    return changed && ticketViewOf(changed, await tickets.history(id));
  };
  return {
    stages,
    closeReasons,
    list: async (filter) => {
      // A list that began again at its first page would go on for ever.
      if (filter.after !== '' && !(await tickets.get(filter.after)))
        throw new AtalaiaError('TICKETS_AFTER_INVALID', 'there is no ticket with the id given as `after`; begin at the first page');
      return tickets.list(filter).map(summaryViewOf);
    },
    countByStage: async (counts) => tickets.countByStage(counts),
    get: async (id) => {
      const ticket = await tickets.get(id);
      return ticket && ticketViewOf(ticket, await tickets.history(id));
    },
    create: async (wish, by) => ticketViewOf(await tickets.create(wish, by)),
    assign: (id, owner, by) => change(id, { is: 'assign', owner }, by),
    comment: (id, text, by) => change(id, { is: 'comment', text }, by),
    move: (id, stage, note, by) => change(id, { is: 'move', stage, note }, by),
    close: (id, { reason, note }, by) => change(id, { is: 'close', note, ...(reason === '' ? {} : { reason }) }, by),
    reopen: (id, note, by) => change(id, { is: 'reopen', note }, by),
  };
}

export function ticketViewOf(ticket: TicketFound, history: readonly TicketEntry[] = ticket.history): TicketView {
  return { ...summaryViewOf(ticket), links: [...ticket.links], evidence: [...ticket.evidence], history: history.map(historyOf) };
}

function summaryViewOf(ticket: TicketSummary): SummaryView {
  const { id, number, kind, title, stage, isClosed, closeReason, owner, severity, createdMs, updatedMs, constituency, revision } = ticket;
  const movesTo = [...movesFrom(stage)];
  return { id, number, kind, title, stage, movesTo, isClosed, closeReason, owner, severity, createdMs, updatedMs, constituency, revision };
}

function historyOf({ atMs, by, what, before, after, text }: TicketEntry): HistoryView {
  // A ticket begins in the first stage; to say so would say nothing.
  return { atMs, by: by.name, what, text: what === 'opened' ? text : sentenceOf(before, after, text) };
}

/** What changed into what, and why: a history's line. What stayed is said once, what was taken away as nobody's. */
export function sentenceOf(before: string, after: string, why: string): string {
  const change = before === '' || before === after ? after : `${before} → ${after === '' ? 'nobody' : after}`;
  return [change, why].filter((part) => part !== '').join(': ');
}
