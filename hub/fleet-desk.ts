// The fleet as the console sees it: every agent that ever enrolled, with what its live connection says now.
import type { Clock } from '../proto/runtime/clock.ts';
import type { FleetDesk } from './console/api/ports.ts';
import type { AgentView, SourceView } from './console/api/shapes.ts';
import type { AgentDocument, Roster } from './fleet/roster.ts';
import type { TokenDesk } from './fleet/tokens.ts';
import type { AgentSnapshot } from './gateway/gateway-ports.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Audit } from './ports.ts';
import type { Rates } from './rates.ts';

export interface FleetParts {
  readonly roster: Roster;
  readonly tokens: TokenDesk;
  readonly gateway: Pick<Gateway, 'agents' | 'disconnect'>;
  readonly rates: Pick<Rates, 'of'>;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Where agents of the network reach the hub. */
  readonly enrolUrl: string;
}

/** Until rules know each source's own rhythm, this is the silence that is shown; the rule "Source gone silent" alerts. */
const silentMs = 6 * 3_600_000;
const clockWrongMs = 5_000;

export function fleetDesk(parts: FleetParts): FleetDesk {
  const { roster, tokens, gateway, audit, clock, enrolUrl } = parts;
  return {
    agents: () => {
      const live = new Map(gateway.agents().map((agent) => [agent.agentId, agent]));
      return roster.list().map((agent) => agentViewOf(agent, live.get(agent.id), parts));
    },
    tokens: () => tokens.list(),
    createToken: async ({ note, lifeMs, by }) => {
      const { token, view } = await tokens.create({ by: by.name, lifeMs, note });
      await audit.record({ atMs: clock.nowMs(), actor: by, action: 'token.create', object: `token/${view.id}`, before: '', after: note });
      return { ...view, token, hubUrl: enrolUrl, command: `atalaia-agent enroll --hub ${enrolUrl} --token-file -` };
    },
    removeToken: async (id, by) => {
      const isRemoved = await tokens.remove(id);
      if (isRemoved)
        await audit.record({ atMs: clock.nowMs(), actor: by, action: 'token.remove', object: `token/${id}`, before: '', after: '' });
      return isRemoved;
    },
    revoke: async (agentId, reason, by) => {
      if (!(await roster.setRevoked(agentId, true, by.name))) return false;
      gateway.disconnect(agentId, `revoked: ${reason}`);
      await audit.record({ atMs: clock.nowMs(), actor: by, action: 'agent.revoke', object: `agent/${agentId}`, before: '', after: reason });
      return true;
    },
  };
}

function agentViewOf(agent: AgentDocument, live: AgentSnapshot | undefined, { rates, clock }: FleetParts): AgentView {
  const { linesPerSecond, bytesPerSecond } = rates.of(agent.id);
  const isConnected = live?.isConnected ?? false;
  return {
    agentId: agent.id,
    name: agent.name,
    hostName: live?.hostName ?? '',
    version: live?.agentVersion ?? '',
    address: live?.address ?? '',
    isConnected,
    connectedAtMs: live?.connectedSinceMs ?? 0,
    lastSeenMs: live ? Math.max(live.lastFrameMs, live.disconnectedMs) : 0,
    linesPerSecond,
    bytesPerSecond,
    bufferedBytes: live?.bufferedBytes ?? 0,
    bufferedBatches: live?.bufferedBatches ?? 0,
    clockOffsetMs: live?.clockOffsetMs ?? agent.clock?.offsetMs ?? 0,
    certificateExpiresMs: agent.certificateExpiresMs,
    isRevoked: agent.isRevoked,
    problem: problemOf(agent, live),
    constituency: agent.constituency,
    sources: (live?.sources ?? []).map((source) => sourceViewOf(source, clock.nowMs())),
  };
}

function problemOf(agent: AgentDocument, live: AgentSnapshot | undefined): string {
  if (agent.isRevoked) return `revoked by ${agent.revokedBy}`;
  if (!live) return 'not seen since the hub started';
  if (live.lastRefusal !== '' && !live.isConnected) return live.lastRefusal;
  const isClockWrong = live.isConnected && Math.abs(live.clockOffsetMs) > clockWrongMs;
  const seconds = Math.round(Math.abs(live.clockOffsetMs) / 1_000);
  return isClockWrong
    ? `its clock is ${seconds} s ${live.clockOffsetMs < 0 ? 'behind' : 'ahead of'} ours: times of its lines are wrong`
    : '';
}

function sourceViewOf(source: AgentSnapshot['sources'][number], nowMs: number): SourceView {
  const { sourceId, type, linesRead, bytesRead, lagBytes, lastReadMs, problem } = source;
  return { sourceId, type, linesRead, bytesRead, lagBytes, lastReadMs, problem, isSilent: lastReadMs > 0 && nowMs - lastReadMs > silentMs };
}
