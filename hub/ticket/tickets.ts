// The hub's tickets: opened by alerts of level high or above and by people, worked along the plan, never rewritten.
// Promises: one ticket per alert however often it is asked for; a change that resolved is durable, in the history and in
// the audit log (what a crash left out of the log is entered at the next start); two people cannot overwrite each other.
// Memory: one summary a ticket, at most ticketsMax; above that new tickets are refused until old ones expire.
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { ticketIdOfAlert } from '../../proto/ids.ts';
import type { Actor, Alert, Audit, Level, State } from '../ports.ts';
import { hubActor } from '../ports.ts';
import { changeTicket } from './change-ticket.ts';
import type { TicketStep } from './change-ticket.ts';
import { makeRoom, readHistory, removeHistory } from './history-chunks.ts';
import { selectTickets } from './select-tickets.ts';
import type { TicketFilter } from './select-tickets.ts';
import { movesFrom, stages } from './stages.ts';
import type { Stage } from './stages.ts';
import { auditOf, beginTicket, beginTicketOfAlert, summaryOf, textLengthMax, titleLengthMax } from './ticket.ts';
import type { Ticket, TicketEntry, TicketSummary } from './ticket.ts';

const prefix = 'ticket/';
const numberKey = 'ticket-number';
const pageSize = 100;
const roundsMax = 100;
const ticketsMax = 100_000;
const closedKeepMs = 3 * 365 * 86_400_000;
/** A change older than this at a start is not entered again: its audit entry may have been removed by age. */
const auditCatchUpMs = 30 * 86_400_000;

export interface TicketsOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
}

/** A ticket as people see it: with where it may go next. `history` holds the newest entries, see `history(id)`. */
export type TicketFound = Ticket & { readonly movesTo: readonly Stage[] };

export interface TicketChange {
  readonly by: Actor;
  /** The revision the person saw; undefined changes whatever is there. */
  readonly revision: number | undefined;
}

export interface TicketWish {
  readonly title: string;
  readonly severity: Level;
  readonly text: string;
  readonly constituency: string;
}

export class Tickets {
  readonly #options: TicketsOptions;
  readonly #summaries = new Map<string, TicketSummary>();

  private constructor(options: TicketsOptions) {
    this.#options = options;
  }

  static async open(options: TicketsOptions): Promise<Tickets> {
    const tickets = new Tickets(options);
    await tickets.#load();
    return tickets;
  }

  /** The ticket of this alert; opened if there is none. */
  async fromAlert(alert: Alert, by: Actor = hubActor): Promise<TicketFound> {
    const id = ticketIdOfAlert(alert.id);
    const found = await this.get(id);
    if (found) return found;
    const atMs = this.#options.clock.nowMs();
    return await this.#create(beginTicketOfAlert(alert, { number: await this.#nextNumber(), by, atMs }));
  }

  async create({ title, severity, text, constituency }: TicketWish, by: Actor): Promise<TicketFound> {
    if (title.trim() === '' || title.length > titleLengthMax || text.length > textLengthMax) {
      const text = `a ticket has a title of 1 to ${titleLengthMax} characters and a text of at most ${textLengthMax}`;
      throw new AtalaiaError('TICKET_TEXT_INVALID', text);
    }
    const { clock, random } = this.#options;
    const id = Buffer.from(random.bytes(16)).toString('hex');
    const number = await this.#nextNumber();
    return await this.#create(beginTicket({ id, number, title, severity, text, constituency, by, atMs: clock.nowMs() }));
  }

  /** Undefined when there is no such ticket; TICKET_CONFLICT when somebody was faster. */
  async change(id: string, step: TicketStep, { by, revision }: TicketChange): Promise<TicketFound | undefined> {
    for (let round = 0; round < roundsMax; round++) {
      const current = await this.#read(id);
      if (!current) return undefined;
      if (revision !== undefined && current.value.revision !== revision) {
        const text = `${current.value.number} was changed by somebody else meanwhile; nothing was written, look at it again`;
        throw new AtalaiaError('TICKET_CONFLICT', text);
      }
      await this.#audit(current.value);
      const audited = { ...current.value, auditedTo: current.value.revision };
      const next = await makeRoom(this.#options.state, changeTicket(audited, step, { by, atMs: this.#options.clock.nowMs() }));
      if (await this.#put(next, current.revision)) return withMoves(next);
    }
    throw new AtalaiaError('TICKET_CONFLICT', `ticket ${id} changed ${roundsMax} times while it was being changed; nothing was written`);
  }

  async get(id: string): Promise<TicketFound | undefined> {
    const found = await this.#read(id);
    return found && withMoves(found.value);
  }

  /** Everything that ever happened to it, oldest first. */
  async history(id: string): Promise<readonly TicketEntry[]> {
    const found = await this.#read(id);
    return found ? await readHistory(this.#options.state, found.value) : [];
  }

  list(filter: TicketFilter = {}): readonly TicketSummary[] {
    return selectTickets([...this.#summaries.values()], filter);
  }

  countByStage(isCounted: (ticket: TicketSummary) => boolean): readonly { readonly stage: Stage; readonly count: number }[] {
    const counts = new Map<Stage, number>();
    for (const ticket of this.#summaries.values()) if (isCounted(ticket)) counts.set(ticket.stage, (counts.get(ticket.stage) ?? 0) + 1);
    return stages.map((stage) => ({ stage, count: counts.get(stage) ?? 0 }));
  }

  /** Removes tickets that were closed three years ago, history first. */
  async expire(): Promise<number> {
    const before = this.#options.clock.nowMs() - closedKeepMs;
    let removed = 0;
    for (const { id, isClosed, updatedMs } of this.#summaries.values()) {
      if (!isClosed || updatedMs > before) continue;
      const found = await this.#read(id);
      if (!found || !found.value.isClosed || found.value.updatedMs > before) continue;
      await removeHistory(this.#options.state, found.value);
      await this.#options.state.remove(prefix + id, found.revision);
      this.#summaries.delete(id);
      removed++;
    }
    return removed;
  }

  async #load(): Promise<void> {
    let after = '';
    for (;;) {
      const page = await this.#options.state.list<Ticket>(prefix, { after, limit: pageSize });
      for (const { value } of page) {
        this.#summaries.set(value.id, summaryOf(value));
        if (value.updatedMs + auditCatchUpMs > this.#options.clock.nowMs()) await this.#audit(value);
      }
      const last = page.at(-1);
      if (!last || page.length < pageSize) return;
      after = last.key;
    }
  }

  async #create(ticket: Ticket): Promise<TicketFound> {
    if (this.#summaries.size >= ticketsMax) {
      throw new AtalaiaError(
        'TICKETS_LIMIT',
        `there are ${ticketsMax} tickets, which is the limit; close old ones or shorten how long they are kept`,
        {
          isRetryable: true,
        },
      );
    }
    if (await this.#put(ticket, 0)) return withMoves(ticket);
    const found = await this.get(ticket.id);
    if (found) return found;
    throw new AtalaiaError('TICKET_CONFLICT', `ticket ${ticket.id} was made and removed at the same moment; try again`, {
      isRetryable: true,
    });
  }

  /** False when somebody else was faster. */
  async #put(ticket: Ticket, revision: number): Promise<boolean> {
    try {
      await this.#options.state.put(prefix + ticket.id, ticket, revision);
    } catch (error) {
      if (errorCode(error) === 'STATE_CONFLICT') return false;
      throw error;
    }
    this.#summaries.set(ticket.id, summaryOf(ticket));
    await this.#audit(ticket);
    return true;
  }

  async #read(id: string): Promise<{ readonly value: Ticket; readonly revision: number } | undefined> {
    if (!/^[0-9a-f]{32}$/.test(id)) return undefined;
    const found = await this.#options.state.get<Ticket>(prefix + id);
    if (found) this.#summaries.set(id, summaryOf(found.value));
    return found;
  }

  /** Entered under a key of its own, so entering twice is once. */
  async #audit(ticket: Ticket): Promise<void> {
    for (const entry of ticket.history) {
      if (entry.ordinal >= ticket.auditedTo) await this.#options.audit.record(auditOf(ticket, entry), `${ticket.id}:${entry.ordinal}`);
    }
  }

  async #nextNumber(): Promise<number> {
    const { state } = this.#options;
    for (let round = 0; round < roundsMax; round++) {
      const current = await state.get<number>(numberKey);
      const number = (current?.value ?? 0) + 1;
      try {
        await state.put(numberKey, number, current?.revision ?? 0);
        return number;
      } catch (error) {
        if (errorCode(error) !== 'STATE_CONFLICT') throw error;
      }
    }
    throw new AtalaiaError('TICKET_CONFLICT', 'no ticket number could be had; too many tickets are being opened at once', {
      isRetryable: true,
    });
  }
}

function withMoves(ticket: Ticket): TicketFound {
  return { ...ticket, movesTo: movesFrom(ticket.stage) };
}
