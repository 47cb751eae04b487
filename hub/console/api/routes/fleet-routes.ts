// Agents and their sources, enrolment, the overview, the ledger, health and the audit trail.
import * as z from 'zod';
import type { LedgerSum } from '../../../ports.ts';
import type { AuditTrail } from '../audit-trail.ts';
import type { ConsolePorts } from '../ports.ts';
import { notFound } from '../problems.ts';
import { reaches, type Actor } from '../permissions.ts';
import { hasAgent, visible, within } from '../reach.ts';
import { route, type Route } from '../route.ts';
import {
  agentView,
  auditView,
  healthView,
  ledgerView,
  overviewView,
  sourceView,
  tokenCreated,
  tokenView,
  type LedgerView,
  type OverviewView,
} from '../shapes.ts';

const agentParams = z.strictObject({ id: z.string().min(1).max(64) });

export function fleetRoutes({ fleet }: ConsolePorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/agents',
      tag: 'agents',
      summary: 'All agents as the hub sees them now',
      action: 'agents.read',
      answer: z.object({ agents: z.array(agentView) }),
      handle: async ({ actor }) => ({ agents: within(actor, fleet.agents()) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/agents/:id',
      tag: 'agents',
      summary: 'One agent with its sources',
      action: 'agents.read',
      params: agentParams,
      answer: agentView,
      handle: async ({ params, actor }) =>
        visible(
          actor,
          fleet.agents().find(({ agentId }) => agentId === params.id),
          notFound('agent', params.id),
        ),
    }),
    route({
      method: 'POST',
      path: '/api/v1/agents/:id/revoke',
      tag: 'agents',
      summary: 'Refuse this agent from now on; its live connection is cut',
      action: 'agents.revoke',
      audit: 'agent.revoke',
      params: agentParams,
      body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
      describe: ({ reason }) => reason,
      answer: 'nothing',
      handle: async ({ params, body, by, actor }) => {
        visible(
          actor,
          fleet.agents().find(({ agentId }) => agentId === params.id),
          notFound('agent', params.id),
        );
        if (!(await fleet.revoke(params.id, body.reason, by))) throw notFound('agent', params.id);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/sources',
      tag: 'agents',
      summary: 'Every source of every agent',
      action: 'agents.read',
      answer: z.object({ sources: z.array(sourceView.extend({ agentId: z.string(), agentName: z.string(), isConnected: z.boolean() })) }),
      handle: async ({ actor }) => ({
        sources: within(actor, fleet.agents()).flatMap(({ agentId, name, isConnected, sources }) =>
          sources.map((source) => ({ agentId, agentName: name, isConnected, ...source })),
        ),
      }),
    }),
    ...enrolmentRoutes({ fleet }),
  ];
}

function enrolmentRoutes({ fleet }: Pick<ConsolePorts, 'fleet'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/enrolment-tokens',
      tag: 'agents',
      summary: 'Enrolment tokens, without their secrets',
      action: 'agents.enrol',
      answer: z.object({ tokens: z.array(tokenView) }),
      handle: async () => ({ tokens: [...(await fleet.tokens())] }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/enrolment-tokens',
      tag: 'agents',
      summary: 'A one-time token for a new agent; shown in this answer only',
      action: 'agents.enrol',
      audit: 'token.create',
      body: z.strictObject({
        note: z.string().max(200).default(''),
        lifeMs: z
          .number()
          .int()
          .min(60_000)
          .max(30 * 86_400_000)
          .default(3_600_000),
      }),
      describe: ({ note }) => note,
      answer: tokenCreated,
      handle: ({ body, by }) => fleet.createToken({ ...body, by }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/enrolment-tokens/:id',
      tag: 'agents',
      summary: 'Make a token useless',
      action: 'agents.enrol',
      audit: 'token.remove',
      params: agentParams,
      answer: 'nothing',
      handle: async ({ params, by }) => {
        if (!(await fleet.removeToken(params.id, by))) throw notFound('token', params.id);
      },
    }),
  ];
}

export function overviewRoutes(ports: ConsolePorts, audit: AuditTrail): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/overview',
      tag: 'overview',
      summary: 'What is going on, on one screen',
      action: 'overview.read',
      answer: overviewView,
      handle: ({ actor }) => overview(ports, actor),
    }),
    route({
      method: 'GET',
      path: '/api/v1/health',
      tag: 'overview',
      summary: 'Journal, store and detection',
      action: 'health.read',
      answer: healthView,
      handle: () => ports.health(),
    }),
    route({
      method: 'GET',
      path: '/api/v1/ledger',
      tag: 'overview',
      summary: 'What became of every line read since a time',
      action: 'ledger.read',
      query: z.strictObject({ since: z.coerce.number().int().min(0) }),
      answer: z.object({ rows: z.array(ledgerView) }),
      handle: async ({ query, signal, actor }) => {
        const rows = await ports.events.ledger(query.since, signal);
        return { rows: rows.filter(({ agentId }) => hasAgent(actor, ports.fleet.agents(), agentId)).map(withGap) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/audit',
      tag: 'audit',
      summary: 'Who changed what, newest first',
      action: 'audit.read',
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(500).default(100),
        after: z.string().max(64).default(''),
      }),
      answer: z.object({ entries: z.array(auditView), after: z.string() }),
      handle: async ({ query }) => {
        const entries = await audit.list(query);
        return { entries, after: entries.length < query.limit ? '' : (entries.at(-1)?.id ?? '') };
      },
    }),
  ];
}

async function overview({ clock, fleet, alerts, tickets, rates, health }: ConsolePorts, actor: Actor): Promise<OverviewView> {
  const agents = within(actor, fleet.agents());
  const known = agents.filter(({ isRevoked }) => !isRevoked);
  const connected = known.filter(({ isConnected }) => isConnected).length;
  const silent = known.flatMap(({ agentId, name, sources }) =>
    sources
      .filter(({ isSilent, problem }) => isSilent || problem !== '')
      .map(({ sourceId, lastReadMs, problem }) => ({ agentId, agentName: name, sourceId, lastReadMs, problem })),
  );
  return {
    nowMs: clock.nowMs(),
    rates: [...rates()],
    alertsByLevel: await alerts.countOpen((alert) => reaches(actor, alert)),
    ticketsByStage: [...(await tickets.countByStage((ticket) => reaches(actor, ticket)))],
    agents: { total: agents.length, connected, away: known.length - connected, revoked: agents.length - known.length },
    sourcesTotal: known.reduce((sum, { sources }) => sum + sources.length, 0),
    silentSources: silent.slice(0, 200),
    health: await health(),
  };
}

function withGap(sum: LedgerSum): LedgerView {
  return { ...sum, gap: sum.linesRead - sum.linesStored - sum.linesFiltered - sum.linesDropped - sum.linesLost };
}
