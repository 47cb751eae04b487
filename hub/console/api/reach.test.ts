import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryConsole, signInAs, testPassword, type Caller, type MemoryConsole } from '../testing/memory-console.ts';
import { firewallAgentId, webAgentId } from '../testing/memory-world.ts';
import type { AlertSummary, EventPage, OverviewView, TicketSummary } from './shapes.ts';

let it: MemoryConsole;
let own: string;
let foreign: string;
let person: Caller;

/** The firewall and one alert belong to acme; everything else, to others. An administrator of acme looks. */
beforeEach(async () => {
  it = await memoryConsole();
  const { agents, alerts, events } = it.world;
  for (const agent of agents) agent.constituency = agent.agentId === firewallAgentId ? 'acme' : 'main';
  for (const [at, alert] of alerts.entries()) alert.constituency = at === 0 ? 'acme' : 'main';
  for (const [at, event] of events.entries())
    events[at] = { ...event, fields: { ...event.fields, 'agent.id': at % 3 === 0 ? firewallAgentId : webAgentId } };
  own = alerts[0]?.id ?? '';
  foreign = alerts[1]?.id ?? '';
  const administrator = await signInAs(it.app, 'administrator');
  await administrator.call('PUT', '/api/v1/users/analyst', { role: 'administrator', isDisabled: false, constituencies: ['acme'] });
  person = await signInAs(it.app, 'analyst');
});
afterEach(() => it.app.close());

const read = async <T>(url: string): Promise<T> => (await person.call('GET', url)).json<T>();
const search = `since=0&until=${Date.now() + 3_600_000}`;

test('lists and counts hold what is within reach, and nothing else', async () => {
  const { agents } = await read<{ agents: { agentId: string }[] }>('/api/v1/agents');
  const { sources } = await read<{ sources: { agentId: string }[] }>('/api/v1/sources');
  const { alerts } = await read<{ alerts: AlertSummary[] }>('/api/v1/alerts?status=all');
  const { rows } = await read<{ rows: { agentId: string }[] }>('/api/v1/ledger?since=0');
  const overview = await read<OverviewView>('/api/v1/overview');

  expect(agents.map(({ agentId }) => agentId)).toEqual([firewallAgentId]);
  expect(new Set(sources.map(({ agentId }) => agentId))).toEqual(new Set([firewallAgentId]));
  expect(alerts.map(({ id }) => id)).toEqual([own]);
  expect(rows.every(({ agentId }) => agentId === firewallAgentId)).toBe(true);
  expect(overview.agents.total).toBe(1);
  expect(Object.values(overview.alertsByLevel).reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(overview.silentSources.every(({ agentId }) => agentId === firewallAgentId)).toBe(true);
});

test('events are those of agents within reach: searched, counted over time, looked at alone', async () => {
  const { events } = await read<EventPage>(`/api/v1/events?${search}&limit=500`);
  const { buckets } = await read<{ buckets: { count: number }[] }>(`/api/v1/events/histogram?${search}`);
  const strange = it.world.events.find(({ fields }) => fields['agent.id'] === webAgentId)?.id ?? '';

  expect(events.length).toBeGreaterThan(0);
  expect(events.every(({ fields }) => fields['agent.id'] === firewallAgentId)).toBe(true);
  expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(events.length);
  expect((await read<EventPage>(`/api/v1/events?${search}&query=agent.id:${webAgentId}`)).events).toEqual([]);
  expect((await person.call('GET', `/api/v1/events/${strange}`)).statusCode).toBe(404);
});

test('an object out of reach is answered as if it did not exist, and nothing can be done to it', async () => {
  const answers = [
    await person.call('GET', `/api/v1/alerts/${foreign}`),
    await person.call('POST', `/api/v1/alerts/${foreign}/close`, { verdict: 'false-positive' }),
    await person.call('POST', `/api/v1/alerts/${foreign}/ticket`, {}),
    await person.call('GET', `/api/v1/agents/${webAgentId}`),
    await person.call('POST', `/api/v1/agents/${webAgentId}/revoke`, { reason: 'because' }),
  ];

  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 404));
  expect(it.world.alerts.find(({ id }) => id === foreign)?.status).toBe('open');
  expect(it.world.agents.find(({ agentId }) => agentId === webAgentId)?.isRevoked).toBe(false);
});

test('what concerns the hub itself is refused whatever the role, with the reason, and is not offered', async () => {
  const refused = [
    await person.call('GET', '/api/v1/webhooks'),
    await person.call('GET', '/api/v1/users'),
    await person.call('GET', '/api/v1/audit'),
    await person.call('POST', '/api/v1/enrolment-tokens', {}),
    await person.call('PUT', '/api/v1/users/analyst', { role: 'administrator', isDisabled: false, constituencies: ['*'] }),
  ];

  expect(refused.map(({ statusCode }) => statusCode)).toEqual(refused.map(() => 403));
  expect(refused[0]?.json<{ remedy: string }>().remedy).toContain('access to all constituencies');
  expect(person.session.actions).not.toContain('users.change');
  expect(person.session.actions).toContain('alerts.triage');
});

test('a ticket opened by hand belongs to the person’s own constituency, and to no foreign one', async () => {
  const wish = { title: 'Laptop lost', severity: 'high' };

  const made = await person.call('POST', '/api/v1/tickets', wish);
  const strange = await person.call('POST', '/api/v1/tickets', { ...wish, constituency: 'main' });
  const { tickets, stages } = await read<{ tickets: TicketSummary[]; stages: { count: number }[] }>('/api/v1/tickets');

  expect(made.json()).toMatchObject({ constituency: 'acme' });
  expect(strange.statusCode).toBe(403);
  expect(tickets.map(({ title }) => title)).toEqual(['Laptop lost']);
  expect(stages.reduce((sum, { count }) => sum + count, 0)).toBe(1);
});

test('who reaches no agent finds no event', async () => {
  const administrator = await signInAs(it.app, 'administrator');
  await administrator.call('PUT', '/api/v1/users/analyst', { role: 'analyst', isDisabled: false, constituencies: ['nobody'] });
  person = await signInAs(it.app, 'analyst');

  expect((await read<EventPage>(`/api/v1/events?${search}`)).events).toEqual([]);
});

test('the last who can manage the hub cannot be confined to a constituency', async () => {
  const administrator = await signInAs(it.app, 'administrator', testPassword);

  const answer = await administrator.call('PUT', '/api/v1/users/administrator', {
    role: 'administrator',
    isDisabled: false,
    constituencies: ['acme'],
  });

  expect(answer.json()).toMatchObject({ status: 409, code: 'LAST_ADMINISTRATOR' });
});
