// What the end of a connection means for the next one. Pure.
// A refusal holds for the whole cluster where its hubs answer from what they share, the roster and the journal: an agent
// that was revoked, or whose identity is in use elsewhere, gains nothing by asking the next one. It holds for the address
// alone where it is about that process: one that stops, is full, is older, or does not take what was sent. See DECISION-fail-over.md.
import type { Refusal } from '../../proto/framing/messages.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { SessionEnd } from './run-session.ts';
import { reasonOf } from './uplink-status.ts';

export interface Verdict {
  readonly holds: 'address' | 'cluster';
  /** Not before so long; undefined: not before somebody says so; 0: when its turn comes. */
  readonly waitMs: number | undefined;
  readonly text: string;
  readonly level: 'info' | 'warn' | 'error';
}

const backOffMsMax = 3_600_000;
const supersededMs = 60_000;
const unknownVersionMs = 300_000;
const protocolMs = 30_000;
/** A certificate that an upgrade refuses may be renewed by hand meanwhile. */
const unauthorisedUpgradeMs = 600_000;
/** Errors that stay until a person has done something. */
const needsPerson: ReadonlySet<string> = new Set(['PIN_MISMATCH', 'OTHER_HUB', 'PROXY_REFUSED', 'PROXY_CREDENTIALS', 'USAGE']);

/** `unit`: random, in [0, 1). */
export function judgeEnd(end: Extract<SessionEnd, { is: 'refused' | 'lost' }>, unit: number): Verdict {
  if (end.is === 'refused') return judgeRefusal(end.refusal, unit);
  const text = reasonOf(end.error);
  const code = errorCode(end.error);
  // The next hub may know an enrolment that this one has not heard of yet.
  if (code === 'NOT_AUTHORISED') return { holds: 'address', waitMs: unauthorisedUpgradeMs, text, level: 'error' };
  return { holds: 'address', waitMs: 0, text, level: code !== undefined && needsPerson.has(code) ? 'error' : 'warn' };
}

function judgeRefusal({ code, detail, retryAfterMs }: Refusal, unit: number): Verdict {
  if (code === 'not-authorised') {
    const text = `the hub does not accept this agent (${detail}); enrol it again`;
    return { holds: 'cluster', waitMs: undefined, text, level: 'error' };
  }
  if (code === 'superseded') {
    const text = 'a newer connection with this identity took over: another agent process runs, or the machine was cloned';
    return { holds: 'cluster', waitMs: supersededMs * (1 + 4 * unit), text, level: 'error' };
  }
  if (code === 'back-off') {
    const waitMs = Math.min(retryAfterMs, backOffMsMax) * (1 + unit / 4);
    return { holds: 'address', waitMs, text: `the hub asks to wait: ${detail}`, level: 'info' };
  }
  if (code === 'unknown-version')
    return { holds: 'address', waitMs: unknownVersionMs * (1 + unit), text: `the hub speaks another version: ${detail}`, level: 'error' };
  return { holds: 'address', waitMs: protocolMs * unit, text: `the hub refused what we sent: ${detail}`, level: 'error' };
}
