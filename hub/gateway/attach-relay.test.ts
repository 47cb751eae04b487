// The gateway behind a real TLS server and WebSocket on loopback.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { limits, protocolVersion } from '../../proto/delivery.ts';
import { decodeHubFrame } from '../../proto/framing/decode-hub-frame.ts';
import { encodeHello } from '../../proto/framing/encode-hello.ts';
import { makeTestCertificates, type TestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import { attachRelay } from './attach-relay.ts';
import { Gateway } from './gateway.ts';
import { MemoryJournal } from './testing/memory-journal.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let certificates: TestCertificates;
let server: Server;
let stop: AbortController;
let running: Promise<void>;
let url: string;
let gateway: Gateway;

beforeEach(async () => {
  certificates = await makeTestCertificates({ type: 'ip', value: '127.0.0.1' });
  const { ca } = certificates;
  server = createServer({ ca, ...certificates.server, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  stop = new AbortController();
  const ids = { hubId: Buffer.alloc(16, 1), incarnation: Buffer.alloc(16, 2) };
  gateway = new Gateway({ journal: new MemoryJournal(), clock: systemClock, log: silent, ...ids, credit: () => 1 });
  running = gateway.run(stop.signal);
  attachRelay(server, {
    gateway,
    log: silent,
    signal: stop.signal,
    peerOf: ({ socket }) => (socket instanceof TLSSocket && socket.authorized ? { agentId: 'a1' } : undefined),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // As Node gives it for a listening TCP server.
  url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  stop.abort();
  await running;
  server.close();
  server.closeAllConnections();
});

interface Heard {
  readonly frames: Buffer[];
  readonly code: number;
}

/** Connects, says one thing, and resolves with what came once the hub closed, or after `until` frames. */
function say(frame: Uint8Array | string, until = Infinity): Promise<Heard> {
  const socket = new WebSocket(`${url}/v1/relay`, { ca: certificates.ca, ...certificates.client });
  const frames: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(frame));
    socket.on('message', (data) => {
      // ws gives one Buffer for a binary frame by default.
      frames.push(data as Buffer);
      if (frames.length >= until) socket.close();
    });
    socket.on('close', (code) => resolve({ frames, code }));
    socket.on('error', reject);
  });
}

function statusOf(path: string, identity: { cert?: string; key?: string }): Promise<number> {
  const socket = new WebSocket(`${url}${path}`, { ca: certificates.ca, ...identity });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => reject(new Error('the upgrade was accepted')));
    socket.on('error', () => undefined);
  });
}

const hello = encodeHello({
  protocolVersion,
  lanes: [{ lane: 'normal', epoch: Buffer.alloc(16, 1), oldestSequence: 1, nextSequence: 1, held: [], damaged: false }],
  capabilities: [],
  agentClockMs: 1,
  policyHash: new Uint8Array(0),
  agentVersion: '0.1.0',
  hostName: 'web1',
  sources: [],
});

test('a verified agent is welcomed', async () => {
  const { frames } = await say(hello, 1);

  expect(decodeHubFrame(frames[0]!)).toMatchObject({ ok: true, value: { is: 'welcome' } });
  expect(gateway.agents()).toMatchObject([{ agentId: 'a1', address: '127.0.0.1' }]);
});

test('a peer without a certificate gets 401 and nothing else', async () => {
  expect(await statusOf('/v1/relay', {})).toBe(401);
});

test('another path is not the relay', async () => {
  expect(await statusOf('/v1/other', certificates.client)).toBe(404);
});

test('a text frame is refused with its reason', async () => {
  const { frames, code } = await say('hello hub');

  expect(decodeHubFrame(frames[0]!)).toMatchObject({
    value: { refusal: { code: 'protocol', detail: expect.stringContaining('wrong-type') } },
  });
  expect(code).toBe(1003);
});

test('a frame above the limit closes the connection as too large', async () => {
  const { code } = await say(Buffer.alloc(limits.frameBytesMax + 1));

  expect(code).toBe(1009);
});
