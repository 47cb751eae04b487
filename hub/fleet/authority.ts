// The hub's own certificate authority: one ECDSA P-256 key that signs the agents' port's certificate and the agents'.
// Promises: the private keys are files of mode 0600 in the data folder and never leave it; an agent's certificate is
// short-lived, for client authentication only, and bound to the agent id by a URI name. Losing the folder means that
// every agent enrols again. The authority is not meant to sign anything else, so its path length is 0.
import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { agentIdOfPublicKey } from '../../proto/ids.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
const authorityLifeMs = 3_650 * dayMs;
const serverLifeMs = 90 * dayMs;
/** Clocks differ, and a hub's may have been ahead when it made a certificate and be set right later: it is valid a day
 * before that. A short-lived one less, or its renewal, which is due after two thirds of its validity, would be due at once. */
const backdateMs = dayMs;
export const agentUriPrefix = 'urn:atalaia:agent:';
export const csrBytesMax = 8_192;

export interface AuthorityOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Of an agent's certificate. */
  readonly agentLifeMs: number;
}

export interface ServerIdentity {
  readonly key: string;
  /** The server's certificate and the authority's, so that an enrolling agent can check the fingerprint of its token. */
  readonly chain: string;
  readonly expiresMs: number;
}

export type Signed =
  | { readonly ok: true; readonly agentId: string; readonly certificate: string; readonly expiresMs: number; readonly serial: string }
  | { readonly ok: false; readonly reason: string };

export interface Authority {
  readonly certificate: string;
  /** SHA-256 of the authority's certificate (DER), hexadecimal. */
  readonly fingerprint: string;
  serverIdentity(names: readonly string[]): Promise<ServerIdentity>;
  /** Checks the request's own signature; the agent id is the key's. */
  signAgent(csrPem: string): Promise<Signed>;
}

export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const { key, certificate } = (await readPair(options.folder)) ?? (await createPair(options));
  const issuer = new x509.X509Certificate(certificate);
  const fingerprint = createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
  return {
    certificate,
    fingerprint,
    serverIdentity: (names) => issueServer({ ...options, names, issuer, key }),
    signAgent: (csrPem) => issueAgent({ ...options, csrPem, issuer, key }),
  };
}

interface Issue extends AuthorityOptions {
  readonly issuer: x509.X509Certificate;
  readonly key: CryptoKey;
}

async function readPair(folder: string): Promise<{ key: CryptoKey; certificate: string } | undefined> {
  try {
    const pem = await readFile(join(folder, 'authority.key'), 'utf8');
    const certificate = await readFile(join(folder, 'authority.crt'), 'utf8');
    return { key: await importKey(pem), certificate };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new AtalaiaError(
      'AUTHORITY_UNREADABLE',
      `the certificate authority in ${folder} cannot be read; restore authority.key and authority.crt from a backup`,
      { cause: error },
    );
  }
}

async function createPair({ folder, clock, random }: AuthorityOptions): Promise<{ key: CryptoKey; certificate: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = clock.nowMs();
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(random),
    name: `CN=Atalaia hub authority ${Buffer.from(random.bytes(4)).toString('hex')}`,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + authorityLifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const certificate = made.toString('pem');
  await writeSecret(join(folder, 'authority.crt'), certificate);
  // The key is written last: without it the pair counts as absent and is made anew.
  await writeSecret(join(folder, 'authority.key'), await exportKey(keys.privateKey));
  return { key: keys.privateKey, certificate };
}

async function issueServer(issue: Issue & { readonly names: readonly string[] }): Promise<ServerIdentity> {
  const { names, issuer, key, clock, random } = issue;
  const keyPem = await serverKey(issue.folder);
  const now = clock.nowMs();
  const expiresMs = now + serverLifeMs;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(random),
    subject: 'CN=Atalaia hub',
    issuer: issuer.subject,
    // Of no use before its authority and never before it: a hub that was started at a wrong hour stays one that agents trust.
    notBefore: issuer.notBefore,
    notAfter: new Date(expiresMs),
    signingAlgorithm: algorithm,
    publicKey: await publicKeyOf(keyPem),
    signingKey: key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], true),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { key: keyPem, chain: `${certificate.toString('pem')}\n${issuer.toString('pem')}\n`, expiresMs };
}

/** One key for all certificates of this hub's agents' port, because agents may have pinned it. Removing the file changes
 * it at the next start; agents that pinned it then need the new pin first. */
async function serverKey(folder: string): Promise<string> {
  const path = join(folder, 'server.key');
  try {
    const pem = await readFile(path, 'utf8');
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT')
      throw new AtalaiaError(
        'AUTHORITY_UNREADABLE',
        `${path} cannot be read as a key; restore it from a backup, or remove it for a new key`,
        {
          cause: error,
        },
      );
  }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const pem = await exportKey(keys.privateKey);
  await writeSecret(path, pem);
  return pem;
}

function publicKeyOf(pem: string): Promise<CryptoKey> {
  const spki = createPublicKey(pem).export({ format: 'der', type: 'spki' });
  return crypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']);
}

async function issueAgent({ csrPem, issuer, key, clock, random, agentLifeMs }: Issue & { readonly csrPem: string }): Promise<Signed> {
  if (csrPem.length > csrBytesMax) return { ok: false, reason: `the certificate request is longer than ${csrBytesMax} bytes` };
  const request = await readRequest(csrPem);
  if (!request) return { ok: false, reason: 'the certificate request is not a PKCS #10 request for a P-256 key, signed with that key' };
  const agentId = agentIdOfPublicKey(new Uint8Array(request.publicKey.rawData));
  const now = clock.nowMs();
  const expiresMs = now + agentLifeMs;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(random),
    subject: `CN=${agentId}`,
    issuer: issuer.subject,
    notBefore: new Date(now - Math.min(backdateMs, agentLifeMs / 2)),
    notAfter: new Date(expiresMs),
    signingAlgorithm: algorithm,
    publicKey: request.publicKey,
    signingKey: key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth], true),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `${agentUriPrefix}${agentId}` }]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { ok: true, agentId, certificate: certificate.toString('pem'), expiresMs, serial: certificate.serialNumber };
}

async function readRequest(csrPem: string): Promise<x509.Pkcs10CertificateRequest | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    const curve = request.publicKey.algorithm;
    if (curve.name !== 'ECDSA' || !('namedCurve' in curve) || curve.namedCurve !== 'P-256') return undefined;
    return (await request.verify()) ? request : undefined;
  } catch {
    // Whatever the parser disliked, the answer to the sender is the same.
    return undefined;
  }
}

function serial(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  // RFC 5280 4.1.2.2: positive and at most 20 octets.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function importKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']);
}

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
