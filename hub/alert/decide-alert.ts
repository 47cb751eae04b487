// What people do to an alert: judge, assign, close, open again. Pure: the alert before, the decision, the alert after, or
// the reason why not. Every decision is a transition, so TP, FP, TP are three (DELIVERY.md 2).
import { unreachable } from '../../proto/runtime/errors.ts';
import type { Actor, Alert, Verdict } from '../ports.ts';
import { commentLengthMax, outboxMax } from './alert-limits.ts';
import { withTransition } from './grow-alert.ts';
import type { NewTransition } from './grow-alert.ts';

export type AlertDecision =
  | { readonly is: 'verdict'; readonly verdict: Verdict; readonly comment?: string }
  /** Empty to give it back to the queue. */
  | { readonly is: 'assign'; readonly assignee: string; readonly comment?: string }
  | { readonly is: 'close'; readonly verdict?: Verdict; readonly comment?: string }
  | { readonly is: 'reopen'; readonly comment?: string };

export type Decided = { readonly ok: true; readonly alert: Alert } | { readonly ok: false; readonly reason: string };

const assigneeLengthMax = 64;

export function decideAlert(alert: Alert, decision: AlertDecision, { by, atMs }: { readonly by: Actor; readonly atMs: number }): Decided {
  if (alert.outbox.length >= outboxMax) {
    return no(`${outboxMax} changes of this alert still wait for their notifications; try again when they are through`);
  }
  if ((decision.comment ?? '').length > commentLengthMax)
    return no(`a note on an alert has at most ${commentLengthMax} characters; a longer one belongs into its ticket`);
  const note = (changed: Alert, what: Pick<NewTransition, 'kind' | 'before' | 'after'>): Decided => ({
    ok: true,
    alert: withTransition(changed, { ...what, by, atMs, ...(decision.comment === undefined ? {} : { comment: decision.comment }) }),
  });
  switch (decision.is) {
    case 'verdict':
      if (alert.verdict === decision.verdict) return no(`the verdict is ${decision.verdict} already`);
      return note({ ...alert, verdict: decision.verdict }, { kind: 'verdict', before: alert.verdict ?? '', after: decision.verdict });
    case 'assign':
      if (decision.assignee.length > assigneeLengthMax) return no(`an assignee has at most ${assigneeLengthMax} characters`);
      if (alert.assignee === decision.assignee) return no('it is assigned like that already');
      return note({ ...alert, assignee: decision.assignee }, { kind: 'assigned', before: alert.assignee, after: decision.assignee });
    case 'close': {
      if (alert.status === 'closed') return no('it is closed already');
      // Reports count closed alerts by verdict, so nobody's judgement is a verdict too.
      const verdict = decision.verdict ?? alert.verdict ?? 'undetermined';
      return note({ ...alert, status: 'closed', verdict, closedMs: atMs }, { kind: 'closed', before: alert.verdict ?? '', after: verdict });
    }
    case 'reopen':
      if (alert.status === 'open') return no('it is open already');
      return note({ ...alert, status: 'open', closedMs: 0 }, { kind: 'reopened', before: 'closed', after: 'open' });
    default:
      return unreachable(decision);
  }
}

function no(reason: string): Decided {
  return { ok: false, reason };
}
