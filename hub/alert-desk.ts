// The alert stage as the console sees it: revisions are counts of transitions, transitions are history.
import { AtalaiaError, unreachable } from '../proto/runtime/errors.ts';
import type { AlertAnswer, AlertStage } from './alert/alert-stage.ts';
import type { AlertDecision } from './alert/decide-alert.ts';
import type { AlertDesk, ChangeBy } from './console/api/ports.ts';
import type { AlertSummary as SummaryView, AlertView, HistoryView } from './console/api/shapes.ts';
import type { Alert, AlertSummary, AlertTransition } from './ports.ts';
import type { RuleNote, RuleNotes } from './rule-notes.ts';
import { sentenceOf, ticketViewOf } from './ticket-desk.ts';
import type { Tickets } from './ticket/tickets.ts';

export function alertDesk(alerts: AlertStage, tickets: Tickets, notes: RuleNotes): AlertDesk {
  const viewOf = (alert: Alert): AlertView => alertViewOf(alert, notes(alert.ruleId));
  const decide = async (id: string, decision: AlertDecision, { by, revision }: ChangeBy): Promise<AlertView | undefined> =>
    readAnswer(await alerts.decide(id, decision, { by, expectedTransitions: revision }), viewOf);
  return {
    list: async ({ status, levels: wanted, verdict, assignee, text, limit, after }) => {
      const last = after === '' ? undefined : await pageEnd(alerts, after);
      const page = alerts.list({
        limit,
        levels: wanted,
        text,
        ...(status === 'all' ? {} : { status }),
        ...(verdict === '' ? {} : { verdict }),
        ...(assignee === '' ? {} : { assignee }),
        ...(last ? { after: { lastMs: last.lastMs, id: last.id } } : {}),
      });
      return page.alerts.map((alert) => summaryViewOf(alert));
    },
    countOpen: async (counts) => alerts.countOpen(counts),
    get: async (id) => {
      const alert = await alerts.get(id);
      return alert && viewOf(alert);
    },
    verdict: (id, verdict, comment, change) => decide(id, { is: 'verdict', verdict, comment }, change),
    assign: (id, assignee, change) => decide(id, { is: 'assign', assignee }, change),
    close: async (id, { verdict, note }, change) => {
      const alert = await alerts.get(id);
      if (alert && verdict === undefined && alert.verdict === undefined)
        throw new AtalaiaError('ALERT_VERDICT_INVALID', 'an alert is closed with a verdict; give one');
      return decide(id, { is: 'close', comment: note, ...(verdict ? { verdict } : {}) }, change);
    },
    reopen: (id, comment, change) => decide(id, { is: 'reopen', comment }, change),
    openTicket: async (id, by) => {
      const alert = await alerts.get(id);
      if (!alert) return undefined;
      const ticket = await tickets.fromAlert(alert, by);
      await alerts.settle(id, [], ticket.id);
      return ticketViewOf(ticket, await tickets.history(ticket.id));
    },
  };
}

/** Refused when it is gone: a list that began again at its first page would go on for ever. */
async function pageEnd(alerts: AlertStage, after: string): Promise<Alert> {
  const last = await alerts.get(after);
  if (!last) throw new AtalaiaError('ALERTS_AFTER_INVALID', 'there is no alert with the id given as `after`; begin at the first page');
  return last;
}

function readAnswer(answer: AlertAnswer, viewOf: (alert: Alert) => AlertView): AlertView | undefined {
  switch (answer.is) {
    case 'done':
      return viewOf(answer.alert);
    case 'refused':
      throw new AtalaiaError('ALERT_REFUSED', answer.reason);
    case 'changed-meanwhile':
      throw new AtalaiaError('ALERT_CONFLICT', 'somebody else decided on this alert meanwhile; nothing was written, look at it again');
    case 'absent':
      return undefined;
    default:
      return unreachable(answer);
  }
}

function summaryViewOf(alert: AlertSummary & Partial<Pick<Alert, 'ruleVersion' | 'fields'>>): SummaryView {
  const { id, ruleId, title, level, status, verdict = '', assignee, group, firstMs, lastMs, count, ticketId, constituency } = alert;
  const fields = Object.fromEntries(Object.entries(alert.fields ?? {}).map(([field, values]) => [field, [...values]]));
  return {
    id,
    ruleId,
    ruleVersion: alert.ruleVersion ?? '',
    title,
    level,
    status,
    verdict,
    assignee,
    tags: [...alert.tags],
    group: [...group],
    fields,
    firstMs,
    lastMs,
    count,
    ticketId,
    constituency,
    revision: alert.transitionCount,
  };
}

function alertViewOf(alert: Alert, { description, falsePositives }: RuleNote): AlertView {
  const rule = { description, falsePositives: [...falsePositives] };
  return { ...summaryViewOf(alert), rule, evidence: [...alert.evidence], history: alert.transitions.map(historyOf) };
}

function historyOf({ atMs, by, kind, before, after, comment }: AlertTransition): HistoryView {
  return { atMs, by: by.name, what: kind, text: sentenceOf(before, after, comment) };
}
