// Works off the outboxes of alerts: ticket, notifications, audit entry, then the transition leaves the document.
// Promises: every transition is worked at least once, in order per alert, also after a crash; the steps have derived ids
// and are therefore done once. An alert whose step fails waits with back-off and holds up no other.
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import { levels } from '../ports.ts';
import type { Alert, AlertNotice, AlertTransition, Audit } from '../ports.ts';
import type { AlertStage } from './alert-stage.ts';
import { summaryOf } from './grow-alert.ts';

const ticketFrom = levels.indexOf('high');
const retryFirstMs = 500;
const retryMostMs = 60_000;
const atOnceMax = 16;

export interface AlertOutboxOptions {
  readonly alerts: AlertStage;
  /** Opens the alert's ticket if it is not there yet; answers its id. */
  readonly openTicket: (alert: Alert) => Promise<string>;
  /** Queues the notice for every receiver that wants it; durable when it resolves, once however often it is called. */
  readonly enqueue: (notice: AlertNotice) => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  /** For the log: it is tried again by itself. */
  readonly onFailure: (failure: { readonly alertId: string; readonly attempt: number; readonly cause: unknown }) => void;
}

/** Runs until the signal aborts; what is in work then is finished or left for the next start. */
export async function runAlertOutbox(options: AlertOutboxOptions, signal: AbortSignal): Promise<void> {
  const working = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const slots = new Slots(atOnceMax);
  for await (const id of options.alerts.pending(signal)) {
    // A transition that comes while its alert is in work is picked up by that work's next look, not by a second worker.
    again.add(id);
    if (working.has(id)) continue;
    const work = async (): Promise<void> => {
      while (again.delete(id)) await workUntilDone(id, { options, slots, signal });
      working.delete(id);
    };
    working.set(id, work());
  }
  await Promise.all(working.values());
}

interface Work {
  readonly options: AlertOutboxOptions;
  readonly slots: Slots;
  readonly signal: AbortSignal;
}

async function workUntilDone(id: string, { options, slots, signal }: Work): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await slots.run(() => workOutbox(id, options));
      return;
    } catch (cause) {
      options.onFailure({ alertId: id, attempt, cause });
    }
    const most = Math.min(retryMostMs, retryFirstMs * 2 ** Math.min(attempt, 16));
    await options.clock.sleep(most * (0.5 + options.random.unit() / 2), signal).catch(() => undefined);
  }
}

/** Held while steps run, not while an alert waits for its next attempt: one that fails holds up no other. */
class Slots {
  readonly #freed = new Wake();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run(task: () => Promise<void>): Promise<void> {
    while (this.#free === 0) await this.#freed.wait();
    this.#free--;
    try {
      await task();
    } finally {
      this.#free++;
      this.#freed.wake();
    }
  }
}

/** Everything in the outbox of one alert, once. Exported so that a simulation can step it. */
export async function workOutbox(id: string, { alerts, openTicket, enqueue, audit }: AlertOutboxOptions): Promise<void> {
  const alert = await alerts.get(id);
  if (!alert || alert.outbox.length === 0) return;
  let { ticketId } = alert;
  for (const transition of alert.outbox) {
    if (needsTicket(transition)) {
      killPoint('hub.alert-before-ticket');
      ticketId = await openTicket(alert);
      killPoint('hub.ticket-before-webhook');
    }
    await enqueue({ alert: { ...summaryOf(alert), ticketId }, transition });
    if (transition.by.id !== 'hub') await recordAudit(audit, alert, transition);
  }
  await alerts.settle(
    id,
    alert.outbox.map(({ ordinal }) => ordinal),
    ticketId,
  );
}

function needsTicket({ kind, level }: AlertTransition): boolean {
  return (kind === 'opened' || kind === 'level-raised') && levels.indexOf(level) >= ticketFrom;
}

async function recordAudit(audit: Audit, alert: Alert, transition: AlertTransition): Promise<void> {
  const { atMs, by, kind, before, after, comment, ordinal } = transition;
  const summary = comment === '' ? after : `${after}: ${comment}`;
  await audit.record(
    { atMs, actor: by, action: `alert.${kind}`, object: `alert/${alert.id}`, before, after: summary },
    `${alert.id}:${ordinal}`,
  );
}
