// What the running hub answers on its local socket: status, agents, tokens, webhooks, the newest alerts and tickets,
// searches. Whoever can open the socket is the hub's own user; changes are audited as the local operator's.
import * as z from 'zod';
import { UsageError } from '../proto/runtime/errors.ts';
import { openLocalSocket } from '../proto/runtime/local-socket.ts';
import type { ConsolePorts } from './console/api/ports.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Rooms } from './open-rooms.ts';
import type { HubPipeline } from './pipeline.ts';
import { levels, type Actor } from './ports.ts';
import { searchInPages } from './search-in-pages.ts';

export interface AnsweringHub {
  readonly rooms: Rooms;
  readonly ports: ConsolePorts;
  readonly pipeline: HubPipeline;
  readonly gateway: Gateway;
  readonly version: string;
  readonly console: string;
  readonly agents: string;
}

export interface LocalAnswers {
  /** From now on there is a hub to ask. */
  readonly serve: (hub: AnsweringHub) => void;
  close(): Promise<void>;
}

const searchLinesMax = 10_000;
/** Of alerts and tickets; older ones are found in the console. */
const newestMax = 200;
const operator: Actor = { id: 'local', name: 'local operator', role: 'administrator', address: '' };
const dayMs = 86_400_000;

const tokenWish = z.strictObject({
  note: z.string().max(200).default(''),
  lifeMs: z
    .number()
    .positive()
    .max(30 * dayMs)
    .default(dayMs / 24),
});
const webhookWish = z.strictObject({
  name: z.string().max(80),
  url: z.string().max(2_000),
  minimumLevel: z.enum(levels).default('high'),
  allowPrivate: z.boolean().default(false),
});
const searchWish = z.strictObject({
  query: z.string().max(4_096),
  sinceMs: z.number(),
  untilMs: z.number(),
  limit: z.number().int().min(1).max(searchLinesMax),
});

/** Opened first of all: a second hub on the same data is refused before it touches anything. */
export async function listenLocally(dataFolder: string): Promise<LocalAnswers> {
  let hub: AnsweringHub | undefined;
  const asked = (answer: (hub: AnsweringHub, wish: unknown) => unknown) => (wish: unknown) => {
    if (!hub) throw new UsageError('the hub is starting; ask again in a moment');
    return answer(hub, wish);
  };
  const socket = await openLocalSocket(dataFolder, 'hub', {
    status: asked(tellStatus),
    agents: asked(({ ports }) => ports.fleet.agents()),
    'token create': asked(({ ports }, wish) => ports.fleet.createToken({ ...tokenWish.parse(wish ?? {}), by: operator })),
    'webhook create': asked(({ ports }, wish) => ports.webhooks.create({ ...webhookWish.parse(wish), isEnabled: true }, operator)),
    alerts: asked(({ ports }) =>
      ports.alerts.list({ status: 'all', levels: [], verdict: '', assignee: '', text: '', limit: newestMax, after: '' }),
    ),
    tickets: asked(({ ports }) => ports.tickets.list({ state: 'all', stage: '', owner: '', text: '', limit: newestMax, after: '' })),
    search: asked(search),
  });
  return {
    serve: (started) => {
      hub = started;
    },
    close: () => socket.close(),
  };
}

async function tellStatus({ rooms, pipeline, gateway, version, console, agents }: AnsweringHub): Promise<unknown> {
  const { journal, store, alerts, compiled } = rooms;
  return {
    version,
    pid: process.pid,
    enginePid: store.enginePid,
    console,
    agents,
    journal: journal.status(),
    pipeline: pipeline.status(),
    gateway: gateway.status(),
    store: await store.status(),
    alerts: alerts.status(),
    rules: { loaded: compiled.ruleset.rules.length, correlations: compiled.ruleset.correlations.length, refused: compiled.refused.length },
  };
}

async function search({ ports }: AnsweringHub, wish: unknown): Promise<unknown> {
  const { query, sinceMs, untilMs, limit } = searchWish.parse(wish);
  const parsed = ports.parseQuery(query);
  if (!parsed.ok) throw new UsageError(`${parsed.message}\n  ${query}\n  ${' '.repeat(parsed.at)}^`);
  return searchInPages(ports.events, { where: parsed.node, sinceMs, untilMs, limit, newestFirst: true }, AbortSignal.timeout(60_000));
}
