import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock, systemRandom as random, type Clock } from '../../proto/runtime/clock.ts';
import { openAuthority } from './authority.ts';

const hourMs = 3_600_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authority-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function request(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return (await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=agent', keys, signingAlgorithm: algorithm })).toString('pem');
}

const ahead = (ms: number): Clock => ({ ...systemClock, nowMs: () => Date.now() + ms });

test('certificates made while the hub’s clock was hours ahead are good when it is right again', async () => {
  await openAuthority({ folder, clock: systemClock, random, agentLifeMs: 24 * hourMs });
  const authority = await openAuthority({ folder, clock: ahead(5 * hourMs), random, agentLifeMs: 24 * hourMs });

  const server = new X509Certificate((await authority.serverIdentity(['localhost'])).chain);
  const signed = await authority.signAgent(await request());

  expect(Date.parse(server.validFrom)).toBeLessThan(Date.now());
  expect(signed.ok && Date.parse(new X509Certificate(signed.certificate).validFrom) < Date.now()).toBe(true);
});
