// The way to a hub in running programs: a real hub, a real agent that follows a file which never rests, and between them a
// proxy that wants a password and a first address that dies and comes back. Everything the configuration says is in
// force at once: two addresses, the proxy, a pin that `enroll --pin` noted, a limit on the line.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import * as z from 'zod';
import { openConnectProxy, type ConnectProxy } from '../../agent/uplink/testing/connect-proxy.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { NumberedLines } from '../programs/numbered-lines.ts';
import type { Program } from '../programs/program.ts';
import { askHub, hubStatus, startAgent, startHub } from '../programs/site.ts';

const waitMsMax = 120_000;
const run = promisify(execFile);
const main = join(import.meta.dirname, '..', '..', 'agent', 'main.ts');

const agentStatus = z.object({
  connection: z.object({
    state: z.string(),
    address: z.string(),
    bytesPerSecondMax: z.number().nullable(),
    hubClockOffsetMs: z.number().optional(),
    addresses: z.array(z.object({ state: z.string(), batchesAcked: z.number() })),
  }),
});

/** A port that leads to the hub's for as long as it is open: the first address. */
class Detour {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(to: number) {
    this.#to = to;
  }

  async open(): Promise<void> {
    this.#server = createServer((socket) => {
      const hub = connect(this.#to, '127.0.0.1');
      for (const [one, other] of [
        [socket, hub],
        [hub, socket],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => undefined).on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    await once(this.#server.listen(this.port, '127.0.0.1'), 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}

let folder: string;
let log: string;
let config: string;
let hub: Program;
let agent: Program | undefined;
let proxy: ConnectProxy;
let detour: Detour;
let addresses: [string, string];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atalaia-way-'));
  log = join(folder, 'app.log');
  await appendFile(log, '');
  hub = await startHub({ data: join(folder, 'hub'), console: '127.0.0.1:0', agents: '127.0.0.1:0' });
  const port = Number(new URL((await hubStatus(join(folder, 'hub')))?.agents ?? '').port);
  detour = new Detour(port);
  await detour.open();
  addresses = [`wss://localhost:${detour.port}`, `wss://localhost:${port}`];
  proxy = await openConnectProxy({ wants: `Basic ${Buffer.from('agent:open sesame').toString('base64')}` });
  await writeFile(join(folder, 'credentials'), 'agent:open sesame\n', { mode: 0o600 });
  config = join(folder, 'agent.yaml');
  await writeFile(
    config,
    stringify({
      version: 1,
      hub: { addresses, failBackAfter: '1s' },
      proxy: { url: proxy.url, credentials: join(folder, 'credentials') },
      bandwidth: { timeZone: 'UTC', windows: [{ from: '00:00', to: '24:00', bytesPerSecond: '64KiB' }] },
      fence: { paths: [join(folder, '**')] },
      policy: { kind: 'Policy', version: 1, sources: [{ id: 'app', type: 'file', paths: [log], startAt: 'start', timeZone: 'UTC' }] },
    }),
  );
}, waitMsMax);

afterAll(async () => {
  await agent?.stop();
  await hub?.stop();
  detour?.close();
  proxy?.close();
  await rm(folder, { recursive: true, force: true });
}, waitMsMax);

async function enrol(): Promise<unknown> {
  const { token } = z.object({ token: z.string() }).parse(await askHub(join(folder, 'hub'), 'token create', {}));
  const file = join(folder, 'token');
  await writeFile(file, token, { mode: 0o600 });
  const args = ['enroll', '--config', config, '--data', join(folder, 'agent'), '--hub', addresses[1], '--token-file', file, '--pin'];
  const { stdout } = await run(process.execPath, [main, ...args]);
  return JSON.parse(stdout);
}

async function connection(): Promise<z.infer<typeof agentStatus>['connection']> {
  return agentStatus.parse(await askLocal(join(folder, 'agent'), { program: 'agent', ask: 'status' })).connection;
}

async function untilAt(address: string): Promise<void> {
  for (;;) {
    const now = await connection();
    if (now.state === 'connected' && now.address === address) return;
    await delay(50);
  }
}

test(
  'an agent enrols and sends through the proxy, goes on at the next address when the first dies, and back; each line is stored once',
  { timeout: waitMsMax },
  async () => {
    const enrolled = await enrol();
    agent = await startAgent({ data: join(folder, 'agent'), config });
    await untilAt(addresses[0]);
    const lines = new NumberedLines(log, 'wayfaring');
    lines.start();

    while ((await connection()).addresses[0]?.batchesAcked === 0) await delay(50);
    detour.close();
    await untilAt(addresses[1]);
    while ((await connection()).addresses[1]?.batchesAcked === 0) await delay(50);
    await detour.open();
    await untilAt(addresses[0]);
    const written = await lines.stop();

    expect(await lines.stored(join(folder, 'hub'), waitMsMax / 2)).toEqual(written);
    expect(enrolled).toMatchObject({ enrolled: true, pins: [expect.stringMatching(/^sha256\//)] });
    expect(await connection()).toMatchObject({ bytesPerSecondMax: 65_536, hubClockOffsetMs: expect.any(Number) });
    // Two for the enrolment, one for each session; looks come on top.
    expect(proxy.requests.length).toBeGreaterThanOrEqual(5);
    expect(proxy.requests.every((request) => request.startsWith('CONNECT localhost:'))).toBe(true);
  },
);
