// What the gateway needs of the rest of the hub, and what it shows of its agents.
import type { SourceState } from '../../proto/framing/messages.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import type { Journal } from '../ports.ts';

/** The part of a pino logger that the gateway uses. */
export interface GatewayLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface GatewayOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: GatewayLog;
  /** 16 bytes each. */
  readonly hubId: Uint8Array;
  readonly incarnation: Uint8Array;
  /** How much of the full window the pipeline leaves to agents, 0 to 1. Asked often; must be cheap. */
  readonly credit: () => number;
  /** Called when an agent comes or goes. */
  readonly onChange?: (agentId: string) => void;
  /** Bytes that may wait for the journal over all agents. */
  readonly pendingBytesMax?: number;
}

/** Whom the transport has verified. */
export interface ConnectedPeer {
  readonly agentId: string;
  readonly address?: string;
}

export interface AgentSnapshot {
  readonly agentId: string;
  readonly isConnected: boolean;
  readonly connectedSinceMs: number;
  readonly disconnectedMs: number;
  readonly lastFrameMs: number;
  readonly lastCommitMs: number;
  /** From where the last connection came; empty when the transport has none. */
  readonly address: string;
  /** Claimed by the agent; never an identity. */
  readonly hostName: string;
  readonly agentVersion: string;
  readonly capabilities: readonly string[];
  /** Hexadecimal, empty without a policy. */
  readonly policyHash: string;
  /** Agent's clock minus the hub's when it last said it. */
  readonly clockOffsetMs: number;
  readonly sources: readonly SourceState[];
  readonly bufferedBatches: number;
  readonly bufferedBytes: number;
  /** Since the hub started, committed ones. */
  readonly batches: number;
  readonly lines: number;
  readonly bytes: number;
  readonly losses: number;
  readonly repeats: number;
  /** Why the hub last closed a connection of this agent; empty when it never did. */
  readonly lastRefusal: string;
}
