// The alert queue: list, look, judge, assign, close, reopen, open a ticket.
import * as z from 'zod';
import { levels, verdicts, type Level } from '../../../ports.ts';
import type { ChangeBy, ConsolePorts } from '../ports.ts';
import { notFound } from '../problems.ts';
import { visible, within } from '../reach.ts';
import { route, type Call, type Route } from '../route.ts';
import { alertSummary, alertView, ticketView, type AlertView } from '../shapes.ts';

const idParams = z.strictObject({ id: z.string().min(1).max(64) });
/** As long as the alert keeps it; more belongs into the ticket. */
const note = z.string().max(300).default('');
const revision = z.number().int().min(0).optional();
const listQuery = z.strictObject({
  status: z.enum(['open', 'closed', 'all']).default('open'),
  level: z.string().max(80).default('').describe('Levels, separated by commas; empty is all').transform(readLevels),
  verdict: z.enum([...verdicts, 'none', '']).default(''),
  assignee: z.string().max(64).default(''),
  text: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.string().max(64).default(''),
});

type IdParams = z.infer<typeof idParams>;
type Step<B> = (id: string, body: B, change: ChangeBy) => Promise<AlertView | undefined>;

export function alertRoutes({ alerts }: ConsolePorts): Route[] {
  const visibleAlert = async ({ params, actor }: Call<IdParams, unknown, unknown>): Promise<AlertView> =>
    visible(actor, await alerts.get(params.id), notFound('alert', params.id));
  return [
    listRoute({ alerts }),
    route({
      method: 'GET',
      path: '/api/v1/alerts/:id',
      tag: 'alerts',
      summary: 'One alert with its evidence and history',
      action: 'alerts.read',
      params: idParams,
      answer: alertView,
      handle: visibleAlert,
    }),
    ...decisionRoutes({ alerts }, visibleAlert),
    route({
      method: 'POST',
      path: '/api/v1/alerts/:id/ticket',
      tag: 'alerts',
      summary: 'The ticket of this alert; made if there is none',
      action: 'alerts.triage',
      audit: 'alert.open-ticket',
      params: idParams,
      body: z.strictObject({}),
      answer: ticketView,
      handle: async (call) => {
        await visibleAlert(call);
        return visible(call.actor, await alerts.openTicket(call.params.id, call.by), notFound('alert', call.params.id));
      },
    }),
  ];
}

/** What people decide about an alert. */
function decisionRoutes(
  { alerts }: Pick<ConsolePorts, 'alerts'>,
  visibleAlert: (call: Call<IdParams, unknown, unknown>) => Promise<AlertView>,
): Route[] {
  const change = <B extends { readonly revision?: number | undefined }>(
    name: string,
    summary: string,
    body: z.ZodType<B>,
    step: Step<B>,
  ): Route =>
    route({
      method: 'POST',
      path: `/api/v1/alerts/:id/${name}`,
      tag: 'alerts',
      summary,
      action: 'alerts.triage',
      audit: `alert.${name}`,
      params: idParams,
      body,
      describe: (body) =>
        Object.values(body)
          .filter((value) => typeof value === 'string' && value !== '')
          .join(': '),
      answer: alertView,
      handle: async (call) => {
        await visibleAlert(call);
        return visible(
          call.actor,
          await step(call.params.id, call.body, { by: call.by, revision: call.body.revision }),
          notFound('alert', call.params.id),
        );
      },
    });
  return [
    change('verdict', 'Judge it', z.strictObject({ revision, verdict: z.enum(verdicts), note }), (id, body, by) =>
      alerts.verdict(id, body.verdict, body.note, by),
    ),
    change(
      'assign',
      'Give it to somebody; empty gives it back',
      z.strictObject({ revision, assignee: z.string().max(64) }),
      (id, body, by) => alerts.assign(id, body.assignee, by),
    ),
    change(
      'close',
      'Close it, with a verdict if it has none',
      z.strictObject({ revision, verdict: z.enum(verdicts).optional(), note }),
      (id, { verdict, note }, by) => alerts.close(id, { verdict, note }, by),
    ),
    change('reopen', 'Open it again', z.strictObject({ revision, note }), (id, body, by) => alerts.reopen(id, body.note, by)),
  ];
}

function listRoute({ alerts }: Pick<ConsolePorts, 'alerts'>): Route {
  return route({
    method: 'GET',
    path: '/api/v1/alerts',
    tag: 'alerts',
    summary: 'Alerts, the one with the latest event first',
    action: 'alerts.read',
    query: listQuery,
    answer: z.object({ alerts: z.array(alertSummary), after: z.string() }),
    handle: async ({ query, actor }) => {
      const { level, ...filter } = query;
      const found = await alerts.list({ ...filter, levels: level });
      return { alerts: within(actor, found), after: found.length < query.limit ? '' : (found.at(-1)?.id ?? '') };
    },
  });
}

function readLevels(text: string): Level[] {
  const wanted = text.split(',');
  return levels.filter((level) => wanted.includes(level));
}
