// Enrolment and renewal of the agent's certificate.
// The token names the hub's authority by fingerprint. Nothing secret is sent before the hub has shown a chain that ends
// in that very certificate: first a look at the chain, then a second connection that trusts it alone.
import { createHash, X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { request as httpsRequest } from 'node:https';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { isIP } from 'node:net';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { certificateRequest, loadIdentity, ownKey, storeEnrolment, type Identity } from './identity.ts';

const answerBytesMax = 64 * 1024;
const requestTimeoutMs = 10_000;
const chainLengthMax = 8;

export interface EnrolRequest {
  /** wss:// or https:// address of the hub's agents' port. */
  readonly hub: string;
  readonly token: string;
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

/** Makes the key if need be, asks for a certificate, stores it. Doing it again with the same token is harmless. */
export async function enrol({ hub, token, dataFolder, signal }: EnrolRequest): Promise<Identity> {
  const fingerprint = /^atl1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{32}\.([0-9a-f]{64})$/.exec(token.trim())?.[1];
  if (fingerprint === undefined)
    throw new UsageError(
      'the token is not complete: it begins with atl1. and has four parts; copy it whole from `atalaia-hub token create`',
    );
  const address = hubAddress(hub);
  const authority = await findAuthority(address, fingerprint, signal);
  const key = await ownKey(dataFolder);
  const answer = await post({
    address,
    path: '/v1/enroll',
    authority,
    body: { token: token.trim(), csr: await certificateRequest(key), hostName: hostname() },
    signal,
  });
  await storeEnrolment(dataFolder, { hub, ...answer });
  const identity = await loadIdentity(dataFolder);
  if (!identity) throw new AtalaiaError('ENROL_FAILED', 'the certificate was received but not stored; check the data folder');
  return identity;
}

/** One renewal over mutual TLS; returns the identity with its new certificate. `hub` where it is no longer where the
 * agent enrolled. A hub takes a certificate that has expired for a while too (agents.renewalGrace in hub.yaml). */
export async function renew(dataFolder: string, signal: AbortSignal, hub?: string): Promise<Identity> {
  const identity = await loadIdentity(dataFolder);
  if (!identity) throw new AtalaiaError('NOT_ENROLLED', 'this agent has not enrolled');
  const answer = await post({
    address: hubAddress(hub ?? identity.hub),
    path: '/v1/renew',
    authority: identity.authority,
    client: { key: identity.key, cert: identity.certificate },
    body: { csr: await certificateRequest(identity.key) },
    signal,
  });
  await storeEnrolment(dataFolder, { hub: identity.hub, ...answer });
  return (await loadIdentity(dataFolder)) ?? identity;
}

/** Renewal is due after two thirds of the certificate's life. */
export function renewalDueMs({ validFromMs, expiresMs }: Pick<Identity, 'validFromMs' | 'expiresMs'>): number {
  return validFromMs + ((expiresMs - validFromMs) * 2) / 3;
}

export interface RenewalWatch {
  readonly dataFolder: string;
  /** Where the agent's configuration says the hub is. */
  readonly hub: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onRenewed: (identity: Identity) => void;
  /** Told at each failure, with when the watch tries again. */
  readonly onFailed: (error: unknown, told: { readonly expiresMs: number; readonly retryMs: number }) => void;
}

/** A host may have slept, and its clock may have been set: looked at again after this at the latest. */
const lookMsMax = 300_000;
const retryMsMin = 2_000;

/** Runs until the signal aborts. A renewal comes a little after it is due, so that a thousand agents that enrolled
 * together do not ask at once; one that failed is tried again ten times before the certificate expires, and then on. */
export async function renewWhenDue({ dataFolder, hub, clock, random, signal, onRenewed, onFailed }: RenewalWatch): Promise<void> {
  const spread = random.unit();
  while (!signal.aborted) {
    const identity = await loadIdentity(dataFolder);
    const waitMs = identity ? untilRenewalMs(identity, clock.nowMs(), spread) : lookMsMax;
    if (!identity || waitMs > 0) {
      await clock.sleep(Math.min(waitMs, lookMsMax), signal).catch(() => undefined);
      continue;
    }
    try {
      onRenewed(await renew(dataFolder, signal, hub));
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = retryDelayMs(identity, clock.nowMs()) * (0.5 + random.unit() / 2);
      onFailed(error, { expiresMs: identity.expiresMs, retryMs });
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}

function untilRenewalMs(identity: Identity, nowMs: number, spread: number): number {
  const dueMs = renewalDueMs(identity);
  return dueMs + ((identity.expiresMs - dueMs) / 10) * spread - nowMs;
}

function retryDelayMs(identity: Identity, nowMs: number): number {
  return Math.min(lookMsMax, Math.max(retryMsMin, (identity.expiresMs - nowMs) / 10));
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function hubAddress(hub: string): Address {
  const url = URL.parse(hub);
  if (!url || (url.protocol !== 'wss:' && url.protocol !== 'https:'))
    throw new UsageError(`the hub address ${JSON.stringify(hub.slice(0, 200))} must look like wss://hub.example.org:7443`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 443 : Number(url.port) };
}

/** Looks at the chain the hub shows and returns the certificate that the token names; no secret has been sent yet. */
async function findAuthority({ host, port }: Address, fingerprint: string, signal: AbortSignal): Promise<string> {
  const found = await new Promise<string | undefined>((resolve, reject) => {
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      ...(isIP(host) ? {} : { servername: host }),
      timeout: requestTimeoutMs,
    });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(
        new AtalaiaError(
          'HUB_UNREACHABLE',
          `no TLS connection to ${host}:${port} (${error.message}); check the address and that the hub is running`,
          { cause: error, isRetryable: true },
        ),
      );
    };
    const abort = (): void => fail(new Error('stopped'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail).once('timeout', () => fail(new Error(`no answer in ${requestTimeoutMs / 1000} s`)));
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', abort);
      resolve(authorityIn(socket.getPeerCertificate(true), fingerprint));
      socket.destroy();
    });
  });
  if (found === undefined)
    throw new AtalaiaError(
      'HUB_NOT_TRUSTED',
      `${host}:${port} is not the hub that made this token: its certificate authority has another fingerprint. Nothing was sent`,
    );
  return found;
}

function authorityIn(leaf: DetailedPeerCertificate, fingerprint: string): string | undefined {
  let certificate: DetailedPeerCertificate | undefined = leaf;
  for (let depth = 0; certificate && depth < chainLengthMax; depth++) {
    if (createHash('sha256').update(certificate.raw).digest('hex') === fingerprint) return new X509Certificate(certificate.raw).toString();
    certificate = certificate.issuerCertificate === certificate ? undefined : certificate.issuerCertificate;
  }
  return undefined;
}

interface Post {
  readonly address: Address;
  readonly path: string;
  readonly authority: string;
  readonly client?: { readonly key: string; readonly cert: string };
  readonly body: object;
  readonly signal: AbortSignal;
}

async function post({ address, path, authority, client, body, signal }: Post): Promise<{ certificate: string; authority: string }> {
  const { status, text } = await exchange({ address, path, authority, ...(client ? { client } : {}), body, signal });
  const answer = readAnswer(text);
  if (status !== 200 || !('certificate' in answer)) {
    const said = 'error' in answer ? answer.error : `status ${status}`;
    throw new AtalaiaError(status === 401 || status === 403 ? 'HUB_REFUSED' : 'HUB_FAILED', `the hub refused ${path}: ${said}`, {
      isRetryable: status >= 500 || status === 429,
    });
  }
  // The authority that answered is the one that was verified, whatever the body claims.
  return { certificate: answer.certificate, authority };
}

function exchange({ address, path, authority, client, body, signal }: Post): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new AtalaiaError('HUB_UNREACHABLE', `the request to ${address.host}:${address.port}${path} failed (${cause.message})`, {
          cause,
          isRetryable: true,
        }),
      );
    const request = httpsRequest(
      {
        host: address.host,
        port: address.port,
        path,
        method: 'POST',
        ca: authority,
        ...client,
        minVersion: 'TLSv1.3',
        agent: false,
        timeout: requestTimeoutMs,
        signal,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > answerBytesMax) request.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
        response.on('error', fail);
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer in ${requestTimeoutMs / 1000} s`)));
    request.on('error', fail);
    request.end(JSON.stringify(body));
  });
}

function readAnswer(text: string): { readonly certificate: string } | { readonly error: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: 'the answer is not JSON' };
  }
  if (typeof value === 'object' && value !== null) {
    if ('certificate' in value && typeof value.certificate === 'string') return { certificate: value.certificate };
    if ('error' in value && typeof value.error === 'string') return { error: value.error.slice(0, 500) };
  }
  return { error: 'the answer has neither a certificate nor an error' };
}
