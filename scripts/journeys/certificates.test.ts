// The life of an agent's certificate in running programs: a real hub that issues short-lived ones and a real agent that
// follows a file which never rests. Renewed while lines flow: the connection is made anew and every line is stored once.
// Revoked: the live connection is cut and the agent waits to be enrolled again.
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { once, EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { signInToConsole } from '../programs/console-session.ts';
import { startLocalSite, type LocalSite } from '../programs/local-site.ts';
import { NumberedLines } from '../programs/numbered-lines.ts';
import { askHub } from '../programs/site.ts';

/** The shortest that a hub issues; it is renewed when a third of it is left. */
const certificateLife = '1m';
const waitMsMax = 120_000;

const agentStatus = z.object({ certificateExpires: z.string(), connection: z.object({ state: z.string() }) });
const hubAgents = z.array(
  z.object({
    agentId: z.string(),
    isConnected: z.boolean(),
    connectedAtMs: z.number(),
    certificateExpiresMs: z.number(),
    isRevoked: z.boolean(),
  }),
);

let folder: string;
let log: string;
let site: LocalSite;
const said = new EventEmitter();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atalaia-certificate-'));
  log = join(folder, 'app.log');
  await appendFile(log, '');
  site = await startLocalSite({
    folder,
    files: [{ id: 'app', path: log }],
    hubOptions: { agents: { certificateLife } },
    onLog: (program, line) => said.emit(`${program}: ${messageOf(line)}`),
  });
}, waitMsMax);

afterAll(async () => {
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
}, waitMsMax);

test(
  'a running agent renews its certificate and connects with the new one while lines flow, each stored once',
  { timeout: waitMsMax },
  async () => {
    const before = await agentOfHub();
    const renewed = once(said, 'agent: certificate renewed');
    const lines = new NumberedLines(log, 'renewing');
    lines.start();

    await renewed;
    const after = await untilConnectedAfter(before.connectedAtMs);
    const written = await lines.stop();

    expect(after.certificateExpiresMs).toBeGreaterThan(before.certificateExpiresMs);
    expect(Date.parse((await statusOfAgent()).certificateExpires)).toBe(Math.floor(after.certificateExpiresMs / 1_000) * 1_000);
    expect(await lines.stored(site.hubData, waitMsMax / 2)).toEqual(written);
  },
);

test('a revoked agent is cut off while connected and waits to be enrolled again', { timeout: waitMsMax }, async () => {
  const { agentId } = await agentOfHub();

  await revoke(agentId);
  await untilAgentIs('not-authorised');

  expect(await agentOfHub()).toMatchObject({ isConnected: false, isRevoked: true });
});

async function agentOfHub(): Promise<z.infer<typeof hubAgents>[number]> {
  const [agent] = hubAgents.parse(await askHub(site.hubData, 'agents'));
  if (!agent) throw new Error('the hub knows no agent');
  return agent;
}

/** On a later connection than that. */
async function untilConnectedAfter(connectedAtMs: number): ReturnType<typeof agentOfHub> {
  for (;;) {
    const agent = await agentOfHub();
    if (agent.isConnected && agent.connectedAtMs > connectedAtMs) return agent;
    await delay(100);
  }
}

async function statusOfAgent(): Promise<z.infer<typeof agentStatus>> {
  return agentStatus.parse(await askLocal(join(folder, 'agent'), { program: 'agent', ask: 'status' }));
}

async function untilAgentIs(state: string): Promise<void> {
  while ((await statusOfAgent()).connection.state !== state) await delay(100);
}

async function revoke(agentId: string): Promise<void> {
  const { console, cookie, csrfToken } = await signInToConsole(site.status.console, site.firstPasswordFile);
  const answer = await request(new URL(`/api/v1/agents/${agentId}/revoke`, console), {
    method: 'POST',
    headers: { cookie, 'x-atalaia-csrf': csrfToken, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'the machine was stolen' }),
  });
  await answer.body.dump();
  expect(answer.statusCode).toBe(204);
}

function messageOf(line: string): string {
  const told: unknown = line.startsWith('{') ? JSON.parse(line) : {};
  return typeof told === 'object' && told !== null && 'msg' in told ? String(told.msg) : '';
}
