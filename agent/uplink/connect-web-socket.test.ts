// The uplink over a real WebSocket and mutual TLS on loopback.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { limits } from '../../proto/delivery.ts';
import { encodeBusy } from '../../proto/framing/encode-hub-frame.ts';
import { socketChannel } from '../../proto/framing/socket-channel.ts';
import { makeTestCertificates, type TestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import { connectWebSocket } from './connect-web-socket.ts';
import { hubWay } from './hub-way.ts';
import { relayUrl } from './relay-url.ts';

const closers: (() => void)[] = [];
const signal = new AbortController().signal;
const way = hubWay({ proxy: undefined, pins: () => [], environment: {} });
const loopback = { type: 'ip', value: '127.0.0.1' } as const;

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface TestHub {
  readonly url: string;
  readonly channel: Promise<FrameChannel>;
  /** Common name of the client, as TLS verified it. */
  readonly peers: string[];
}

async function openHub(certificates: TestCertificates, options: { acceptsAll?: boolean } = {}): Promise<TestHub> {
  const { ca, server } = certificates;
  const https: Server = createServer({ ca, ...server, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytesMax, perMessageDeflate: false });
  const peers: string[] = [];
  const channel = new Promise<FrameChannel>((resolve) => {
    https.on('upgrade', (request, socket, head) => {
      const isVerified = request.socket instanceof TLSSocket && request.socket.authorized;
      if (request.url !== '/v1/relay' || (!isVerified && !options.acceptsAll)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      if (request.socket instanceof TLSSocket) peers.push(String(request.socket.getPeerCertificate().subject?.CN));
      sockets.handleUpgrade(request, socket, head, (webSocket) => resolve(socketChannel(webSocket)));
    });
  });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    https.close();
    https.closeAllConnections();
  });
  // As Node gives it for a listening TCP server.
  return { url: `wss://127.0.0.1:${(https.address() as AddressInfo).port}`, channel, peers };
}

test('a large frame that was sent is given back', async () => {
  const certificates = await makeTestCertificates(loopback);
  const hub = await openHub(certificates);
  const agentEnd = await connectWebSocket({ url: hub.url, way, tls: { ca: certificates.ca, ...certificates.client }, signal });
  const frame = Buffer.alloc(400_000, 'x');

  await agentEnd.send(frame);

  expect(frame.length).toBe(0);
  agentEnd.close(1000, 'done');
});

test('frames pass both ways over mutual TLS, whole and in order', async () => {
  const certificates = await makeTestCertificates(loopback);
  const hub = await openHub(certificates);
  const agentEnd = await connectWebSocket({ url: hub.url, way, tls: { ca: certificates.ca, ...certificates.client }, signal });
  const hubEnd = await hub.channel;
  const frames = Array.from({ length: 20 }, (_, i) => Buffer.alloc(i * 40_000, i));

  const sending = Promise.all(frames.map((frame) => agentEnd.send(Buffer.from(frame))));
  const received: Uint8Array[] = [];
  for await (const frame of hubEnd.frames()) {
    received.push(frame);
    if (received.length === frames.length) break;
  }
  await sending;
  await hubEnd.send(encodeBusy({ credit: undefined, reason: 'wait' }));
  const answer = await agentEnd.frames()[Symbol.asyncIterator]().next();

  expect(received.map((frame, i) => frames[i]!.equals(frame))).toEqual(frames.map(() => true));
  expect(answer.value).toEqual(encodeBusy({ credit: undefined, reason: 'wait' }));
  expect(hub.peers).toEqual(['test agent']);
  agentEnd.close(1000, 'done');
});

test('a close of one end ends the other with its code', async () => {
  const certificates = await makeTestCertificates(loopback);
  const hub = await openHub(certificates);
  const agentEnd = await connectWebSocket({ url: hub.url, way, tls: { ca: certificates.ca, ...certificates.client }, signal });

  (await hub.channel).close(4001, 'superseded');
  for await (const _ of agentEnd.frames()) expect.unreachable();

  expect(agentEnd.closed.reason).toMatchObject({ code: 'CHANNEL_CLOSED', closeCode: 4001 });
  await expect(agentEnd.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
});

test('a hub that another authority vouches for is refused', async () => {
  const ours = await makeTestCertificates(loopback);
  const theirs = await makeTestCertificates(loopback);
  const hub = await openHub(theirs, { acceptsAll: true });

  const connecting = connectWebSocket({ url: hub.url, way, tls: { ca: ours.ca, ...ours.client }, signal });

  await expect(connecting).rejects.toMatchObject({ code: 'HUB_UNREACHABLE', isRetryable: true });
});

test('a hub whose certificate is for another name is refused', async () => {
  const certificates = await makeTestCertificates({ type: 'dns', value: 'other.example' });
  const hub = await openHub(certificates, { acceptsAll: true });

  const connecting = connectWebSocket({ url: hub.url, way, tls: { ca: certificates.ca, ...certificates.client }, signal });

  await expect(connecting).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
});

test('a certificate that the hub does not accept is told apart from a hub that is away', async () => {
  const certificates = await makeTestCertificates(loopback);
  const other = await makeTestCertificates(loopback);
  const hub = await openHub(certificates);

  const refused = await Promise.allSettled([
    connectWebSocket({ url: hub.url, way, tls: { ca: certificates.ca, ...other.client }, signal }),
    connectWebSocket({ url: 'wss://127.0.0.1:1', way, tls: { ca: certificates.ca, ...certificates.client }, signal }),
  ]);

  expect(refused).toMatchObject([{ reason: { code: 'NOT_AUTHORISED' } }, { reason: { code: 'HUB_UNREACHABLE', isRetryable: true } }]);
});

test('an agent that enrolled with https:// reaches the relay of the same port', () => {
  expect(relayUrl('https://hub.example.org:7443').href).toBe(relayUrl('wss://hub.example.org:7443').href);
});

test.each(['http://hub:1', 'ws://hub:1', 'hub', 'wss://user:secret@hub:1'])('%s is no address of a hub', (url) => {
  expect(() => relayUrl(url)).toThrow(/hub/);
});
