// What an uplink says about itself: for `status`, the console's agent page and the log. No promise rests on it.
import type { SourceStatus } from '../ports.ts';

type UplinkState =
  /** Opening the connection. */
  | 'connecting'
  /** Hello is out, Welcome is awaited. */
  | 'greeting'
  | 'connected'
  /** Between two attempts; `nextAttemptMs` says until when. */
  | 'waiting'
  /** The hub does not accept this identity: nothing is sent until the agent is enrolled again. */
  | 'not-authorised'
  | 'stopped';

export interface UplinkStatus {
  state: UplinkState;
  /** Empty when the last session ended well or is still going. */
  lastError: string;
  connectedSinceMs: number;
  nextAttemptMs: number;
  reconnects: number;
  batchesSent: number;
  batchesAcked: number;
  bytesSent: number;
  lastAckMs: number;
  inFlightBatches: number;
  inFlightBytes: number;
  creditBatches: number;
  creditBytes: number;
  /** Why the hub grants nothing at the moment; empty when it does. */
  busyReason: string;
  /** Hub's clock minus ours, measured at Welcome; undefined before the first one. */
  hubClockOffsetMs: number | undefined;
}

export function newUplinkStatus(): UplinkStatus {
  return {
    state: 'connecting',
    lastError: '',
    connectedSinceMs: 0,
    nextAttemptMs: 0,
    reconnects: 0,
    batchesSent: 0,
    batchesAcked: 0,
    bytesSent: 0,
    lastAckMs: 0,
    inFlightBatches: 0,
    inFlightBytes: 0,
    creditBatches: 0,
    creditBytes: 0,
    busyReason: '',
    hubClockOffsetMs: undefined,
  };
}

/** What Hello says besides lanes and clock, asked for at each Hello and Heartbeat. */
export interface HelloParts {
  readonly capabilities: readonly string[];
  readonly policyHash: Uint8Array;
  readonly agentVersion: string;
  readonly hostName: string;
  readonly sources: readonly SourceStatus[];
}

/** The part of a pino logger that an uplink uses. */
export interface UplinkLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
