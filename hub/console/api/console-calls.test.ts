import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryConsole, signInAs, type Caller, type MemoryConsole } from '../testing/memory-console.ts';
import { firewallAgentId, webAgentId } from '../testing/memory-world.ts';
import { consoleRoutes, makeGate } from './build-console.ts';
import { leastRole } from './permissions.ts';
import { defaultPasswordCost } from './passwords.ts';
import type { Route } from './route.ts';
import { roles } from './roles.ts';
import { problemView, type AlertView, type EventPage, type TicketView, type WebhookSecret } from './shapes.ts';

let it: MemoryConsole;

beforeEach(async () => {
  it = await memoryConsole();
});
afterEach(() => it.app.close());

function routesOf({ ports }: MemoryConsole): Route[] {
  const settings = { isTls: false, hostNames: ['localhost'], passwordCost: defaultPasswordCost };
  return consoleRoutes(ports, settings, makeGate(ports, settings));
}

/** A request that the route's schema takes, for an object that may not exist: permission is asked before it is looked for. */
function urlOf(route: Route): string {
  const path = route.path.replace(':delivery', 'msg_1').replace(':name', 'nobody').replace(':id', '0123456789abcdef');
  if (route.path.startsWith('/api/v1/events') && route.path !== '/api/v1/events/tail') return `${path}?since=1&until=2`;
  return route.path === '/api/v1/ledger' ? `${path}?since=0` : path;
}

test('every call is in the published document, with its permission and its errors', async () => {
  const answer = await it.app.inject('/api/v1/openapi.json');
  const document = answer.json<{ paths: Record<string, Record<string, { description: string; responses: Record<string, unknown> }>> }>();

  for (const route of routesOf(it)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const operation = document.paths[path]?.[route.method.toLowerCase()];
    expect(operation, `${route.method} ${path}`).toBeDefined();
    if (route.action !== 'public') expect(operation?.description).toContain(route.action);
    expect(Object.keys(operation?.responses ?? {})).toContain('default');
  }
});

test('the published document holds no dangling reference', async () => {
  const text = (await it.app.inject('/api/v1/openapi.json')).body;
  const document: { components: { schemas: Record<string, unknown> } } = JSON.parse(text);

  const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? '');

  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in document.components.schemas))).toEqual([]);
});

test.each(roles)('a %s is let through exactly where the role says so', async (role) => {
  const caller = await signInAs(it.app, role);

  for (const route of routesOf(it).filter(({ answer }) => answer !== 'event-stream')) {
    if (route.action === 'public' || route.audit === 'session.sign-out') continue;
    const answer = await caller.call(route.method, urlOf(route), route.method === 'GET' ? undefined : {});
    const mayDoIt = roles.indexOf(role) >= roles.indexOf(leastRole(route.action));
    expect(answer.statusCode === 403, `${role} ${route.method} ${route.path} answered ${answer.statusCode}`).toBe(!mayDoIt);
  }
});

test('without a session every call but sign-in is refused', async () => {
  for (const route of routesOf(it).filter(({ action }) => action !== 'public')) {
    const body = route.method === 'GET' ? {} : { payload: {} };
    const answer = await it.app.inject({ method: route.method, url: urlOf(route), ...body });
    expect(answer.statusCode, `${route.method} ${route.path}`).toBe(401);
  }
});

test('every change is declared for the audit trail', () => {
  const changes = routesOf(it).filter(({ method, action }) => method !== 'GET' && action !== 'public');

  expect(changes.filter(({ audit }) => audit === undefined)).toEqual([]);
});

test('what is answered is what the document says', async () => {
  const caller = await signInAs(it.app, 'administrator');
  const alertId = it.world.alerts[0]?.id;
  const ticketId = it.world.tickets[0]?.id;
  const known: Record<string, string> = {
    '/api/v1/events': `/api/v1/events?since=0&until=${Date.now() + 1}`,
    '/api/v1/events/histogram': `/api/v1/events/histogram?since=0&until=${Date.now() + 1}`,
    '/api/v1/events/:id': `/api/v1/events/${it.world.events[0]?.id}`,
    '/api/v1/alerts/:id': `/api/v1/alerts/${alertId}`,
    '/api/v1/tickets/:id': `/api/v1/tickets/${ticketId}`,
    '/api/v1/agents/:id': `/api/v1/agents/${webAgentId}`,
    '/api/v1/ledger': '/api/v1/ledger?since=0',
  };

  for (const { method, path, answer } of routesOf(it)) {
    if (method !== 'GET' || typeof answer === 'string' || path.includes('deliveries')) continue;
    const got = await caller.call('GET', known[path] ?? path);
    expect(got.statusCode, `${path}: ${got.body}`).toBe(200);
    expect(answer.safeParse(got.json()).error, path).toBeUndefined();
  }
});

test('pages of a search follow each other without a gap or a repeat', async () => {
  const caller = await signInAs(it.app, 'viewer');
  const ids: string[] = [];
  let cursor = '';

  do {
    const answer = await caller.call('GET', `/api/v1/events?query=sshd&since=0&until=${Date.now() + 1}&limit=50&cursor=${cursor}`);
    const page: EventPage = answer.json();
    ids.push(...page.events.map(({ id }) => id));
    ({ cursor } = page);
  } while (cursor !== '');

  const wanted = it.world.events.filter(({ raw }) => raw.includes('sshd')).map(({ id }) => id);
  expect(ids).toEqual(wanted);
});

test('a query that cannot be read is answered with its place', async () => {
  const caller = await signInAs(it.app, 'viewer');

  const answer = await caller.call('GET', '/api/v1/events?query=a%20(b&since=1&until=2');

  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(problemView.parse(answer.json())).toMatchObject({ code: 'BAD_QUERY', place: 'query.query:2' });
});

test('an analyst judges an alert, opens its ticket once and moves it; each step is in the audit trail', async () => {
  const analyst = await signInAs(it.app, 'analyst');
  const id = it.world.alerts[1]?.id ?? '';

  await analyst.call('POST', `/api/v1/alerts/${id}/verdict`, { verdict: 'true-positive', note: 'seen in the access log' });
  const opened: TicketView = (await analyst.call('POST', `/api/v1/alerts/${id}/ticket`, {})).json();
  const again: TicketView = (await analyst.call('POST', `/api/v1/alerts/${id}/ticket`, {})).json();
  const moved: TicketView = (await analyst.call('POST', `/api/v1/tickets/${opened.id}/move`, { stage: 'containment' })).json();
  const alert: AlertView = (await analyst.call('GET', `/api/v1/alerts/${id}`)).json();

  expect(again.id).toBe(opened.id);
  expect(moved.stage).toBe('containment');
  expect(alert).toMatchObject({ verdict: 'true-positive', ticketId: opened.id });
  const administrator = await signInAs(it.app, 'administrator');
  const trail: { entries: { action: string; actor: string; outcome: string }[] } = (
    await administrator.call('GET', '/api/v1/audit')
  ).json();
  expect(trail.entries.filter(({ actor }) => actor === 'analyst').map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'ticket.move done',
    'alert.open-ticket done',
    'alert.open-ticket done',
    'alert.verdict done',
    'session.sign-in done',
  ]);
});

test('a move the plan does not know is refused with its reason, and the refusal is kept', async () => {
  const analyst = await signInAs(it.app, 'analyst');

  const answer = await analyst.call('POST', `/api/v1/tickets/${it.world.tickets[0]?.id}/move`, { stage: 'lunch' });

  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({ code: 'TICKET_STAGE_INVALID', detail: 'a ticket in new cannot move to lunch' });
  const [entry] = await auditEntries(it);
  expect(entry).toMatchObject({ action: 'ticket.move', outcome: 'refused' });
});

test('a webhook shows its secret at creation and at rotation only', async () => {
  const administrator = await signInAs(it.app, 'administrator');
  const wish = { name: 'chat', url: 'https://hooks.example.org/a', isEnabled: true, minimumLevel: 'high' };

  const created: WebhookSecret = (await administrator.call('POST', '/api/v1/webhooks', wish)).json();
  const listed = (await administrator.call('GET', '/api/v1/webhooks')).body;
  const rotated: WebhookSecret = (await administrator.call('POST', `/api/v1/webhooks/${created.webhook.id}/secret`, {})).json();

  expect(created.secret).toMatch(/^whsec_/);
  expect(listed).not.toContain('whsec_');
  expect(rotated.secret).toMatch(/^whsec_/);
});

test('a revoked agent is counted apart from those that are away', async () => {
  const administrator = await signInAs(it.app, 'administrator');

  await administrator.call('POST', `/api/v1/agents/${firewallAgentId}/revoke`, { reason: 'host was sold' });

  const overview: { agents: object } = (await administrator.call('GET', '/api/v1/overview')).json();
  expect(overview.agents).toEqual({ total: 2, connected: 1, away: 0, revoked: 1 });
});

test('an unknown field of a change is refused rather than ignored', async () => {
  const caller: Caller = await signInAs(it.app, 'analyst');

  const answer = await caller.call('POST', `/api/v1/alerts/${it.world.alerts[0]?.id}/close`, { note: 'x', reason: 'y' });

  expect(answer.statusCode).toBe(400);
  expect(it.world.alerts[0]?.status).toBe('open');
});

async function auditEntries({ app }: MemoryConsole): Promise<{ action: string; outcome: string }[]> {
  const administrator = await signInAs(app, 'administrator');
  const answer = await administrator.call('GET', '/api/v1/audit');
  return answer.json<{ entries: { action: string; outcome: string }[] }>().entries.filter(({ action }) => action !== 'session.sign-in');
}
