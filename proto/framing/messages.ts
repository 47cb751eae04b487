// The messages of relay.proto as plain values, the way both ends hold them: numbers are safe integers, bytes are views
// into the frame they came in (zero copy), absent text is empty. The encoders and decoders beside this file are written
// by hand because generated code returns Long objects, throws on hostile bytes and knows no limits (DECISION-wire-code.md).
import type { LaneName } from '../delivery.ts';

export interface WireFileIdentity {
  readonly device: number;
  readonly inode: number;
  readonly fingerprint: Uint8Array;
  readonly fingerprintBytes: number;
}

export interface WireCounters {
  readonly linesRead: number;
  readonly linesFiltered: number;
  readonly linesTrimmed: number;
  readonly linesCut: number;
  readonly bytesRead: number;
  readonly bytesKept: number;
  readonly linesDropped: Readonly<Record<string, number>>;
}

export interface StreamEntry {
  readonly sourceId: string;
  readonly streamId: string;
  readonly file: WireFileIdentity | undefined;
  readonly path: string;
  readonly typeHint: string;
  readonly timeZone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** SHA-256 of the policy, empty when there was none. */
  readonly policyHash: Uint8Array;
  readonly isTrimmed: boolean;
  readonly endOffset: number;
  readonly endLineNumber: number;
  readonly tailHash: Uint8Array;
  readonly tailBytes: number;
  readonly counters: WireCounters;
  readonly cursor: string;
}

export interface BatchBody {
  readonly streams: readonly StreamEntry[];
  readonly lineCount: number;
  /** Size of `lines` when decompressed. */
  readonly rawBytes: number;
  /** zstd of an encoded Lines. */
  readonly lines: Uint8Array;
}

export interface BatchFrame {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly body: Uint8Array;
}

export interface LostFrame {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly hash: Uint8Array;
  readonly reason: string;
  readonly streams: readonly StreamEntry[];
}

export interface HelloLane {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly oldestSequence: number;
  readonly nextSequence: number;
  readonly held: readonly { readonly sequence: number; readonly hash: Uint8Array }[];
  readonly damaged: boolean;
}

export interface SourceState {
  readonly sourceId: string;
  readonly type: string;
  readonly linesRead: number;
  readonly bytesRead: number;
  readonly lagBytes: number;
  readonly lastReadMs: number;
  readonly problem: string;
}

export interface Hello {
  readonly protocolVersion: number;
  readonly lanes: readonly HelloLane[];
  readonly capabilities: readonly string[];
  readonly agentClockMs: number;
  readonly policyHash: Uint8Array;
  readonly agentVersion: string;
  /** Claimed; never an identity. */
  readonly hostName: string;
  readonly sources: readonly SourceState[];
}

export interface Heartbeat {
  readonly agentClockMs: number;
  readonly sources: readonly SourceState[];
  readonly bufferedBatches: number;
  readonly bufferedBytes: number;
}

export type AgentFrame =
  | { readonly is: 'hello'; readonly hello: Hello }
  | { readonly is: 'batch'; readonly batch: BatchFrame }
  | { readonly is: 'lost'; readonly lost: LostFrame }
  | { readonly is: 'heartbeat'; readonly heartbeat: Heartbeat };

export interface Credit {
  readonly batches: number;
  readonly bytes: number;
}

/** Where the hub's committed lines of a stream end. */
export interface WirePosition {
  readonly sourceId: string;
  readonly streamId: string;
  readonly file: WireFileIdentity | undefined;
  readonly offset: number;
  readonly lineNumber: number;
  readonly tailHash: Uint8Array;
  readonly counters: WireCounters;
  readonly cursor: string;
}

export interface LaneWelcome {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly epochKnown: boolean;
  readonly commonSequence: number;
  readonly commonHash: Uint8Array;
  readonly parted: boolean;
  readonly positions: readonly WirePosition[];
}

export interface Welcome {
  readonly protocolVersion: number;
  readonly hubId: Uint8Array;
  readonly incarnation: Uint8Array;
  readonly lanes: readonly LaneWelcome[];
  readonly credit: Credit;
  readonly hubClockMs: number;
}

export interface Ack {
  /** Undefined: the Ack carries credit alone. */
  readonly lane: LaneName | undefined;
  readonly epoch: Uint8Array;
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly credit: Credit | undefined;
  readonly clocks?: Clocks | undefined;
}

export interface Busy {
  readonly credit: Credit | undefined;
  readonly reason: string;
  readonly clocks?: Clocks | undefined;
}

/** In the answer to a Heartbeat; an older hub tells none. */
export interface Clocks {
  readonly hubClockMs: number;
  /** As the Heartbeat said it. */
  readonly agentClockMs: number;
}

export type RefusalCode = 'not-authorised' | 'back-off' | 'protocol' | 'superseded' | 'unknown-version' | 'unspecified';

export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly retryAfterMs: number;
}

export type HubFrame =
  | { readonly is: 'welcome'; readonly welcome: Welcome }
  | { readonly is: 'ack'; readonly ack: Ack }
  | { readonly is: 'busy'; readonly busy: Busy }
  | { readonly is: 'refusal'; readonly refusal: Refusal };
