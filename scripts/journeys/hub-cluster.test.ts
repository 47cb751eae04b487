// An agent's buffer and uplink against two hubs of one cluster: real LevelDB, real mutual TLS on loopback, real gateways
// that share one journal. Hubs are killed by destroying their sockets in the middle of what they do.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LaneBuffer } from '../../agent/buffer/lane-buffer.ts';
import { hubDoors } from '../../agent/uplink/hub-doors.ts';
import { hubWay } from '../../agent/uplink/hub-way.ts';
import { Uplink } from '../../agent/uplink/uplink.ts';
import { attachRelay } from '../../hub/gateway/attach-relay.ts';
import { Gateway } from '../../hub/gateway/gateway.ts';
import { MemoryJournal } from '../../hub/gateway/testing/memory-journal.ts';
import { bodyWith } from '../../hub/gateway/testing/scripted-agent.ts';
import { levelDisk } from '../../proto/durable/level-disk.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { decodeAgentFrame } from '../../proto/framing/decode-agent-frame.ts';
import { makeTestCertificates, type TestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import { systemClock as clock, systemRandom as random } from '../../proto/runtime/clock.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const agentId = 'a'.repeat(32);
const failBackAfterMs = 1_000;

let folder: string;
let certificates: TestCertificates;
let journal: MemoryJournal;
let buffer: LaneBuffer;
let uplink: Uplink;
let told: string[];
let stop: AbortController;
let running: Promise<void>;
let closers: (() => Promise<void> | void)[];

beforeEach(async () => {
  closers = [];
  told = [];
  stop = new AbortController();
  running = Promise.resolve();
  folder = await mkdtemp(join(tmpdir(), 'atalaia-cluster-'));
  certificates = await makeTestCertificates({ type: 'ip', value: '127.0.0.1' });
  journal = new MemoryJournal(() => Date.now());
  const sizes = { bytesMax: 64 * 1_048_576, generationBytes: 1_048_576, reserveBytes: 1_048_576 };
  buffer = await LaneBuffer.open({
    disk: levelDisk(),
    folder: join(folder, 'normal'),
    lane: 'normal',
    clock,
    random,
    whenFull: 'block',
    ...sizes,
  });
});

afterEach(async () => {
  stop.abort();
  await running;
  await buffer.close();
  for (const close of closers.reverse()) await close();
  await rm(folder, { recursive: true });
});

/** One hub of the cluster, which can die and come back on its port. */
class TestHub {
  #server: Server | TcpServer | undefined;
  #sockets = new Set<Socket>();
  #stop = new AbortController();
  #gateway: Gateway | undefined;
  #port = 0;
  /** Connections that came as far as Hello. */
  visits = 0;

  get address(): string {
    return `wss://127.0.0.1:${this.#port}`;
  }

  get isInUse(): boolean {
    return this.#gateway?.agents().some(({ isConnected }) => isConnected) ?? false;
  }

  async start({ server: identity, ca }: TestCertificates = certificates): Promise<void> {
    const server = createServer({ ca, ...identity, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    this.#stop = new AbortController();
    const ids = { hubId: Buffer.alloc(16, 1), incarnation: Buffer.alloc(16, 2) };
    this.#gateway = new Gateway({ journal, clock, log: silent, ...ids, credit: () => 1, onChange: () => void (this.visits += 1) });
    const over = this.#gateway.run(this.#stop.signal);
    closers.push(() => over);
    const peerOf = ({ socket }: { socket: Socket }) => (socket instanceof TLSSocket && socket.authorized ? { agentId } : undefined);
    attachRelay(server, { gateway: this.#gateway, log: silent, signal: this.#stop.signal, peerOf });
    await this.#listen(server);
  }

  /** Takes connections and says nothing. */
  startSilent(): Promise<void> {
    return this.#listen(createTcpServer());
  }

  kill(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
    // What it had in hand may still be written, as by a process that dies after its write.
    this.#stop.abort();
  }

  async #listen(server: Server | TcpServer): Promise<void> {
    this.#server = server;
    this.#sockets = new Set();
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    });
    await once(server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (server.address() as AddressInfo).port;
    closers.push(() => this.kill());
  }
}

function connect(...hubs: TestHub[]): void {
  const way = hubWay({ proxy: undefined, pins: () => [], environment: {}, openMs: 1_500 });
  const note = (_fields: object, text: string): void => void told.push(text);
  uplink = new Uplink({
    addresses: hubs.map(({ address }) => address),
    ...hubDoors(way, () => ({ authority: certificates.ca, certificate: certificates.client.cert, key: certificates.client.key })),
    failBackAfterMs,
    lanes: [buffer],
    clock,
    random,
    hello: () => ({ capabilities: [], policyHash: new Uint8Array(0), agentVersion: '0.1.0', hostName: 'web1', sources: [] }),
    log: { debug: () => {}, info: note, warn: note, error: note },
  });
  running = uplink.run(stop.signal);
}

async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await delay(5);
}

async function write(from: number, to: number): Promise<void> {
  for (let line = from; line <= to; line++) {
    const body = bodyWith(`line ${line}`);
    await buffer.append({ body, lineCount: 1, rawBytes: 10, positions: [] }, stop.signal);
  }
}

/** Bodies as the journal holds them, in its order. */
function stored(): Buffer[] {
  return journal.writes.flatMap(({ entries }) =>
    entries.map(({ frame }) => {
      const decoded = decodeAgentFrame(frame);
      if (!decoded.ok || decoded.value.is !== 'batch') throw new Error('the journal holds what is no batch');
      return Buffer.from(decoded.value.batch.body);
    }),
  );
}

function lines(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => bodyWith(`line ${i + 1}`));
}

async function bothUp(): Promise<[TestHub, TestHub]> {
  const hubs: [TestHub, TestHub] = [new TestHub(), new TestHub()];
  for (const hub of hubs) await hub.start();
  return hubs;
}

test('a hub that dies in the middle of a stream loses and doubles nothing: the other goes on', async () => {
  const [a, b] = await bothUp();
  connect(a, b);
  await until(() => a.isInUse);
  const writing = write(1, 200);

  await until(() => stored().length >= 50);
  a.kill();
  await writing;
  await until(() => stored().length >= 200 && buffer.status().batches === 0);

  expect(stored()).toEqual(lines(200));
  expect(b.isInUse).toBe(true);
});

test('whichever hub dies and comes back, and whenever, everything arrives once and in order', async () => {
  const dice = seededRandom(20_261_124);
  const hubs = await bothUp();
  connect(...hubs);
  const writing = write(1, 600);
  let deaths = 0;
  const killing = (async () => {
    while (stored().length < 550) {
      const hub = hubs[Math.floor(dice.unit() * 2)] ?? hubs[0];
      const before = stored().length;
      await until(() => stored().length > before + dice.unit() * 40 || stored().length >= 550 || uplink.status().state === 'waiting');
      hub.kill();
      deaths++;
      await delay(dice.unit() * 60);
      await hub.start();
    }
  })();

  await Promise.all([writing, killing]);
  await until(() => stored().length >= 600 && buffer.status().batches === 0);

  expect(stored()).toEqual(lines(600));
  expect(deaths).toBeGreaterThan(5);
});

test('with both away lines wait in the buffer, and the first that is back takes them', async () => {
  const [a, b] = await bothUp();
  connect(a, b);
  await until(() => a.isInUse);
  a.kill();
  b.kill();
  await write(1, 30);
  await until(() => uplink.status().reconnects >= 3);
  expect(uplink.status().addresses.map(({ state }) => state)).not.toContain('standby');

  await b.start();
  await until(() => buffer.status().batches === 0);

  expect(stored()).toEqual(lines(30));
});

test('a hub that takes connections and says nothing is given up for the next', async () => {
  const [silent, b] = [new TestHub(), new TestHub()];
  await silent.startSilent();
  await b.start();
  connect(silent, b);
  await write(1, 10);

  await until(() => buffer.status().batches === 0);

  expect(stored()).toEqual(lines(10));
  expect(uplink.status().addresses[0]).toMatchObject({ state: 'failed', lastError: expect.stringContaining('no answer in time') });
});

test('a hub with a certificate of another authority is given nothing', async () => {
  const [imposter, b] = [new TestHub(), new TestHub()];
  await imposter.start(await makeTestCertificates({ type: 'ip', value: '127.0.0.1' }));
  await b.start();
  connect(imposter, b);
  await write(1, 10);

  await until(() => buffer.status().batches === 0);

  expect([imposter.visits, b.isInUse]).toEqual([0, true]);
  expect(uplink.status().addresses[0]).toMatchObject({ state: 'failed', lastError: expect.stringMatching(/certificate/) });
});

test('a preferred hub that is back is looked at without being visited, then used; nothing is lost on the way', async () => {
  const [a, b] = await bothUp();
  a.kill();
  connect(a, b);
  await until(() => b.isInUse);
  const writing = write(1, 300);
  const { visits } = a;
  await a.start();
  await until(() => (uplink.status().addresses[0]?.reachableSinceMs ?? 0) > 0);
  expect(a.visits).toBe(visits);

  await until(() => a.isInUse);
  await writing;
  await until(() => buffer.status().batches === 0);

  expect(stored()).toEqual(lines(300));
  expect(told.filter((text) => text.includes('preferred hub is back'))).toHaveLength(1);
  expect(uplink.status().addresses.map(({ state }) => state)).toEqual(['in-use', 'standby']);
});
