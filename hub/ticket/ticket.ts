// The incident ticket as a document, its limits, and its beginnings. The document holds what is worked with: the newest
// history and the evidence; older history moves into documents of its own (history-chunks.ts), in order, never changed.
import { ticketIdOfAlert } from '../../proto/ids.ts';
import { hubActor } from '../ports.ts';
import type { Actor, Alert, AlertEvidence, AuditEntry, Level } from '../ports.ts';
import type { CloseReason, Stage } from './stages.ts';

export const titleLengthMax = 200;
export const textLengthMax = 16_000;
export const ownerLengthMax = 64;
/** A ticket takes this many entries in all; then a new one is opened and linked. */
export const historyMax = 5_000;

export type TicketAction = 'opened' | 'assigned' | 'comment' | 'moved' | 'closed' | 'reopened';

export interface TicketEntry {
  /** From 0; never reused. */
  readonly ordinal: number;
  readonly atMs: number;
  readonly by: Pick<Actor, 'id' | 'name' | 'role' | 'address'>;
  readonly what: TicketAction;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

export interface TicketLink {
  readonly kind: 'alert' | 'ticket';
  readonly id: string;
}

/** What lists show; kept in memory for every ticket. */
export interface TicketSummary {
  readonly id: string;
  /** What people call it: INC-17. Grows, may leave gaps. */
  readonly number: string;
  readonly kind: 'incident';
  readonly title: string;
  readonly stage: Stage;
  readonly isClosed: boolean;
  readonly owner: string;
  readonly severity: Level;
  readonly constituency: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly closeReason: CloseReason | '';
  /** Entries so far, and the optimistic lock of people. */
  readonly revision: number;
}

export interface Ticket extends TicketSummary {
  readonly links: readonly TicketLink[];
  /** Copied when the ticket was opened: retention drops the originals. */
  readonly evidence: readonly AlertEvidence[];
  readonly evidenceOmitted: number;
  /** The newest entries, oldest first; those before are in `chunks` documents. */
  readonly history: readonly TicketEntry[];
  readonly chunks: number;
  /** Entries below this ordinal are known to be in the audit log. */
  readonly auditedTo: number;
}

export interface NewEntry {
  readonly atMs: number;
  readonly by: Actor;
  readonly what: TicketAction;
  readonly before?: string;
  readonly after?: string;
  readonly text?: string;
}

export function withEntry(ticket: Ticket, { atMs, by, what, before = '', after = '', text = '' }: NewEntry): Ticket {
  const { id, name, role, address } = by;
  const entry: TicketEntry = { ordinal: ticket.revision, atMs, by: { id, name, role, address }, what, before, after, text };
  return { ...ticket, revision: ticket.revision + 1, updatedMs: atMs, history: [...ticket.history, entry] };
}

export interface Beginning {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: Level;
  readonly text: string;
  readonly constituency: string;
  readonly by: Actor;
  readonly atMs: number;
}

export function beginTicket({ id, number, title, severity, text, constituency, by, atMs }: Beginning): Ticket {
  const empty: Ticket = {
    id,
    number: `INC-${number}`,
    kind: 'incident',
    title: title.slice(0, titleLengthMax).toWellFormed(),
    stage: 'new',
    isClosed: false,
    owner: '',
    severity,
    constituency,
    createdMs: atMs,
    updatedMs: atMs,
    closeReason: '',
    revision: 0,
    links: [],
    evidence: [],
    evidenceOmitted: 0,
    history: [],
    chunks: 0,
    auditedTo: 0,
  };
  return withEntry(empty, { atMs, by, what: 'opened', after: 'new', text });
}

/** Same alert, same id, whoever opens it and however often. */
export function beginTicketOfAlert(alert: Alert, { number, by = hubActor, atMs }: { number: number; by?: Actor; atMs: number }): Ticket {
  const about = alert.group.map(({ field, value }) => `${field}=${value}`).join(', ');
  const count = alert.count === 1 ? 'one finding' : `${alert.count} findings`;
  const text = `Alert "${alert.title}" (${alert.level})${about === '' ? '' : ` for ${about}`}: ${count}.`;
  // The agent's id keeps hosts apart and tells nobody anything.
  const named = alert.group.filter(({ field }) => field !== 'agent.id').map(({ value }) => value);
  const title = named.length === 0 ? alert.title : `${alert.title}: ${named.join(', ')}`;
  const { constituency, level: severity, evidence, evidenceOmitted } = alert;
  const ticket = beginTicket({ id: ticketIdOfAlert(alert.id), number, title, severity, text, constituency, by, atMs });
  return { ...ticket, evidence, evidenceOmitted, links: [{ kind: 'alert', id: alert.id }] };
}

export function summaryOf(ticket: Ticket): TicketSummary {
  const { id, number, kind, title, stage, isClosed, owner, severity, constituency, createdMs, updatedMs, closeReason, revision } = ticket;
  return { id, number, kind, title, stage, isClosed, owner, severity, constituency, createdMs, updatedMs, closeReason, revision };
}

/** An entry for the audit log: short, with who and from where. */
export function auditOf(ticket: Ticket, entry: TicketEntry): AuditEntry {
  const { atMs, by, what, before, after, text } = entry;
  const summary = [after, text].filter((part) => part !== '').join(': ');
  return { atMs, actor: by, action: `ticket.${what}`, object: `ticket/${ticket.id}`, before, after: summary.slice(0, 500).toWellFormed() };
}
