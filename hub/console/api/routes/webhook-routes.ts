// Webhooks: who is told of alerts, with what secret, and what became of each message.
// Promises: a secret is answered once, at creation and at rotation, and never again.
import * as z from 'zod';
import type { ConsolePorts } from '../ports.ts';
import { notFound } from '../problems.ts';
import { route, type Route } from '../route.ts';
import { deliveryView, level, webhookSecret, webhookView } from '../shapes.ts';

const idParams = z.strictObject({ id: z.string().min(1).max(80) });
const wish = z.strictObject({
  name: z.string().trim().min(1).max(80),
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2_000),
  isEnabled: z.boolean(),
  minimumLevel: level,
  allowPrivate: z
    .boolean()
    .optional()
    .describe('Also private and loopback addresses, and plain http. Left out: as it was, false at creation'),
});
/** Never the whole address: its path may be the receiver's secret. */
const describeWish = ({ name, url, isEnabled, minimumLevel, allowPrivate }: z.infer<typeof wish>): string =>
  `${name} to ${new URL(url).host} from ${minimumLevel}, ${isEnabled ? 'on' : 'off'}${allowPrivate ? ', private addresses too' : ''}`;
const empty = z.strictObject({});

function need<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw notFound('webhook', id);
  return found;
}

export function webhookRoutes({ webhooks }: ConsolePorts): Route[] {
  const base = { tag: 'webhooks', params: idParams } as const;
  return [
    route({
      method: 'GET',
      path: '/api/v1/webhooks',
      tag: 'webhooks',
      summary: 'All webhooks',
      action: 'webhooks.read',
      answer: z.object({ webhooks: z.array(webhookView) }),
      handle: async () => ({ webhooks: [...(await webhooks.list())] }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/webhooks',
      tag: 'webhooks',
      summary: 'Create one; the secret is in this answer only',
      action: 'webhooks.change',
      audit: 'webhook.create',
      body: wish,
      describe: describeWish,
      answer: webhookSecret,
      handle: ({ body, by }) => webhooks.create(body, by),
    }),
    route({
      ...base,
      method: 'PUT',
      path: '/api/v1/webhooks/:id',
      summary: 'Change it',
      action: 'webhooks.change',
      audit: 'webhook.change',
      body: wish,
      describe: describeWish,
      answer: webhookView,
      handle: async ({ params, body, by }) => need(await webhooks.change(params.id, body, by), params.id),
    }),
    route({
      ...base,
      method: 'DELETE',
      path: '/api/v1/webhooks/:id',
      summary: 'Remove it with its deliveries',
      action: 'webhooks.change',
      audit: 'webhook.remove',
      answer: 'nothing',
      handle: async ({ params, by }) => {
        if (!(await webhooks.remove(params.id, by))) throw notFound('webhook', params.id);
      },
    }),
    route({
      ...base,
      method: 'POST',
      path: '/api/v1/webhooks/:id/secret',
      summary: 'Make a new secret; the old one ends',
      action: 'webhooks.change',
      audit: 'webhook.rotate-secret',
      body: empty,
      answer: webhookSecret,
      handle: async ({ params, by }) => need(await webhooks.rotateSecret(params.id, by), params.id),
    }),
    ...deliveryRoutes({ webhooks }),
  ];
}

function deliveryRoutes({ webhooks }: Pick<ConsolePorts, 'webhooks'>): Route[] {
  const base = { tag: 'webhooks', params: idParams } as const;
  return [
    route({
      ...base,
      method: 'POST',
      path: '/api/v1/webhooks/:id/test',
      summary: 'Send a test message now',
      action: 'webhooks.change',
      audit: 'webhook.test',
      body: empty,
      answer: deliveryView,
      handle: async ({ params, by }) => need(await webhooks.test(params.id, by), params.id),
    }),
    route({
      ...base,
      method: 'GET',
      path: '/api/v1/webhooks/:id/deliveries',
      summary: 'Its messages, newest first; state=dead gives the dead letters',
      action: 'webhooks.read',
      query: z.strictObject({
        state: z.enum(['delivered', 'waiting', 'dead', 'all']).default('all'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      answer: z.object({ deliveries: z.array(deliveryView) }),
      handle: async ({ params, query }) => {
        need(await webhooks.get(params.id), params.id);
        return { deliveries: [...(await webhooks.deliveries(params.id, query))] };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/webhooks/:id/deliveries/:delivery/replay',
      tag: 'webhooks',
      summary: 'Send a dead letter again, under the same id',
      action: 'webhooks.change',
      audit: 'webhook.replay',
      params: z.strictObject({ id: z.string().min(1).max(80), delivery: z.string().min(1).max(80) }),
      body: empty,
      answer: 'nothing',
      handle: async ({ params, by }) => {
        if (!(await webhooks.replay(params.id, params.delivery, by))) throw notFound('delivery', params.delivery);
      },
    }),
  ];
}
