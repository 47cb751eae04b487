// What an uplink says about itself: for `status`, the console's agent page and the log. No promise rests on it.
import type { LaneName } from '../../proto/delivery.ts';
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

export interface AddressStatus {
  readonly address: string;
  /** in-use: connected or being connected; standby: nothing is known against it; failed: the last attempt or look was in
   * vain; held: the hub there asked to be left alone until `nextTryMs`. */
  state: 'in-use' | 'standby' | 'failed' | 'held';
  sinceMs: number;
  lastError: string;
  lastErrorMs: number;
  /** 0: as soon as it is needed. */
  nextTryMs: number;
  /** Since when the looks at it succeed, while another is in use; 0 when they do not. */
  reachableSinceMs: number;
  sessions: number;
  batchesSent: number;
  batchesAcked: number;
  bytesSent: number;
  bytesAcked: number;
}

export interface UplinkStatus {
  state: UplinkState;
  /** In use or being tried; empty before the first. */
  address: string;
  /** Empty when the last session ended well or is still going. */
  lastError: string;
  connectedSinceMs: number;
  nextAttemptMs: number;
  reconnects: number;
  batchesSent: number;
  batchesAcked: number;
  bytesSent: number;
  bytesAcked: number;
  lastAckMs: number;
  inFlightBatches: number;
  inFlightBytes: number;
  /** Sequences, in the connection that lives; empty without one. */
  lastSent: Partial<Record<LaneName, number>>;
  creditBatches: number;
  creditBytes: number;
  /** Why the hub grants nothing at the moment; empty when it does. */
  busyReason: string;
  /** Hexadecimal; empty before the first Welcome. Of a cluster all addresses say the same hub. */
  hubId: string;
  hubIncarnation: string;
}

/** As `status` tells it. */
export interface UplinkReport extends Readonly<UplinkStatus> {
  readonly addresses: readonly Readonly<AddressStatus>[];
  /** In force now, on the wire; null where there is no limit, 0 where nothing may be sent. */
  readonly bytesPerSecondMax: number | null;
  /** Hub's clock minus ours (clock-offset.ts); undefined before the first Welcome of this address. */
  readonly hubClockOffsetMs: number | undefined;
  readonly roundTripMs: number | undefined;
}

export function newAddressStatus(address: string, nowMs: number): AddressStatus {
  return {
    address,
    state: 'standby',
    sinceMs: nowMs,
    lastError: '',
    lastErrorMs: 0,
    nextTryMs: 0,
    reachableSinceMs: 0,
    sessions: 0,
    batchesSent: 0,
    batchesAcked: 0,
    bytesSent: 0,
    bytesAcked: 0,
  };
}

export function newUplinkStatus(): UplinkStatus {
  return {
    state: 'connecting',
    address: '',
    lastError: '',
    connectedSinceMs: 0,
    nextAttemptMs: 0,
    reconnects: 0,
    batchesSent: 0,
    batchesAcked: 0,
    bytesSent: 0,
    bytesAcked: 0,
    lastAckMs: 0,
    inFlightBatches: 0,
    inFlightBytes: 0,
    lastSent: {},
    creditBatches: 0,
    creditBytes: 0,
    busyReason: '',
    hubId: '',
    hubIncarnation: '',
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

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
