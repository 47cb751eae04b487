// The way to a hub on loopback: real TLS, a real proxy of our own, files of credentials.
import 'reflect-metadata';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { proxySchema } from '../../config/uplink-config.ts';
import { makeTestCertificates, type TestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import type { HubSocket } from '../ports.ts';
import { pinOf } from './certificate-pins.ts';
import { hubWay } from './hub-way.ts';
import { openConnectProxy, type ProxyManners } from './testing/connect-proxy.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
let closers: (() => void)[];
let folder: string;
let certificates: TestCertificates;

beforeEach(async () => {
  closers = [];
  folder = await mkdtemp(join(tmpdir(), 'atalaia-way-'));
  certificates = await makeTestCertificates({ type: 'dns', value: 'localhost' });
});

afterEach(async () => {
  for (const close of closers) close();
  await rm(folder, { recursive: true });
});

async function listening(server: Server, host = '127.0.0.1'): Promise<string> {
  await once(server.listen(0, host), 'listening');
  closers.push(() => server.close());
  return `wss://localhost:${(server.address() as AddressInfo).port}`;
}

/** Says its client's name back. */
async function openHub(options: TlsOptions = {}): Promise<string> {
  const { ca, server } = certificates;
  const hub = createServer({ ca, ...server, requestCert: true, ...options }, (socket: TLSSocket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined).write(String(socket.getPeerCertificate().subject?.CN));
  });
  return listening(hub);
}

interface Wish {
  readonly pins?: readonly string[];
  readonly proxy?: unknown;
  readonly ca?: string;
  readonly openMs?: number;
}

async function go(address: string, { pins = [], proxy, ca = certificates.ca, openMs }: Wish = {}): Promise<HubSocket> {
  const through = proxy === undefined ? undefined : proxySchema.parse(proxy);
  const way = hubWay({ proxy: through, pins: () => pins, environment: {}, ...(openMs === undefined ? {} : { openMs }) });
  const hub = await way({ address, authority: ca, client: certificates.client, signal: new AbortController().signal });
  closers.push(() => hub.socket.destroy());
  return hub;
}

async function nameHeard({ socket }: HubSocket): Promise<string> {
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

const status = (line: string, ...headers: string[]): string => [`HTTP/1.1 ${line}`, ...headers, '', ''].join('\r\n');
const leafPin = (): string => pinOf(new X509Certificate(certificates.server.cert));
const otherPin = `sha256/${'A'.repeat(43)}=`;

test('of a name with several addresses the one that answers is used', async () => {
  // localhost is ::1 and 127.0.0.1 where there is IPv6; the hub listens on the second alone.
  expect(await nameHeard(await go(await openHub()))).toBe('test agent');
});

test('any of the pins will do, so that a key can be changed', async () => {
  const address = await openHub();

  const hub = await go(address, { pins: [otherPin, leafPin()] });

  expect(hub.pins[0]).toBe(leafPin());
});

test('a pin of the authority will do too', async () => {
  const chain = `${certificates.server.cert}\n${certificates.ca}`;

  await expect(go(await openHub({ cert: chain }), { pins: [pinOf(new X509Certificate(certificates.ca))] })).resolves.toBeDefined();
});

test('another key than the pins is refused with both values and the remedy, although the authority signed it', async () => {
  await expect(go(await openHub(), { pins: [otherPin] })).rejects.toMatchObject({
    code: 'PIN_MISMATCH',
    message: expect.stringMatching(
      new RegExp(`shows the key ${RegExp.escape(leafPin())}.*pins are ${RegExp.escape(otherPin)}.*agent\\.yaml`),
    ),
  });
});

test('a certificate that is merely sent along pins nothing', async () => {
  // Its subject is the authority's name, its key is the one that was pinned, but it signed nothing.
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const forged = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test authority',
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const pem = forged.toString('pem');
  const address = await openHub({ cert: `${certificates.server.cert}\n${pem}` });

  await expect(go(address, { pins: [pinOf(new X509Certificate(pem))] })).rejects.toMatchObject({ code: 'PIN_MISMATCH' });
});

test('a right pin does not help a hub that another authority signed', async () => {
  const { ca } = await makeTestCertificates({ type: 'dns', value: 'localhost' });

  await expect(go(await openHub(), { pins: [leafPin()], ca })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
});

test('a hub that takes the connection and says nothing is given up', async () => {
  const address = await listening(createTcpServer((socket) => void closers.push(() => socket.destroy())));

  await expect(go(address, { openMs: 50 })).rejects.toMatchObject({
    code: 'HUB_UNREACHABLE',
    message: expect.stringContaining('no answer in time'),
  });
});

async function proxyWith(manners: ProxyManners = {}) {
  const proxy = await openConnectProxy(manners);
  closers.push(() => proxy.close());
  return proxy;
}

async function credentials(text: string, mode = 0o600): Promise<string> {
  const path = join(folder, 'credentials');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test('through a proxy TLS goes from end to end: it sees the name of the hub and nothing of what passes', async () => {
  const proxy = await proxyWith();
  const address = await openHub();

  const hub = await go(address, { proxy: proxy.url, pins: [leafPin()] });
  hub.socket.write('a line that is nobody’s business');

  expect(await nameHeard(hub)).toBe('test agent');
  expect(proxy.requests[0]).toMatch(new RegExp(`^CONNECT localhost:${new URL(address).port} HTTP/1.1\r\nHost: localhost:`));
  expect(proxy.requests[0]).not.toMatch(/authorization/i);
  expect(proxy.passed().includes('business')).toBe(false);
});

test('an address of IPv6 goes to the proxy in brackets', async () => {
  const proxy = await proxyWith({ says: status('403 Forbidden') });

  await expect(go('wss://[2001:db8::1]:7443', { proxy: proxy.url })).rejects.toMatchObject({ code: 'PROXY_REFUSED' });
  expect(proxy.requests[0]).toMatch(/^CONNECT \[2001:db8::1\]:7443 HTTP\/1\.1\r\nHost: \[2001:db8::1\]:7443\r\n/);
});

test('a proxy that answers in pieces is understood', async () => {
  const proxy = await proxyWith({ inPieces: true });

  expect(await nameHeard(await go(await openHub(), { proxy: proxy.url }))).toBe('test agent');
});

test('user and password come from a file and go to the proxy alone', async () => {
  const wants = `Basic ${Buffer.from('agent:p:ss wörd').toString('base64')}`;
  const proxy = await proxyWith({ wants });

  const hub = await go(await openHub(), { proxy: { url: proxy.url, credentials: await credentials('agent:p:ss wörd\n') } });

  expect(await nameHeard(hub)).toBe('test agent');
});

test.each<[string, ProxyManners, RegExp]>([
  ['wants a password and gets none', { wants: 'Basic x' }, /407.*user:password into a file.*`proxy\.credentials`/],
  ['wants what we do not know', { says: status('407 No', 'Proxy-Authenticate: Negotiate') }, /asks for Negotiate.*Basic alone/],
  ['wants a password and says it as tinyproxy does', { says: status('401 Unauthorized') }, /401 Unauthorized.*`proxy\.credentials`/],
  ['does not let us through', { says: status('403 Forbidden') }, /403 Forbidden; let it allow CONNECT/],
  ['does not reach the hub', { says: status('502 Bad Gateway') }, /502 Bad Gateway; it does not reach the hub/],
  ['is no proxy', { says: 'SSH-2.0-OpenSSH_9.2\r\n\r\n' }, /no HTTP answer \(SSH-2\.0-OpenSSH_9\.2\).*names an HTTP proxy/],
  ['answers with control characters', { says: status('403 \u001b[31mred') }, /403 \?\[31mred/],
])('a proxy that %s is told with the remedy', async (_what, manners, remedy) => {
  const proxy = await proxyWith(manners);

  await expect(go(await openHub(), { proxy: proxy.url })).rejects.toMatchObject({
    code: 'PROXY_REFUSED',
    message: expect.stringMatching(remedy),
  });
});

test('a password that the proxy does not accept is not repeated', async () => {
  const proxy = await proxyWith({ wants: 'Basic x' });
  const file = await credentials('agent:hunter2');
  const refused = go(await openHub(), { proxy: { url: proxy.url, credentials: file } });

  await expect(refused).rejects.toMatchObject({
    code: 'PROXY_REFUSED',
    message: expect.stringContaining(`does not accept the user and password in ${file}`),
  });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringMatching(/hunter2|aHVudGVyMg/) });
});

test.each<[string, ProxyManners, RegExp]>([
  ['closes without an answer', { hangsUp: true }, /it closed the connection/],
  ['answers without end', { says: `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}` }, /longer than 16384 bytes/],
  ['says nothing', { isSilent: true }, /did not answer in time/],
])('a proxy that %s is given up', async (_what, manners, says) => {
  const proxy = await proxyWith(manners);
  const openMs = manners.isSilent ? 50 : 15_000;

  await expect(go(await openHub(), { proxy: proxy.url, openMs })).rejects.toMatchObject({
    code: 'PROXY_UNREACHABLE',
    message: expect.stringMatching(says),
  });
});

test('a proxy that is not there is told apart from a hub that is not there', async () => {
  const proxy = await proxyWith();
  proxy.close();

  await expect(go('wss://localhost:1', { proxy: proxy.url })).rejects.toMatchObject({
    code: 'PROXY_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test.each([
  ['open to others', 'agent:secret', 0o640, /open to other users.*chmod 0600/],
  ['without a colon', 'secret', 0o600, /user:password in one line/],
  ['of several lines', 'agent:secret\r\nHost: evil\n', 0o600, /user:password in one line/],
  ['too long', `agent:${'x'.repeat(2_000)}`, 0o600, /user:password in one line/],
])('a file of credentials that is %s is refused with the remedy, and nothing of it is said', async (_what, text, mode, remedy) => {
  const proxy = await proxyWith();
  const refused = go(await openHub(), { proxy: { url: proxy.url, credentials: await credentials(text, mode) } });

  await expect(refused).rejects.toMatchObject({ code: 'PROXY_CREDENTIALS', message: expect.stringMatching(remedy) });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  expect(proxy.requests).toEqual([]);
});
