// A TLS server that shows a chain and answers as a hub's agents' port does; the real one is met by `npm run package -- --check`.
import 'reflect-metadata';
import { createServer, type Server } from 'node:https';
import { createServer as createPlainServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo, Server as NetServer } from 'node:net';
import * as x509 from '@peculiar/x509';
import { afterEach, expect, test } from 'vitest';
import type { Identity } from '../../control/identity.ts';
import { examineHub, examineHubs, type HubToExamine } from './examine-hub.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

interface Signed {
  readonly pem: string;
  readonly key: string;
  readonly keys: CryptoKeyPair;
}

async function signed(name: string, { issuer, days = 30 }: { issuer?: Signed; days?: number } = {}): Promise<Signed> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer ? new x509.X509Certificate(issuer.pem).subject : `CN=${name}`,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60 * dayMs),
    notAfter: new Date(Date.now() + days * dayMs),
    extensions: issuer
      ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])]
      : [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { pem: made.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`, keys };
}

const servers: (Server | NetServer)[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listening(server: Server | NetServer): Promise<string> {
  servers.push(server);
  await once(server.listen(0, 'localhost'), 'listening');
  return `wss://localhost:${(server.address() as AddressInfo).port}`;
}

async function hub({ authority, days = 30, status = 404 }: { authority: Signed; days?: number; status?: number }): Promise<string> {
  const leaf = await signed('hub', { issuer: authority, days });
  const server = createServer(
    { key: leaf.key, cert: `${leaf.pem}\n${authority.pem}`, requestCert: true, rejectUnauthorized: false },
    (_, response) => {
      response.writeHead(status, { connection: 'close' }).end();
    },
  );
  return listening(server);
}

async function enrolledIn(authority: Signed): Promise<Identity> {
  const { pem, key } = await signed('agent', { issuer: authority });
  return { agentId: 'a', hub: '', key, certificate: pem, authority: authority.pem, pins: [], validFromMs: 0, expiresMs: 0 };
}

function at(address: string, identity?: Identity): HubToExamine {
  return { address, identity, proxy: undefined, pins: [], environment: {} };
}

async function verdicts(url: string, identity?: Identity): Promise<string[]> {
  const { findings } = await examineHub(at(url, identity));
  return findings.map(({ check, is }) => `${check}: ${is}`);
}

const reached = ['hub name: ok', 'hub connection: ok'];

test('a hub that is well is well at every step, and its clock is read', async () => {
  const authority = await signed('authority');
  const { findings, clockOffsetMs } = await examineHub(at(await hub({ authority }), await enrolledIn(authority)));

  expect(findings.map(({ check, is }) => `${check}: ${is}`)).toEqual([
    ...reached,
    'hub identity: ok',
    'hub certificate: ok',
    'hub pin: ok',
    'hub acceptance: ok',
  ]);
  expect(Math.abs(clockOffsetMs ?? Infinity)).toBeLessThan(60_000);
});

test('a hub of another authority is told with its fingerprint', async () => {
  const { findings } = await examineHub(at(await hub({ authority: await signed('other') }), await enrolledIn(await signed('authority'))));

  expect(findings[2]).toMatchObject({ check: 'hub identity', is: 'fail', says: expect.stringMatching(/not trusted.*[0-9a-f]{64}/) });
});

test('before enrolment the fingerprint is shown, to be compared with the token', async () => {
  const { findings } = await examineHub(at(await hub({ authority: await signed('authority') })));

  expect(findings[2]).toMatchObject({ check: 'hub identity', is: 'ok', says: expect.stringMatching(/[0-9a-f]{64}.*token/) });
});

test('a certificate that is over, and one that soon will be, are told', async () => {
  const authority = await signed('authority');
  const identity = await enrolledIn(authority);

  expect(await verdicts(await hub({ authority, days: -1 }), identity)).toContain('hub certificate: fail');
  expect(await verdicts(await hub({ authority, days: 2 }), identity)).toContain('hub certificate: warn');
});

test('a hub that refuses this agent says so', async () => {
  const authority = await signed('authority');

  expect(await verdicts(await hub({ authority, status: 401 }), await enrolledIn(authority))).toContain('hub acceptance: fail');
});

test('a port where something else listens, and one where nothing does', async () => {
  const plain = await listening(createPlainServer((socket) => socket.on('error', () => undefined).end('220 mail\r\n')));

  expect(await verdicts(plain)).toEqual([...reached, 'hub TLS: fail']);
  servers.splice(0).forEach((server) => server.close());
  expect(await verdicts(plain)).toEqual(['hub name: ok', 'hub connection: fail']);
});

test('a name that nobody knows is the end of it', async () => {
  expect(await verdicts('wss://no-such-host.invalid:7443')).toEqual(['hub name: fail']);
});

test('a hub that shows another key than the pin is told with both', async () => {
  const authority = await signed('authority');
  const pin = `sha256/${'A'.repeat(43)}=`;

  const { findings } = await examineHub({ ...at(await hub({ authority }), await enrolledIn(authority)), pins: [pin] });

  expect(findings.find(({ check }) => check === 'hub pin')).toMatchObject({
    is: 'fail',
    says: expect.stringMatching(/key is sha256\/\S{44}, and the pins are sha256\/A{43}=/),
  });
});

test('of several addresses one that is well makes the others warnings, each under its own name', async () => {
  const authority = await signed('authority');
  const addresses = ['wss://no-such-host.invalid:7443', await hub({ authority })];

  const { findings, clockOffsetMs } = await examineHubs(addresses, at('', await enrolledIn(authority)));

  expect(findings.map(({ check, is }) => `${check}: ${is}`).slice(0, 2)).toEqual([
    'hub name (no-such-host.invalid:7443): warn',
    `hub name (${new URL(addresses[1]!).host}): ok`,
  ]);
  expect(clockOffsetMs).toBeDefined();
});
