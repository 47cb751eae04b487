// Where hub and agent stand: what is equal in two looks when nothing moved between them, and what it means that both are idle.
// Rates and ages, which an agent tells beside its numbers, go on changing for a minute after the last line.
import type { HubStatus } from '../programs/site.ts';
import type { AgentStatus } from './site-wish.ts';

export interface Looks {
  readonly hub: Pick<HubStatus, 'journal' | 'pipeline' | 'store'> | undefined;
  readonly agent: Pick<AgentStatus, 'lanes' | 'lagBytes'> | undefined;
}

export function standOf({ hub, agent }: Looks): string {
  const lanes = agent?.lanes.map(({ lane, buffered, committed }) => [lane, buffered.sequence, buffered.lines, committed.sequence]);
  return JSON.stringify([hub?.journal.next, hub?.pipeline.stored, hub?.pipeline.detected, hub?.store.rows, agent?.lagBytes, lanes]);
}

/** Everything that was seen is read, committed, stored and detected. */
export function isIdle({ hub, agent }: Looks): boolean {
  if (!hub || !agent) return false;
  return agent.lagBytes === 0 && isCommitted(agent) && Math.min(hub.pipeline.stored, hub.pipeline.detected) >= hub.journal.next - 1;
}

export function isCommitted({ lanes }: Pick<AgentStatus, 'lanes'>): boolean {
  return lanes.every(({ buffered, committed }) => buffered.sequence === committed.sequence);
}
