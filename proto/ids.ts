// Ids that are derived, never drawn: whatever runs twice arrives at the same ids (DELIVERY.md 2).
import { createHash } from 'node:crypto';
import type { LaneName } from './delivery.ts';

export interface EventPlace {
  readonly agentId: string;
  /** 32 hexadecimal digits. */
  readonly epoch: string;
  readonly lane: LaneName;
  readonly sequence: number;
  /** Place of the line within its batch, from 0. */
  readonly index: number;
}

export function eventId(place: EventPlace): string {
  return `${place.agentId}:${place.epoch}:${place.lane}:${place.sequence}:${place.index}`;
}

export function parseEventId(id: string): EventPlace | undefined {
  const match = /^([0-9a-f]{32}):([0-9a-f]{32}):(first|normal):([1-9]\d{0,15}):(0|[1-9]\d{0,5})$/.exec(id);
  if (!match) return undefined;
  const [, agentId, epoch, lane, sequence, index] = match;
  return {
    agentId: agentId ?? '',
    epoch: epoch ?? '',
    lane: lane === 'first' ? 'first' : 'normal',
    sequence: Number(sequence),
    index: Number(index),
  };
}

/** The agent id of a key: the first 16 bytes of SHA-256 over its SubjectPublicKeyInfo, in hexadecimal. */
export function agentIdOfPublicKey(spkiDer: Uint8Array): string {
  return createHash('sha256').update(spkiDer).digest('hex').slice(0, 32);
}

/**
 * An alert is (rule, group) until closed or its window drains; `ordinal` tells the alerts of that pair
 * apart: the journal write that opened it (hub/alert/DECISION-alert-ordinals.md), so a replay arrives at the same id.
 */
export function alertId(ruleId: string, group: readonly string[], ordinal: number): string {
  return derive('alert', [ruleId, ...group, String(ordinal)]);
}

export function ticketIdOfAlert(alert: string): string {
  return derive('ticket', [alert]);
}

/** Transition ordinals count the changes in the alert's document, so TP, FP, TP are three ids. */
export function webhookId(alert: string, transition: number, endpoint: string): string {
  return `msg_${derive('webhook', [alert, String(transition), endpoint])}`;
}

function derive(kind: string, parts: readonly string[]): string {
  // JSON keeps parts apart: ['a','bc'] and ['ab','c'] must not meet.
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest('hex')
    .slice(0, 32);
}
