// Why bytes from the other end were not taken, as values: an attacker writes our input, so nothing here is thrown.
// Promises: every decoder of this folder answers with the value or with exactly one Refused, whatever the bytes.
// `detail` names the field and the limit and never carries content of lines.

export type RefusedReason = 'too-large' | 'truncated' | 'unknown-version' | 'wrong-type' | 'limit';

export interface Refused {
  readonly ok: false;
  readonly reason: RefusedReason;
  readonly detail: string;
}

export interface Taken<T> {
  readonly ok: true;
  readonly value: T;
}

export type Decoded<T> = Taken<T> | Refused;

export function refused(reason: RefusedReason, detail: string): Refused {
  return { ok: false, reason, detail };
}

export function taken<T>(value: T): Taken<T> {
  return { ok: true, value };
}

/** WebSocket close codes of the data plane; the typed Refusal that goes before them says more. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocol: 1002,
  wrongType: 1003,
  policy: 1008,
  tooLarge: 1009,
  tryLater: 1013,
  superseded: 4001,
  silence: 4002,
  notAuthorised: 4003,
} as const;
