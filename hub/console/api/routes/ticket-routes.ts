// Tickets: list, look, open, assign, comment, move along the plan, close, reopen.
import * as z from 'zod';
import type { ChangeBy, ConsolePorts } from '../ports.ts';
import { reaches, type Actor } from '../permissions.ts';
import { notFound, Problem } from '../problems.ts';
import { visible, within } from '../reach.ts';
import { route, type Call, type Route } from '../route.ts';
import { constituencyName, level, ticketSummary, ticketView, type TicketView } from '../shapes.ts';

const idParams = z.strictObject({ id: z.string().min(1).max(64) });
/** What belongs to nobody else (agents and alerts begin with it too). */
const houseConstituency = 'main';
const note = z.string().max(16_000).default('');
const revision = z.number().int().min(0).optional();
const listQuery = z.strictObject({
  state: z.enum(['open', 'closed', 'all']).default('open'),
  stage: z.string().max(40).default(''),
  owner: z.string().max(64).default(''),
  text: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(200),
  after: z.string().max(64).default(''),
});

type IdParams = z.infer<typeof idParams>;
type Step<B> = (id: string, body: B, change: ChangeBy) => Promise<TicketView | undefined>;

export function ticketRoutes({ tickets }: ConsolePorts): Route[] {
  const visibleTicket = async ({ params, actor }: Call<IdParams, unknown, unknown>): Promise<TicketView> =>
    visible(actor, await tickets.get(params.id), notFound('ticket', params.id));
  const change = <B extends { readonly revision?: number | undefined }>(
    name: string,
    summary: string,
    body: z.ZodType<B>,
    step: Step<B>,
  ): Route =>
    route({
      method: 'POST',
      path: `/api/v1/tickets/:id/${name}`,
      tag: 'tickets',
      summary,
      action: 'tickets.work',
      audit: `ticket.${name}`,
      params: idParams,
      body,
      describe: (body) =>
        Object.values(body)
          .filter((value) => typeof value === 'string' && value !== '')
          .join(': '),
      answer: ticketView,
      handle: async (call) => {
        await visibleTicket(call);
        return visible(
          call.actor,
          await step(call.params.id, call.body, { by: call.by, revision: call.body.revision }),
          notFound('ticket', call.params.id),
        );
      },
    });
  return [
    listRoute({ tickets }),
    createRoute({ tickets }),
    route({
      method: 'GET',
      path: '/api/v1/tickets/:id',
      tag: 'tickets',
      summary: 'One ticket with its history and evidence',
      action: 'tickets.read',
      params: idParams,
      answer: ticketView,
      handle: visibleTicket,
    }),
    change('assign', 'Give it to somebody; empty gives it back', z.strictObject({ revision, owner: z.string().max(64) }), (id, body, by) =>
      tickets.assign(id, body.owner, by),
    ),
    change('comment', 'Add to its history', z.strictObject({ revision, text: z.string().trim().min(1).max(16_000) }), (id, body, by) =>
      tickets.comment(id, body.text, by),
    ),
    change('move', 'Move it to another stage', z.strictObject({ revision, stage: z.string().min(1).max(40), note }), (id, body, by) =>
      tickets.move(id, body.stage, body.note, by),
    ),
    change('close', 'Close it', z.strictObject({ revision, reason: z.string().min(1).max(40), note }), (id, { reason, note }, by) =>
      tickets.close(id, { reason, note }, by),
    ),
    change('reopen', 'Open it again', z.strictObject({ revision, note }), (id, body, by) => tickets.reopen(id, body.note, by)),
  ];
}

function createRoute({ tickets }: Pick<ConsolePorts, 'tickets'>): Route {
  return route({
    method: 'POST',
    path: '/api/v1/tickets',
    tag: 'tickets',
    summary: 'Open a ticket by hand',
    action: 'tickets.work',
    audit: 'ticket.create',
    body: z.strictObject({
      title: z.string().trim().min(3).max(200),
      severity: level,
      text: note,
      constituency: constituencyName.optional().describe('Left out: the first of yours, or main'),
    }),
    answer: ticketView,
    handle: ({ body, by, actor }) => tickets.create({ ...body, constituency: ownedBy(actor, body.constituency) }, by),
  });
}

function listRoute({ tickets }: Pick<ConsolePorts, 'tickets'>): Route {
  return route({
    method: 'GET',
    path: '/api/v1/tickets',
    tag: 'tickets',
    summary: 'Tickets, the latest change first, and the stages of the plan in order',
    action: 'tickets.read',
    query: listQuery,
    answer: z.object({
      tickets: z.array(ticketSummary),
      after: z.string(),
      stages: z.array(z.object({ stage: z.string(), count: z.number() })),
      closeReasons: z.array(z.string()),
    }),
    handle: async ({ query, actor }) => {
      const found = await tickets.list(query);
      const counted = new Map((await tickets.countByStage((ticket) => reaches(actor, ticket))).map(({ stage, count }) => [stage, count]));
      const stages = tickets.stages.map((stage) => ({ stage, count: counted.get(stage) ?? 0 }));
      return {
        tickets: within(actor, found),
        after: found.length < query.limit ? '' : (found.at(-1)?.id ?? ''),
        stages,
        closeReasons: [...tickets.closeReasons],
      };
    },
  });
}

/** Whom a new ticket concerns. */
function ownedBy(actor: Actor, wished: string | undefined): string {
  const constituency = wished ?? (actor.constituencies.includes('*') ? houseConstituency : (actor.constituencies[0] ?? ''));
  if (reaches(actor, { constituency })) return constituency;
  throw new Problem({
    status: 403,
    code: 'NOT_PERMITTED',
    title: 'Not permitted',
    detail: `${actor.name} does not act for ${constituency}. Nothing was changed.`,
    place: 'body.constituency',
    remedy: `Name one of yours: ${actor.constituencies.join(', ')}.`,
  });
}
