// The console over the hub's real rooms: what a person changes by HTTP happens in the rooms and is in the trail once.
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settle } from '../proto/runtime/testing/stepped-clock.ts';
import { workOutbox, type AlertOutboxOptions } from './alert/alert-outbox.ts';
import { finding } from './alert/finding.fixture.ts';
import { consolePorts } from './console-ports.ts';
import { buildConsole } from './console/api/build-console.ts';
import { Passwords } from './console/api/passwords.ts';
import { Users } from './console/api/users.ts';
import { overviewView } from './console/api/shapes.ts';
import { signInAs, testPassword, type Caller } from './console/testing/memory-console.ts';
import { HubCounters } from './counters.ts';
import { compileRules } from './detect/engine/ruleset.ts';
import { Gateway } from './gateway/gateway.ts';
import { MemoryJournal } from './gateway/testing/memory-journal.ts';
import { Rates } from './rates.ts';
import { MemoryStore } from './store/testing/memory-store.ts';
import { deskRooms, localOperator, type DeskRooms } from './testing/desk-rooms.ts';
import { Tickets } from './ticket/tickets.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const passwordCost = { memory: 64, passes: 1, parallelism: 1 };
const agentId = 'a'.repeat(32);
const wish = { name: 'chat', url: 'https://hooks.example.org/secret-path', isEnabled: true, minimumLevel: 'low' };
let rooms: DeskRooms;
let app: FastifyInstance;
let admin: Caller;

beforeEach(async () => {
  rooms = await deskRooms();
  const { clock, state, random, roster } = rooms;
  const journal = new MemoryJournal(() => clock.nowMs());
  const identity = { hubId: Buffer.alloc(16, 1), incarnation: Buffer.alloc(16, 2) };
  const gateway = new Gateway({ journal, clock, log: silent, ...identity, credit: () => 1 });
  const working = { state: 'running', detected: 0, stored: 0, snapshot: 0, lastFailure: '' } as const;
  const ports = consolePorts({
    rooms: { ...rooms, journal, store: new MemoryStore(), compiled: compileRules([]), rules: [] },
    gateway,
    pipeline: { status: () => working },
    rates: new Rates(new HubCounters(), clock),
    enrolUrl: 'wss://hub.example:7443',
    version: '1.2.3',
  });
  const users = new Users(state, clock, new Passwords(passwordCost, random));
  await users.create({ name: 'administrator', role: 'administrator', password: testPassword });
  await users.setPassword('administrator', testPassword, false);
  await roster.noteCertificate(agentId, { serial: '01', expiresMs: clock.nowMs() + 1_000, name: 'web1' });
  app = await buildConsole(ports, { isTls: false, hostNames: ['localhost'], webRoot: '', passwordCost });
  admin = await signInAs(app, 'administrator');
});

afterEach(() => app.close());

async function ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  const answer = await admin.call(method, `/api/v1/${path}`, body ?? (method === 'POST' ? {} : undefined));
  expect(answer.statusCode, `${method} ${path}: ${answer.body}`).toBeLessThan(300);
  return answer.statusCode === 204 ? (undefined as T) : answer.json<T>();
}

async function alertOfOne(): Promise<string> {
  await rooms.alerts.apply(1, [finding({ level: 'medium' })]);
  return rooms.alerts.list().alerts[0]?.id ?? '';
}

function outbox(): AlertOutboxOptions {
  const { alerts, tickets, notifier, audit, clock, random } = rooms;
  const openTicket: AlertOutboxOptions['openTicket'] = async (alert) => (await tickets.fromAlert(alert)).id;
  return { alerts, openTicket, enqueue: (notice) => notifier.enqueue(notice), audit, clock, random, onFailure: () => undefined };
}

/** What the trail says was changed since the sign-in, oldest first. */
async function changes(): Promise<string[]> {
  const trail = await rooms.trail();
  return trail
    .filter(({ action }) => action !== 'session.sign-in')
    .map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`)
    .reverse();
}

test('every change a person makes is in the audit trail once, also after the outbox ran and the hub started again', async () => {
  const expected: string[] = [];
  const change = async <T>(action: string, ...call: Parameters<typeof ask>): Promise<T> => {
    expected.push(`administrator ${action} done`);
    const answer = await ask<T>(...call);
    await rooms.clock.step(10);
    return answer;
  };
  const alert = await alertOfOne();
  await change('alert.assign', 'POST', `alerts/${alert}/assign`, { assignee: 'ana' });
  await change('alert.verdict', 'POST', `alerts/${alert}/verdict`, { verdict: 'true-positive', note: 'seen' });
  const { id: ticket } = await change<{ id: string }>('alert.open-ticket', 'POST', `alerts/${alert}/ticket`);
  await change('alert.close', 'POST', `alerts/${alert}/close`, { note: 'done' });
  await change('alert.reopen', 'POST', `alerts/${alert}/reopen`, {});
  await change('ticket.assign', 'POST', `tickets/${ticket}/assign`, { owner: 'ana' });
  await change('ticket.comment', 'POST', `tickets/${ticket}/comment`, { text: 'called' });
  await change('ticket.move', 'POST', `tickets/${ticket}/move`, { stage: 'triage' });
  await change('ticket.close', 'POST', `tickets/${ticket}/close`, { reason: 'other', note: 'done' });
  await change('ticket.reopen', 'POST', `tickets/${ticket}/reopen`, { note: 'again' });
  await change('ticket.create', 'POST', 'tickets', { title: 'Laptop lost', severity: 'high', text: '' });
  const { webhook } = await change<{ webhook: { id: string } }>('webhook.create', 'POST', 'webhooks', wish);
  await change('webhook.change', 'PUT', `webhooks/${webhook.id}`, { ...wish, name: 'chat 2' });
  await change('webhook.rotate-secret', 'POST', `webhooks/${webhook.id}/secret`);
  rooms.answer = { status: 410, problem: 'answered 410', retryAfterMs: 0 };
  const dead = await change<{ id: string }>('webhook.test', 'POST', `webhooks/${webhook.id}/test`);
  await change('webhook.replay', 'POST', `webhooks/${webhook.id}/deliveries/${dead.id}/replay`);
  await change('webhook.remove', 'DELETE', `webhooks/${webhook.id}`);
  const token = await change<{ id: string }>('token.create', 'POST', 'enrolment-tokens', { note: 'web server' });
  await change('token.remove', 'DELETE', `enrolment-tokens/${token.id}`);
  await change('agent.revoke', 'POST', `agents/${agentId}/revoke`, { reason: 'sold' });
  await workOutbox(alert, outbox());
  await Tickets.open(rooms);
  await settle();

  expect(await changes()).toEqual(expected);
  expect(JSON.stringify(await rooms.trail())).not.toContain('secret-path');
});

test('a change that the rooms refuse is in the trail as refused, and nothing has changed', async () => {
  const alert = await alertOfOne();
  const answer = await admin.call('POST', `/api/v1/alerts/${alert}/close`, {});

  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'ALERT_VERDICT_INVALID']);
  expect(await changes()).toEqual(['administrator alert.close refused']);
  expect(rooms.alerts.list({ status: 'open' }).total).toBe(1);
});

test('of two people who judge at the same time one is told of the conflict, and the trail holds both', async () => {
  const alert = await alertOfOne();
  const judge = (verdict: string) => admin.call('POST', `/api/v1/alerts/${alert}/verdict`, { verdict, revision: 1 });

  const answers = await Promise.all([judge('true-positive'), judge('false-positive')]);

  expect(answers.map(({ statusCode }) => statusCode).sort((a, b) => a - b)).toEqual([200, 409]);
  expect((await changes()).sort()).toEqual(['administrator alert.verdict done', 'administrator alert.verdict refused']);
});

test('what is decided from the local socket is in the trail once, by the outbox that told the receivers', async () => {
  const alert = await alertOfOne();
  await rooms.alerts.decide(alert, { is: 'close', verdict: 'false-positive' }, { by: localOperator, expectedTransitions: undefined });
  await workOutbox(alert, outbox());
  await workOutbox(alert, outbox());

  expect(await changes()).toEqual(['local operator alert.closed done']);
});

test('the overview joins what every room knows', async () => {
  await alertOfOne();
  await ask('POST', 'tickets', { title: 'Laptop lost', severity: 'high', text: '' });

  const overview = await ask('GET', 'overview');

  expect(overviewView.strict().parse(overview)).toMatchObject({
    alertsByLevel: { medium: 1, high: 0 },
    agents: { total: 1, connected: 0, away: 1, revoked: 0 },
    health: { isWell: true, version: '1.2.3' },
  });
});

test('a query is read by the language of the hub, and one that it refuses is answered with where it broke', async () => {
  const range = `since=0&until=${rooms.clock.nowMs() + 1}`;

  expect(await ask('GET', `events?query=${encodeURIComponent('user.name:root AND NOT (a OR b)')}&${range}`)).toMatchObject({ events: [] });
  const broken = await admin.call('GET', `/api/v1/events?query=${encodeURIComponent('a AND (b')}&${range}`);
  expect([broken.statusCode, broken.json<{ place: string }>().place]).toEqual([400, 'query.query:6']);
});
