// One message to one endpoint as a document: what is sent, how often it was tried, what came back, when next.
// Pure. The retry plan: full speed first, then exponential with jitter, at most attemptsMax times within a day, then it is
// a dead letter that a person can send again under the same id.
import { webhookId } from '../../proto/ids.ts';
import type { AlertNotice } from '../ports.ts';
import type { Endpoint } from './endpoint.ts';
import type { SendOutcome } from './send-webhook.ts';

const attemptsMax = 14;
const windowMs = 24 * 3_600_000;
const backoffMostMs = 4 * 3_600_000;
const backoffFirstMs = 5_000;

export type DeliveryState = 'waiting' | 'delivered' | 'dead';

export interface DeliveryView {
  /** The webhook-id header. */
  readonly id: string;
  /** The endpoint. */
  readonly webhookId: string;
  readonly alertId: string;
  readonly event: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdMs: number;
  /** 0 when there will be none. */
  readonly nextAttemptMs: number;
  readonly lastStatus: number;
  readonly lastProblem: string;
}

export interface Delivery extends DeliveryView {
  /** From the last attempt to the next, as it was decided then; 0 before the first. */
  readonly waitMs: number;
  readonly body: string;
  /** Begin of the day in which it is tried: creation, or the latest replay. */
  readonly windowFromMs: number;
  /** When it was delivered or given up. */
  readonly settledMs: number;
}

export function deliveryOf({ alert, transition }: AlertNotice, endpoint: Endpoint, nowMs: number): Delivery {
  const { ordinal, kind, atMs, by, level, before, after, comment } = transition;
  const body = JSON.stringify({
    type: `alert.${kind}`,
    timestamp: new Date(atMs).toISOString(),
    // The person's address stays here: receivers are told who, not from where.
    data: { alert, transition: { ordinal, kind, level, before, after, comment, by: by.name } },
  });
  return newDelivery({ id: webhookId(alert.id, ordinal, endpoint.id), endpoint, alertId: alert.id, event: `alert.${kind}`, body, nowMs });
}

export function testDelivery({ id, endpoint, nowMs }: { id: string; endpoint: Endpoint; nowMs: number }): Delivery {
  const body = JSON.stringify({ type: 'test', timestamp: new Date(nowMs).toISOString(), data: { text: 'A test message from Atalaia.' } });
  return newDelivery({ id, endpoint, alertId: '', event: 'test', body, nowMs });
}

interface NewDelivery {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly alertId: string;
  readonly event: string;
  readonly body: string;
  readonly nowMs: number;
}

function newDelivery({ id, endpoint, alertId, event, body, nowMs }: NewDelivery): Delivery {
  return {
    id,
    webhookId: endpoint.id,
    alertId,
    event,
    state: 'waiting',
    attempts: 0,
    createdMs: nowMs,
    nextAttemptMs: nowMs,
    waitMs: 0,
    lastStatus: 0,
    lastProblem: '',
    body,
    windowFromMs: nowMs,
    settledMs: 0,
  };
}

/** `unit` in [0, 1) spreads the retries of many messages. */
export function afterAttempt(delivery: Delivery, outcome: SendOutcome, { nowMs, unit }: { nowMs: number; unit: number }): Delivery {
  const tried = { ...delivery, attempts: delivery.attempts + 1, lastStatus: outcome.status, lastProblem: outcome.problem };
  if (outcome.problem === '') return { ...tried, state: 'delivered', nextAttemptMs: 0, settledMs: nowMs };
  const backoffMs = Math.min(backoffMostMs, backoffFirstMs * 2 ** (tried.attempts - 1)) * (0.5 + unit / 2);
  const waitMs = Math.ceil(Math.max(backoffMs, outcome.retryAfterMs));
  // 410 Gone: the receiver says that it will never want it.
  const isOver = tried.attempts >= attemptsMax || nowMs + waitMs > delivery.windowFromMs + windowMs || outcome.status === 410;
  return isOver ? given(tried, nowMs) : { ...tried, nextAttemptMs: nowMs + waitMs, waitMs };
}

export function givenUp(delivery: Delivery, problem: string, nowMs: number): Delivery {
  return given({ ...delivery, lastProblem: problem }, nowMs);
}

export function replayed(delivery: Delivery, nowMs: number): Delivery {
  return { ...delivery, state: 'waiting', attempts: 0, nextAttemptMs: nowMs, waitMs: 0, windowFromMs: nowMs, settledMs: 0 };
}

export function viewOf(delivery: DeliveryView): DeliveryView {
  const { id, webhookId, alertId, event, state, attempts, createdMs, nextAttemptMs, lastStatus, lastProblem } = delivery;
  return { id, webhookId, alertId, event, state, attempts, createdMs, nextAttemptMs, lastStatus, lastProblem };
}

function given(delivery: Delivery, nowMs: number): Delivery {
  return { ...delivery, state: 'dead', nextAttemptMs: 0, settledMs: nowMs };
}
