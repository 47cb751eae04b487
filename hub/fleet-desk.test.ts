import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeHeartbeat } from '../proto/framing/encode-hello.ts';
import type { SourceState } from '../proto/framing/messages.ts';
import { settle, stepUntil } from '../proto/runtime/testing/stepped-clock.ts';
import { noteAgentClocks } from './agent-clocks.ts';
import type { FleetDesk } from './console/api/ports.ts';
import { agentView, tokenCreated, tokenView } from './console/api/shapes.ts';
import { HubCounters } from './counters.ts';
import { fleetDesk } from './fleet-desk.ts';
import { Gateway } from './gateway/gateway.ts';
import { MemoryJournal } from './gateway/testing/memory-journal.ts';
import { ScriptedAgent } from './gateway/testing/scripted-agent.ts';
import { Rates } from './rates.ts';
import { ana, deskRooms, localOperator, type DeskRooms } from './testing/desk-rooms.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const web = 'a'.repeat(32);
const mail = 'b'.repeat(32);
const enrolUrl = 'wss://hub.example:7443';
let rooms: DeskRooms;
let desk: FleetDesk;
let gateway: Gateway;
let counters: HubCounters;
let rates: Rates;
let stop: AbortController;
let running: Promise<unknown>[];

beforeEach(async () => {
  rooms = await deskRooms();
  const { clock, roster, tokens, audit } = rooms;
  stop = new AbortController();
  const identity = { hubId: Buffer.alloc(16, 1), incarnation: Buffer.alloc(16, 2) };
  gateway = new Gateway({ journal: new MemoryJournal(() => clock.nowMs()), clock, log: silent, ...identity, credit: () => 1 });
  running = [gateway.run(stop.signal)];
  counters = new HubCounters();
  rates = new Rates(counters, clock);
  desk = fleetDesk({ roster, tokens, gateway, rates, audit, clock, enrolUrl });
  await roster.noteCertificate(web, { serial: '01', expiresMs: clock.nowMs() + 1_000, name: 'web1' });
  await roster.noteCertificate(mail, { serial: '02', expiresMs: clock.nowMs() + 2_000, name: 'mail1' });
});

afterEach(async () => {
  stop.abort();
  await settle();
  await Promise.all(running);
});

async function connect(agentId: string, agent = new ScriptedAgent()): Promise<ScriptedAgent> {
  running.push(gateway.serve(agent.channels.hubEnd, { agentId, address: '192.0.2.77' }, stop.signal));
  await agent.hello();
  await settle();
  return agent;
}

async function say(agent: ScriptedAgent, sources: readonly SourceState[]): Promise<void> {
  const agentClockMs = rooms.clock.nowMs() + 250;
  await agent.send(encodeHeartbeat({ agentClockMs, sources, bufferedBatches: 2, bufferedBytes: 5_000 }));
  await settle();
}

const viewOf = (agentId: string) => desk.agents().find((agent) => agent.agentId === agentId);
const source: SourceState = { sourceId: 'auth', type: 'file', linesRead: 10, bytesRead: 900, lagBytes: 64, lastReadMs: 0, problem: '' };

test('every agent that ever enrolled is shown, also one that never came since the hub started', async () => {
  await connect(web);

  expect(desk.agents().map(({ name, isConnected, problem }) => [name, isConnected, problem])).toEqual([
    ['web1', true, ''],
    ['mail1', false, 'not seen since the hub started'],
  ]);
  for (const agent of desk.agents()) expect(agentView.strict().parse(agent)).toEqual(agent);
});

test('a connected agent shows from where, since when, how far behind it is, its clock and its sources', async () => {
  const agent = await connect(web);
  const connectedAtMs = rooms.clock.nowMs();
  await rooms.clock.step(2_000);
  await say(agent, [{ ...source, lastReadMs: rooms.clock.nowMs(), problem: 'permission denied' }]);

  expect(viewOf(web)).toMatchObject({
    hostName: 'web1',
    version: '0.1.0',
    address: '192.0.2.77',
    isConnected: true,
    connectedAtMs,
    lastSeenMs: rooms.clock.nowMs(),
    bufferedBatches: 2,
    bufferedBytes: 5_000,
    clockOffsetMs: 250,
    certificateExpiresMs: connectedAtMs + 1_000,
    sources: [{ sourceId: 'auth', lagBytes: 64, problem: 'permission denied', isSilent: false }],
  });
});

test('a clock that is off is a problem of its agent, written down for when it is away', async () => {
  const agent = await connect(web);
  const noting = noteAgentClocks({ gateway, roster: rooms.roster, clock: rooms.clock, log: silent }, stop.signal);
  running.push(noting);
  for (let i = 0; i < 14; i++) {
    await agent.send(encodeHeartbeat({ agentClockMs: rooms.clock.nowMs() - 90_000, sources: [], bufferedBatches: 0, bufferedBytes: 0 }));
    await rooms.clock.step(10_000);
  }

  expect(viewOf(web)).toMatchObject({ clockOffsetMs: -90_000, problem: expect.stringContaining('90 s behind ours') });
  expect(rooms.roster.get(web)?.clock).toMatchObject({ offsetMs: expect.closeTo(-90_000, -2) });
  expect(rooms.roster.get(mail)?.clock).toBeUndefined();
});

test('a word that waited behind batches does not make a clock look slow', async () => {
  const agent = await connect(web);
  await say(agent, [source]);

  const lateBy = 20_000;
  await agent.send(encodeHeartbeat({ agentClockMs: rooms.clock.nowMs() - lateBy, sources: [], bufferedBatches: 0, bufferedBytes: 0 }));
  await settle();

  expect(viewOf(web)?.clockOffsetMs).toBe(250);
});

test('an agent that went away keeps what it last said and when it was last there', async () => {
  const agent = await connect(web);
  await say(agent, [source]);
  await rooms.clock.step(1_000);
  agent.channels.cut();
  await stepUntil(rooms.clock, () => viewOf(web)?.isConnected === false);
  const goneAtMs = viewOf(web)?.lastSeenMs ?? 0;
  await rooms.clock.step(60_000);

  expect(viewOf(web)).toMatchObject({ isConnected: false, lastSeenMs: goneAtMs, sources: [{ sourceId: 'auth' }] });
  expect(rooms.clock.nowMs() - goneAtMs).toBeGreaterThanOrEqual(60_000);
});

test('a source is silent six hours after its last line, and one that never sent is not', async () => {
  const agent = await connect(web);
  const lastReadMs = rooms.clock.nowMs();
  await say(agent, [
    { ...source, lastReadMs },
    { ...source, sourceId: 'never', lastReadMs: 0 },
  ]);
  const silentOnes = (): (string | undefined)[] =>
    (viewOf(web)?.sources ?? []).filter(({ isSilent }) => isSilent).map(({ sourceId }) => sourceId);

  rooms.clock.jump(6 * 3_600_000);
  expect(silentOnes()).toEqual([]);
  rooms.clock.jump(1);
  expect(silentOnes()).toEqual(['auth']);
});

test('each agent shows its own rate', async () => {
  counters.agents.set(web, { lines: 50, bytes: 1_000 });
  await rooms.clock.step(5_000);
  rates.sample();

  expect(viewOf(web)).toMatchObject({ linesPerSecond: 10, bytesPerSecond: 200 });
  expect(viewOf(mail)).toMatchObject({ linesPerSecond: 0, bytesPerSecond: 0 });
});

test('a new token comes with a command that holds no secret, and the token opens the hub once', async () => {
  const made = await desk.createToken({ note: 'web server', lifeMs: 3_600_000, by: ana });

  expect(tokenCreated.strict().parse(made)).toEqual(made);
  expect(made).toMatchObject({ note: 'web server', createdBy: 'ana', usedBy: '', hubUrl: enrolUrl });
  expect(made.command).toBe(`atalaia-agent enroll --hub ${enrolUrl} --token-file -`);
  const secret = made.token.split('.')[2] ?? '';
  const listed = await desk.tokens();
  for (const token of listed) expect(tokenView.strict().parse(token)).toEqual(token);
  expect(JSON.stringify([made.command, listed, await rooms.trail()])).not.toContain(secret);
  expect(await rooms.tokens.claim(made.token, web)).toEqual({ ok: true });
  expect((await desk.tokens())[0]?.usedBy).toBe(web);
});

test('a removed token is useless, and removing it again says that there is none', async () => {
  const made = await desk.createToken({ note: '', lifeMs: 3_600_000, by: ana });

  expect(await desk.removeToken(made.id, ana)).toBe(true);

  expect(await rooms.tokens.claim(made.token, web)).toEqual({ ok: false, reason: 'unknown' });
  for (const id of [made.id, 'no such token', '../users', '']) expect(await desk.removeToken(id, ana)).toBe(false);
});

test('a revoked agent is cut off at once, told why, and refused from then on', async () => {
  const agent = await connect(web);

  expect(await desk.revoke(web, 'host was sold', ana)).toBe(true);
  await settle();

  expect(agent.refusal).toBe('not-authorised: revoked: host was sold');
  expect(rooms.roster.mayConnect(web)).toBe(false);
  expect(viewOf(web)).toMatchObject({ isRevoked: true, isConnected: false, problem: 'revoked by ana' });
  expect(await desk.revoke('c'.repeat(32), 'unknown', ana)).toBe(false);
});

test('what the local operator does to the fleet is in the audit trail once, with what it was about', async () => {
  const made = await desk.createToken({ note: 'web server', lifeMs: 3_600_000, by: localOperator });
  await desk.removeToken(made.id, localOperator);
  await desk.removeToken(made.id, localOperator);
  await desk.revoke(web, 'host was sold', localOperator);

  expect((await rooms.trail()).map(({ actor, action, object, text }) => [actor, action, object, text])).toEqual([
    ['local operator', 'agent.revoke', `agent/${web}`, 'host was sold'],
    ['local operator', 'token.remove', `token/${made.id}`, ''],
    ['local operator', 'token.create', `token/${made.id}`, 'web server'],
  ]);
});
