// Searching events, their histogram, one event, and the live tail.
// Promises: a query that cannot be read is answered with the column where it fails; a search ends when its caller leaves;
// a cursor is (time, id) and nothing else, so a page can be asked for again.
import { Readable } from 'node:stream';
import * as z from 'zod';
import type { SearchNode } from '../../../ports.ts';
import type { Gate } from '../gate.ts';
import { liveTail, tailLimits, type TailMessage } from '../live-tail.ts';
import type { ConsolePorts } from '../ports.ts';
import { notFound, Problem } from '../problems.ts';
import { hasAgent, searchWithin } from '../reach.ts';
import { route, type Call, type Route } from '../route.ts';
import { eventPage, eventView, histogramView, type EventPage, type HistogramView } from '../shapes.ts';

const searchPageMax = 500;
const queryText = z.string().max(4_000).default('');
const instant = z.coerce.number().int().min(0).max(9_999_999_999_999).describe('Milliseconds since 1970');
const searchQuery = z.strictObject({
  query: queryText.describe('word, "a phrase", field:value, * in values, and or not, parentheses'),
  since: instant,
  until: instant,
  limit: z.coerce.number().int().min(1).max(searchPageMax).default(100),
  order: z.enum(['newest', 'oldest']).default('newest'),
  cursor: z.string().max(400).default(''),
});
const histogramQuery = z.strictObject({
  query: queryText,
  since: instant,
  until: instant,
  buckets: z.coerce.number().int().min(1).max(500).default(60),
});

/** Who reaches no agent finds no event. */
const nothing: SearchNode = { is: 'not', of: { is: 'all' } };

export function eventRoutes(ports: ConsolePorts, gate: Gate): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/events',
      tag: 'events',
      summary: 'Search events in a time range',
      action: 'events.read',
      query: searchQuery,
      answer: eventPage,
      handle: (call) => search(ports, call),
    }),
    route({
      method: 'GET',
      path: '/api/v1/events/histogram',
      tag: 'events',
      summary: 'How many events match, over time',
      action: 'events.read',
      query: histogramQuery,
      answer: histogramView,
      handle: (call) => histogram(ports, call),
    }),
    tailRoute(ports, gate),
    route({
      method: 'GET',
      path: '/api/v1/events/:id',
      tag: 'events',
      summary: 'One event with all its fields and the raw line',
      action: 'events.read',
      params: z.strictObject({ id: z.string().max(200) }),
      answer: eventView,
      handle: async ({ params, actor, signal }) => {
        const [event] = await ports.events.get([params.id], signal);
        if (!event || !hasAgent(actor, ports.fleet.agents(), event.fields['agent.id'])) throw notFound('event', params.id);
        return event;
      },
    }),
  ];
}

function tailRoute(ports: ConsolePorts, gate: Gate): Route {
  const watchers = new Map<string, number>();
  return route({
    method: 'GET',
    path: '/api/v1/events/tail',
    tag: 'events',
    summary: 'Events as they arrive: server-sent events `events`, `problem` and `heartbeat`',
    action: 'events.read',
    query: z.strictObject({ query: queryText }),
    answer: 'event-stream',
    handle: async ({ query, actor, reply, token, signal }) => {
      const where = searchWithin(actor, ports.fleet.agents(), parsed(ports, query.query)) ?? nothing;
      admit(watchers, actor.name);
      const isStillSignedIn = async (): Promise<boolean> => (await gate.sessions.find(token)) !== undefined;
      const stream = Readable.from(asText(liveTail(ports, where, signal), isStillSignedIn), { highWaterMark: 1 });
      stream.once('close', () => leave(watchers, actor.name));
      void reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store').send(stream);
    },
  });
}

/** Each message is pulled by the socket, so a slow watcher slows only its own searches. */
async function* asText(messages: AsyncIterable<TailMessage>, isStillSignedIn: () => Promise<boolean>): AsyncGenerator<string> {
  yield 'retry: 3000\n\n';
  for await (const message of messages) {
    if (message.is === 'heartbeat' && !(await isStillSignedIn())) return;
    yield `event: ${message.is}\ndata: ${JSON.stringify(message)}\n\n`;
  }
}

function admit(watchers: Map<string, number>, name: string): void {
  const all = [...watchers.values()].reduce((sum, one) => sum + one, 0);
  const own = watchers.get(name) ?? 0;
  if (all >= tailLimits.watchersMax || own >= tailLimits.watchersPerUserMax) {
    throw new Problem({
      status: 429,
      code: 'TAIL_LIMIT',
      title: 'Too many live tails',
      detail: `At most ${tailLimits.watchersPerUserMax} for one person and ${tailLimits.watchersMax} together; this one was not begun.`,
      remedy: 'Close a live tail in another window.',
      retryAfterSeconds: 5,
    });
  }
  watchers.set(name, own + 1);
}

function leave(watchers: Map<string, number>, name: string): void {
  const left = (watchers.get(name) ?? 1) - 1;
  if (left > 0) watchers.set(name, left);
  else watchers.delete(name);
}

async function search(
  ports: ConsolePorts,
  { query, actor, signal }: Call<unknown, z.infer<typeof searchQuery>, unknown>,
): Promise<EventPage> {
  const after = query.cursor === '' ? undefined : readCursor(query.cursor);
  const answer = await ports.events.search(
    {
      where: searchWithin(actor, ports.fleet.agents(), parsed(ports, query.query)) ?? nothing,
      ...range(query),
      limit: query.limit,
      newestFirst: query.order === 'newest',
      ...(after && { after }),
    },
    signal,
  );
  const last = answer.events.length < query.limit ? undefined : answer.events.at(-1);
  const { isPartial, reason, tookMs, rowsRead } = answer;
  return { events: [...answer.events], cursor: last ? writeCursor(last) : '', isPartial, reason, tookMs, rowsRead };
}

async function histogram(
  ports: ConsolePorts,
  { query, actor, signal }: Call<unknown, z.infer<typeof histogramQuery>, unknown>,
): Promise<HistogramView> {
  const { sinceMs, untilMs } = range(query);
  const bucketMs = niceBucketMs((untilMs - sinceMs) / query.buckets);
  const where = searchWithin(actor, ports.fleet.agents(), parsed(ports, query.query)) ?? nothing;
  const buckets = await ports.events.histogram({ where, sinceMs, untilMs }, bucketMs, signal);
  return { bucketMs, sinceMs, untilMs, buckets: [...buckets] };
}

/** A round width not below what was asked for, so that bars begin at round times. */
function niceBucketMs(askedMs: number): number {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];
  const found = seconds.find((width) => width * 1_000 >= askedMs);
  return found === undefined ? Math.ceil(askedMs / 86_400_000) * 86_400_000 : found * 1_000;
}

function parsed(ports: ConsolePorts, text: string): SearchNode {
  const answer = ports.parseQuery(text);
  if (answer.ok) return answer.node;
  throw new Problem({
    status: 400,
    code: 'BAD_QUERY',
    title: 'The query cannot be read',
    detail: answer.message,
    place: `query.query:${answer.at}`,
    remedy: 'Correct it at the place marked. Words, "phrases", field:value, *, and, or, not and parentheses are understood.',
  });
}

function range(query: { readonly since: number; readonly until: number }): { sinceMs: number; untilMs: number } {
  if (query.since < query.until) return { sinceMs: query.since, untilMs: query.until };
  throw new Problem({
    status: 400,
    code: 'INVALID_REQUEST',
    title: 'The time range is empty',
    detail: 'It ends before it begins.',
    place: 'query.until',
    remedy: 'Choose an end later than the beginning.',
  });
}

function writeCursor({ timeMs, id }: { readonly timeMs: number; readonly id: string }): string {
  return Buffer.from(`${timeMs} ${id}`).toString('base64url');
}

function readCursor(text: string): { timeMs: number; id: string } {
  const match = /^(\d{1,13}) (\S{1,200})$/.exec(Buffer.from(text, 'base64url').toString());
  if (match) return { timeMs: Number(match[1]), id: match[2] ?? '' };
  throw new Problem({
    status: 400,
    code: 'INVALID_REQUEST',
    title: 'The cursor is not one of ours',
    detail: 'The next page cannot be found from it.',
    place: 'query.cursor',
    remedy: 'Search again from the first page.',
  });
}
