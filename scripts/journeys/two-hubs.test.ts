// One agent and two hubs that know nothing of each other, all of them real processes: each hub gets every line once, in its
// own trim, whichever of the three is away or killed meanwhile.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { freePorts } from '../crash-test/free-ports.ts';
import type { Program } from '../programs/program.ts';
import { askHub, enrolAgent, hubStatus, startAgent, startHub } from '../programs/site.ts';

/** On a loaded machine. */
const stepMsMax = 120_000;
type HubName = 'soc' | 'partner';

let folder: string;
let file: string;
let ports: { readonly syslog: number; readonly soc: number; readonly partner: number };
let agent: Program;
const hubs = new Map<HubName, Program>();
const senders: Socket[] = [];
/** What the agent logs. */
const said: string[] = [];

const dataOf = (hub: HubName): string => join(folder, hub);
const agentData = (): string => join(folder, 'agent');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atalaia-two-hubs-'));
  file = join(folder, 'logs', 'app.log');
  mkdirSync(join(folder, 'logs'));
  const [syslog = 0, soc = 0, partner = 0] = await freePorts(3);
  ports = { syslog, soc, partner };
  await Promise.all([startOne('soc'), startOne('partner')]);
  writeFileSync(join(folder, 'agent.yaml'), agentConfig());
  await enrolAgent(dataOf('soc'), agentData());
  await enrolAgent(dataOf('partner'), join(agentData(), 'other-hubs', 'partner'));
  await startTheAgent();
}, stepMsMax);

afterAll(async () => {
  for (const sender of senders) sender.destroy();
  await agent?.stop();
  for (const hub of hubs.values()) await hub.stop();
  rmSync(folder, { recursive: true, force: true });
}, stepMsMax);

function agentConfig(partner: object = {}): string {
  const sources = [
    { id: 'app', type: 'file', paths: [file], startAt: 'start' },
    { id: 'fw', type: 'syslog', transport: 'tcp', listen: `127.0.0.1:${ports.syslog}` },
  ];
  const trim = ['app', 'fw'].map((source) => ({ source, format: 'key-value', mask: { fields: ['user'] } }));
  return stringify({
    version: 1,
    fence: { paths: [join(folder, 'logs', '*')] },
    policy: { kind: 'Policy', version: 1, sources },
    otherHubs: [{ name: 'partner', trim, ...partner }],
  });
}

async function startOne(name: HubName): Promise<void> {
  mkdirSync(dataOf(name), { recursive: true, mode: 0o700 });
  hubs.set(name, await startHub({ data: dataOf(name), console: '127.0.0.1:0', agents: `127.0.0.1:${ports[name]}` }));
}

async function startTheAgent(): Promise<void> {
  agent = await startAgent({ data: agentData(), config: join(folder, 'agent.yaml'), onLog: (line) => said.push(line) });
}

/** Number of each stored line, to how often it is stored and how it looks. */
async function stored(hub: HubName): Promise<ReadonlyMap<number, readonly string[]>> {
  const answer = await askHub(dataOf(hub), 'search', { query: '', sinceMs: 0, untilMs: Date.now() + 366 * 86_400_000, limit: 1_000 });
  const { events = [] } = (answer ?? {}) as { readonly events?: readonly { readonly raw: string }[] };
  const lines = new Map<number, readonly string[]>();
  for (const { raw } of events) {
    const number = Number(/number=(\d+)/.exec(raw)?.[1]);
    lines.set(number, [...(lines.get(number) ?? []), raw]);
  }
  return lines;
}

/** Waits for the last one, then looks at all: each once. */
async function expectStored(hub: HubName, count: number): Promise<void> {
  for (;;) {
    const lines = await stored(hub);
    if (lines.size >= count) {
      expect([...lines.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect([...lines.values()].filter((copies) => copies.length !== 1)).toEqual([]);
      return;
    }
    await delay(200);
  }
}

let written = 0;
const numbered = (): string => `user=ada number=${++written}`;

function writeToFile(count: number): void {
  for (let i = 0; i < count; i++) appendFileSync(file, `${numbered()}\n`);
}

/** Over a connection that stays, until the agent has read them. */
async function send(count: number): Promise<void> {
  const socket = connect(ports.syslog, '127.0.0.1').on('error', () => undefined);
  senders.push(socket);
  await once(socket, 'connect');
  for (let i = 0; i < count; i++) socket.write(`<13>Nov 25 10:00:00 fw1 app: ${numbered()}\n`);
}

async function agentSays(fact: (status: AgentSays) => boolean): Promise<void> {
  for (;;) {
    const status = await askLocal(agentData(), { program: 'agent', ask: 'status' }).catch(() => undefined);
    if (status !== undefined && fact(status as AgentSays)) return;
    await delay(100);
  }
}

interface AgentSays {
  readonly connection: { readonly state: string };
  readonly otherHubs: readonly { readonly name: string; readonly connection: { readonly state: string } }[];
}

test('both hubs get every line of a file and of a sender, each as it was promised', { timeout: stepMsMax }, async () => {
  writeToFile(20);
  await send(20);

  await expectStored('soc', 40);
  await expectStored('partner', 40);

  const [atSoc, atPartner] = [await stored('soc'), await stored('partner')];
  expect([...atSoc.values()].flat().every((raw) => raw.includes('user=ada'))).toBe(true);
  expect([...atPartner.values()].flat().every((raw) => raw.includes('user=***') && !raw.includes('ada'))).toBe(true);
});

test('a hub that is killed misses nothing, and the other one does not notice', { timeout: stepMsMax }, async () => {
  await hubs.get('partner')?.kill();
  writeToFile(20);
  await send(20);
  await expectStored('soc', 80);

  await startOne('partner');

  await expectStored('partner', 80);
});

test('the first hub may be the one that is away', { timeout: stepMsMax }, async () => {
  await hubs.get('soc')?.kill();
  await agentSays(({ connection }) => connection.state !== 'connected');
  writeToFile(20);
  await send(20);
  await expectStored('partner', 120);

  await startOne('soc');

  await expectStored('soc', 120);
});

test('an agent that is killed while one hub is away owes that one nothing when all are back', { timeout: stepMsMax }, async () => {
  await hubs.get('partner')?.kill();
  writeToFile(30);
  await expectStored('soc', 150);
  await agent.kill();
  writeToFile(30);

  await startTheAgent();
  await startOne('partner');

  await expectStored('soc', 180);
  await expectStored('partner', 180);
  await agentSays(({ otherHubs }) => otherHubs.every(({ connection }) => connection.state === 'connected'));
  expect((await hubStatus(dataOf('partner')))?.store.rows).toBe(180);
});

test('what one hub would get and refuses is told; the other one’s policy is in force', { timeout: stepMsMax }, async () => {
  const unmet = [{ name: 'never met', source: 'app', given: ['user=ada'], expect: ['user=ada'] }];
  writeFileSync(join(folder, 'agent.yaml'), agentConfig({ tests: unmet }));

  process.kill(agent.pid, 'SIGHUP');
  while (!said.some((line) => line.includes('policy read anew and in force'))) await delay(50);

  expect(said.find((line) => line.includes('what this hub gets was not taken'))).toMatch(/"otherHub":"partner".*never met/);
});
