// Writes down how far the agents' clocks are off, on their documents, so that the times of their lines can be judged
// later too. Seldom: only what changed by more than a second, or is older than an hour. What cannot be written is tried
// again at the next round; nothing depends on it.
import type { Clock } from '../proto/runtime/clock.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import type { AgentDocument } from './fleet/roster.ts';
import type { AgentSnapshot, GatewayLog } from './gateway/gateway-ports.ts';

const roundMs = 60_000;
const changeMs = 1_000;
const oldMs = 3_600_000;

export interface AgentClocks {
  readonly gateway: { agents(): readonly AgentSnapshot[] };
  readonly roster: { get(id: string): AgentDocument | undefined; noteClock(id: string, offsetMs: number): Promise<void> };
  readonly clock: Clock;
  readonly log: GatewayLog;
}

/** Runs until the signal aborts. */
export async function noteAgentClocks({ gateway, roster, clock, log }: AgentClocks, signal: AbortSignal): Promise<void> {
  for await (const _ of ticks(roundMs, { clock, signal })) {
    for (const { agentId, isConnected, clockOffsetMs } of gateway.agents()) {
      const known = roster.get(agentId)?.clock;
      const isNews = !known || Math.abs(known.offsetMs - clockOffsetMs) > changeMs || clock.nowMs() - known.measuredMs > oldMs;
      if (!isConnected || !isNews || signal.aborted) continue;
      await roster
        .noteClock(agentId, clockOffsetMs)
        .catch((error: unknown) => log.warn({ err: error, agent: agentId }, 'clock offset not written down; it is tried again'));
    }
  }
}
