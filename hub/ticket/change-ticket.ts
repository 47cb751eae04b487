// What people do to a ticket. Pure: the ticket before, the step, the ticket after; a step that makes no sense is an error
// whose text says what would. Every step is an entry of the history.
import { AtalaiaError, unreachable } from '../../proto/runtime/errors.ts';
import type { Actor } from '../ports.ts';
import { closeReasons, isBackward, isStage, isWorkedOff, movesFrom } from './stages.ts';
import type { CloseReason } from './stages.ts';
import { historyMax, ownerLengthMax, textLengthMax, withEntry } from './ticket.ts';
import type { Ticket } from './ticket.ts';

export type TicketStep =
  /** Empty to give it back. */
  | { readonly is: 'assign'; readonly owner: string }
  | { readonly is: 'comment'; readonly text: string }
  | { readonly is: 'move'; readonly stage: string; readonly note: string }
  | { readonly is: 'close'; readonly note: string; readonly reason?: string }
  | { readonly is: 'reopen'; readonly note: string };

export function changeTicket(ticket: Ticket, step: TicketStep, { by, atMs }: { readonly by: Actor; readonly atMs: number }): Ticket {
  if (ticket.revision >= historyMax) {
    throw new AtalaiaError(
      'TICKET_HISTORY_LIMIT',
      `${ticket.number} has ${historyMax} entries, which is the limit; open a new ticket and name this one`,
    );
  }
  const who = { by, atMs };
  switch (step.is) {
    case 'assign':
      checkLength('an owner', step.owner, ownerLengthMax);
      return withEntry({ ...ticket, owner: step.owner }, { ...who, what: 'assigned', before: ticket.owner, after: step.owner });
    case 'comment':
      checkLength('a comment', step.text, textLengthMax);
      if (step.text.trim() === '') throw new AtalaiaError('TICKET_COMMENT_INVALID', 'a comment needs some text');
      return withEntry(ticket, { ...who, what: 'comment', text: step.text });
    case 'move':
      return move(ticket, step, who);
    case 'close':
      return close(ticket, step, who);
    case 'reopen':
      checkLength('a note', step.note, textLengthMax);
      if (!ticket.isClosed) throw new AtalaiaError('TICKET_STAGE_INVALID', `${ticket.number} is open already`);
      return withEntry(
        { ...ticket, stage: 'triage', isClosed: false, closeReason: '' },
        { ...who, what: 'reopened', before: 'closed', after: 'triage', text: step.note },
      );
    default:
      return unreachable(step);
  }
}

type Who = { readonly by: Actor; readonly atMs: number };

function move(ticket: Ticket, { stage, note }: { readonly stage: string; readonly note: string }, who: Who): Ticket {
  checkLength('a note', note, textLengthMax);
  const allowed = movesFrom(ticket.stage);
  if (!isStage(stage) || !allowed.includes(stage)) {
    const instead = ticket.isClosed ? 'reopen it first' : `from there it goes to ${allowed.join(' or ')}, or is closed with a reason`;
    throw new AtalaiaError(
      'TICKET_STAGE_INVALID',
      `${ticket.number} is in ${ticket.stage} and cannot move to ${stage.slice(0, 40)}; ${instead}`,
    );
  }
  if (isBackward(ticket.stage, stage) && note.trim() === '') {
    throw new AtalaiaError(
      'TICKET_REASON_INVALID',
      `moving ${ticket.number} back from ${ticket.stage} to ${stage} needs a note that says why`,
    );
  }
  return withEntry({ ...ticket, stage }, { ...who, what: 'moved', before: ticket.stage, after: stage, text: note });
}

function close(ticket: Ticket, { note, reason }: { readonly note: string; readonly reason?: string }, who: Who): Ticket {
  checkLength('a note', note, textLengthMax);
  if (ticket.isClosed) throw new AtalaiaError('TICKET_STAGE_INVALID', `${ticket.number} is closed already`);
  const isDone = isWorkedOff(ticket.stage);
  const known = closeReasons.find((one) => one === reason);
  if (reason !== undefined && known === undefined) {
    throw new AtalaiaError('TICKET_REASON_INVALID', `${reason.slice(0, 40)} is no reason to close; take one of ${closeReasons.join(', ')}`);
  }
  if (!isDone && note.trim() === '' && known === undefined) {
    const text = `closing ${ticket.number} in ${ticket.stage}, before recovery, needs a reason or a note that says why`;
    throw new AtalaiaError('TICKET_REASON_INVALID', text);
  }
  const closeReason: CloseReason = known ?? (isDone ? 'resolved' : 'other');
  return withEntry(
    { ...ticket, stage: 'closed', isClosed: true, closeReason },
    { ...who, what: 'closed', before: ticket.stage, after: closeReason, text: note },
  );
}

function checkLength(what: string, text: string, most: number): void {
  if (text.length > most) throw new AtalaiaError('TICKET_TEXT_LIMIT', `${what} has at most ${most} characters, this has ${text.length}`);
}
