// Both ends of enrolment for real: the hub's agents' port on loopback and the agent's client against it.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enrol, renew, renewalDueMs, type RenewalOrder } from '../../agent/control/enrol.ts';
import { certificateRequest, loadIdentity, storeEnrolment, type Identity } from '../../agent/control/identity.ts';
import { hubWay } from '../../agent/uplink/hub-way.ts';
import { openConnectProxy } from '../../agent/uplink/testing/connect-proxy.ts';
import { proxySchema } from '../../config/uplink-config.ts';
import { openAuthority, type Authority } from '../../hub/fleet/authority.ts';
import { createAgentsServer, peerOf } from '../../hub/fleet/agents-port.ts';
import { Roster } from '../../hub/fleet/roster.ts';
import { TokenDesk } from '../../hub/fleet/tokens.ts';
import { memoryState } from '../../hub/state/memory-state.ts';
import { systemClock, systemRandom, type Clock } from '../../proto/runtime/clock.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;
const way = hubWay({ proxy: undefined, pins: () => [], environment: {} });
const dayMs = 86_400_000;

interface World {
  readonly folder: string;
  readonly hub: string;
  readonly authority: Authority;
  readonly roster: Roster;
  readonly tokens: TokenDesk;
  readonly server: ReturnType<typeof createAgentsServer>;
}

let world: World;
let shiftMs = 0;
const clock: Clock = { ...systemClock, nowMs: () => Date.now() + shiftMs };

beforeEach(async () => {
  shiftMs = 0;
  const folder = await mkdtemp(join(tmpdir(), 'atalaia-enrol-'));
  const state = memoryState();
  const authority = await openAuthority({ folder: join(folder, 'authority'), clock, random: systemRandom, agentLifeMs: 7 * dayMs });
  const roster = await Roster.open(state, clock);
  const tokens = new TokenDesk({ state, clock, random: systemRandom, fingerprint: authority.fingerprint });
  const identity = await authority.serverIdentity(['localhost', '127.0.0.1']);
  const server = createAgentsServer({ authority, identity, roster, tokens, clock, log: quiet, renewalGraceMs: 30 * dayMs });
  server.on('upgrade', (request, socket) => {
    socket.end(`HTTP/1.1 ${peerOf(request, roster) ? '200 OK' : '401 Unauthorized'}\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  world = { folder, hub: `wss://127.0.0.1:${port}`, authority, roster, tokens, server };
});

afterEach(async () => {
  world.server.closeAllConnections();
  world.server.close();
  await rm(world.folder, { recursive: true });
});

function renewal(): RenewalOrder {
  return { dataFolder: world.folder, hubs: undefined, way, signal: never };
}

async function freshToken(): Promise<string> {
  return (await world.tokens.create({ by: 'admin' })).token;
}

/** What the hub answers to an upgrade over a connection that shows the agent's certificate, or none. */
async function knock(client: { key: string; cert: string } | undefined): Promise<string> {
  const { port } = world.server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca: world.authority.certificate, ...client });
  socket.write('GET /v1/relay HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text.split('\r\n')[0] ?? '';
}

test('an agent enrols with a token and is let in by its certificate', async () => {
  const identity = await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never });

  expect(world.roster.get(identity.agentId)).toMatchObject({ id: identity.agentId, isRevoked: false });
  expect(await knock({ key: identity.key, cert: identity.certificate })).toContain('200');
  expect(await knock(undefined)).toContain('401');
});

test('key and certificate are readable by their owner alone', async () => {
  await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never });

  const modes = await Promise.all(
    ['agent.key', 'enrolment.json'].map(async (name) => (await stat(join(world.folder, 'identity', name))).mode & 0o777),
  );
  expect(modes).toEqual([0o600, 0o600]);
});

test('the same token again with the same key gives the same agent; with another key it is refused', async () => {
  const token = await freshToken();
  const first = await enrol({ hub: world.hub, token, dataFolder: world.folder, way, signal: never });

  const second = await enrol({ hub: world.hub, token, dataFolder: world.folder, way, signal: never });
  const stranger = enrol({ hub: world.hub, token, dataFolder: join(world.folder, 'other'), way, signal: never });

  expect(second.agentId).toBe(first.agentId);
  await expect(stranger).rejects.toMatchObject({ code: 'HUB_REFUSED', message: expect.stringContaining('used') });
});

test('an expired token is refused and says how to get another', async () => {
  const token = await freshToken();
  shiftMs = 2 * 3_600_000;

  const late = enrol({ hub: world.hub, token, dataFolder: world.folder, way, signal: never });

  await expect(late).rejects.toThrow(/expired.*token create/);
});

test('a hub with another authority than the token names gets nothing', async () => {
  const token = (await freshToken()).replace(/[0-9a-f]{64}$/, '0'.repeat(64));

  const fooled = enrol({ hub: world.hub, token, dataFolder: world.folder, way, signal: never });

  await expect(fooled).rejects.toMatchObject({ code: 'HUB_NOT_TRUSTED' });
  expect(world.roster.list()).toEqual([]);
});

test('a token that was cut short is a wrong call, told before anything is sent', async () => {
  await expect(enrol({ hub: world.hub, token: 'atl1.0011', dataFolder: world.folder, way, signal: never })).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test('a certificate is renewed over mutual TLS for the same agent', async () => {
  const before = await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never });

  const after = await renew(renewal());

  expect(after.agentId).toBe(before.agentId);
  expect(after.certificate).not.toBe(before.certificate);
  expect((await loadIdentity(world.folder))?.certificate).toBe(after.certificate);
  expect(renewalDueMs(after)).toBeLessThan(after.expiresMs);
});

test('a hub of the cluster that cannot be reached does not keep a certificate from being renewed', async () => {
  const before = await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never });

  const after = await renew({ ...renewal(), hubs: ['wss://127.0.0.1:1', world.hub] });

  expect(after.certificate).not.toBe(before.certificate);
});

test('enrolment and renewal go through a proxy, which sees no token', async () => {
  const proxy = await openConnectProxy();
  const through = hubWay({ proxy: proxySchema.parse(proxy.url), pins: () => [], environment: {} });
  const token = await freshToken();

  const identity = await enrol({ hub: world.hub, token, dataFolder: world.folder, way: through, signal: never });
  const renewed = await renew({ ...renewal(), way: through });

  expect(renewed.agentId).toBe(identity.agentId);
  // A look at the chain, the enrolment, the renewal.
  expect(proxy.requests).toHaveLength(3);
  expect(proxy.passed().includes(token.slice(0, 20))).toBe(false);
  proxy.close();
});

test('the key that an enrolment noted stays the hub’s through new certificates, and is kept through renewals', async () => {
  const identity = await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, notesPin: true, signal: never });
  const anew = await world.authority.serverIdentity(['localhost', '127.0.0.1']);
  world.server.setSecureContext({ key: anew.key, cert: anew.chain, ca: world.authority.certificate });
  const pinned = hubWay({ proxy: undefined, pins: () => identity.pins, environment: {} });

  const renewed = await renew({ ...renewal(), way: pinned });

  expect(identity.pins).toEqual([expect.stringMatching(/^sha256\/.{43}=$/)]);
  expect(renewed.pins).toEqual(identity.pins);
});

test('a key of the agents’ port that cannot be read is told with the remedy, never replaced in silence', async () => {
  await writeFile(join(world.folder, 'authority', 'server.key'), 'torn');

  await expect(world.authority.serverIdentity(['localhost'])).rejects.toMatchObject({
    code: 'AUTHORITY_UNREADABLE',
    message: expect.stringMatching(/server\.key.*restore it from a backup, or remove it/),
  });
});

test('a token is not sent to a hub that shows another key than the pin', async () => {
  const pinned = hubWay({ proxy: undefined, pins: () => [`sha256/${'A'.repeat(43)}=`], environment: {} });
  const enrolling = enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way: pinned, signal: never });

  await expect(enrolling).rejects.toMatchObject({ code: 'PIN_MISMATCH' });
  expect(world.roster.list()).toEqual([]);
});

test('a revoked agent is not let in and cannot enrol again with its key', async () => {
  const identity = await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never });

  await world.roster.setRevoked(identity.agentId, true, 'admin');

  expect(await knock({ key: identity.key, cert: identity.certificate })).toContain('401');
  await expect(enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never })).rejects.toThrow(
    /revoked/,
  );
});

/** Enrols as it was that many days ago, and comes back to now: TLS looks at the real clock. */
async function enrolDaysAgo(days: number): Promise<Identity> {
  shiftMs = -days * dayMs;
  const identity = await enrol({ hub: world.hub, token: await freshToken(), dataFolder: world.folder, way, signal: never });
  shiftMs = 0;
  return identity;
}

test('a host that was off until its certificate had expired renews it by itself, and is let in again', async () => {
  const expired = await enrolDaysAgo(8);
  expect(await knock({ key: expired.key, cert: expired.certificate })).toContain('401');

  const renewed = await renew(renewal());

  expect(renewed.agentId).toBe(expired.agentId);
  expect(await knock({ key: renewed.key, cert: renewed.certificate })).toContain('200');
});

test('a certificate that expired longer ago than the grace is not renewed, and the agent is told to enrol', async () => {
  await enrolDaysAgo(40);

  await expect(renew(renewal())).rejects.toThrow(/enrol again/);
});

test('an expired certificate of a revoked agent is not renewed', async () => {
  const { agentId } = await enrolDaysAgo(8);
  await world.roster.setRevoked(agentId, true, 'admin');

  await expect(renew(renewal())).rejects.toMatchObject({ code: 'HUB_REFUSED' });
});

test('an expired certificate that only says that our authority signed it is not renewed', async () => {
  const { key, hub, authority, agentId } = await enrolDaysAgo(8);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const request = new x509.Pkcs10CertificateRequest(await certificateRequest(key));
  const issuer = new x509.X509Certificate(authority);
  const forged = await x509.X509CertificateGenerator.create({
    subject: `CN=${agentId}`,
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - 8 * dayMs),
    notAfter: new Date(Date.now() - dayMs),
    signingAlgorithm: algorithm,
    publicKey: request.publicKey,
    signingKey: (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])).privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `urn:atalaia:agent:${agentId}` }]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  await storeEnrolment(world.folder, { hub, authority, pins: [], certificate: forged.toString('pem') });

  await expect(renew(renewal())).rejects.toMatchObject({ code: 'HUB_REFUSED' });
});

test('the authority survives a restart', async () => {
  const again = await openAuthority({ folder: join(world.folder, 'authority'), clock, random: systemRandom, agentLifeMs: dayMs });

  expect(again.fingerprint).toBe(world.authority.fingerprint);
});
