// The agent's key and certificate on disk: `identity/` in the data folder, mode 0700, files 0600. The key is made here
// and never leaves; the agent id is derived from it, so an enrolment that is repeated arrives at the same agent.
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { agentIdOfPublicKey } from '../../proto/ids.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface Identity {
  readonly agentId: string;
  /** Where the certificate came from: its agents' port. */
  readonly hub: string;
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
  /** Keys that the hub must show, where enrolment was asked to note them; empty where not. */
  readonly pins: readonly string[];
  readonly validFromMs: number;
  readonly expiresMs: number;
}

interface Stored {
  readonly hub: string;
  readonly certificate: string;
  readonly authority: string;
  readonly pins: readonly string[];
}

/** Undefined when this agent has not enrolled. Throws IDENTITY_UNREADABLE when files are there and cannot be used. */
export async function loadIdentity(dataFolder: string): Promise<Identity | undefined> {
  const folder = join(dataFolder, 'identity');
  try {
    const key = await readFile(join(folder, 'agent.key'), 'utf8');
    const stored = parseStored(await readFile(join(folder, 'enrolment.json'), 'utf8'));
    const certificate = new X509Certificate(stored.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('the certificate is for another key');
    return {
      ...stored,
      key,
      agentId: agentIdOfKey(key),
      validFromMs: Date.parse(certificate.validFrom),
      expiresMs: Date.parse(certificate.validTo),
    };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new AtalaiaError(
      'IDENTITY_UNREADABLE',
      `the identity in ${folder} cannot be used (${error instanceof Error ? error.message : 'unreadable'}); remove the folder and enrol again`,
      {
        cause: error,
      },
    );
  }
}

/** The key of this agent in PEM, made on first use. */
export async function ownKey(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, 'identity');
  const path = join(folder, 'agent.key');
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const pem = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
  await writeSecret(path, pem);
  return pem;
}

export async function storeEnrolment(dataFolder: string, stored: Stored): Promise<void> {
  await writeSecret(join(dataFolder, 'identity', 'enrolment.json'), `${JSON.stringify(stored, undefined, 2)}\n`);
}

/** A PKCS #10 request in PEM, signed with the key it is for. The subject is the agent id; the hub sets what counts. */
export async function certificateRequest(keyPem: string): Promise<string> {
  const der = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(keyPem).export({ format: 'der', type: 'spki' });
  const keys = {
    privateKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']),
  };
  // Loaded when it is needed, which is seldom: it takes 4 MB. It wants the polyfill to be there before it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${agentIdOfKey(keyPem)}`,
    keys,
    signingAlgorithm: algorithm,
  });
  return request.toString('pem');
}

function agentIdOfKey(keyPem: string): string {
  return agentIdOfPublicKey(createPublicKey(keyPem).export({ format: 'der', type: 'spki' }));
}

function parseStored(text: string): Stored {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'hub' in value && 'certificate' in value && 'authority' in value) {
    const { hub, certificate, authority } = value;
    // Absent in what earlier versions wrote. One that is unreadable must not become none.
    const pins: unknown = 'pins' in value ? value.pins : [];
    const isText = (pin: unknown): pin is string => typeof pin === 'string';
    if (
      typeof hub === 'string' &&
      typeof certificate === 'string' &&
      typeof authority === 'string' &&
      Array.isArray(pins) &&
      pins.every(isText)
    )
      return { hub, certificate, authority, pins };
  }
  throw new Error('enrolment.json is not complete');
}

async function writeSecret(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
