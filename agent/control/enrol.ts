// Enrolment and renewal of the agent's certificate.
// The token names the hub's authority by fingerprint. Nothing secret is sent before the hub has shown a chain that ends
// in that very certificate: first a look at the chain, then a second connection that trusts it alone. Both go the way that
// the caller gives (straight or through a proxy, pins checked).
import { createHash, X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { request as httpsRequest } from 'node:https';
import type { DetailedPeerCertificate } from 'node:tls';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { HubSocket, HubWay } from '../ports.ts';
import { certificateRequest, loadIdentity, ownKey, storeEnrolment, type Identity } from './identity.ts';

const answerBytesMax = 64 * 1024;
const requestTimeoutMs = 10_000;
const chainLengthMax = 8;

export interface EnrolRequest {
  /** wss:// or https:// address of the hub's agents' port. */
  readonly hub: string;
  readonly token: string;
  readonly dataFolder: string;
  readonly way: HubWay;
  /** Note the key that the hub shows now; from then on no other is accepted. */
  readonly notesPin?: boolean;
  readonly signal: AbortSignal;
}

/** Makes the key if need be, asks for a certificate, stores it. Doing it again with the same token is harmless. */
export async function enrol({ hub, token, dataFolder, way, notesPin = false, signal }: EnrolRequest): Promise<Identity> {
  const fingerprint = /^atl1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{32}\.([0-9a-f]{64})$/.exec(token.trim())?.[1];
  if (fingerprint === undefined)
    throw new UsageError(
      'the token is not complete: it begins with atl1. and has four parts; copy it whole from `atalaia-hub token create`',
    );
  checkAddress(hub);
  const authority = await findAuthority(hub, { way, fingerprint, signal });
  const key = await ownKey(dataFolder);
  const { pin, ...answer } = await post({
    address: hub,
    way,
    path: '/v1/enroll',
    authority,
    body: { token: token.trim(), csr: await certificateRequest(key), hostName: hostname() },
    signal,
  });
  await storeEnrolment(dataFolder, { hub, pins: notesPin ? [pin] : [], ...answer });
  const identity = await loadIdentity(dataFolder);
  if (!identity) throw new AtalaiaError('ENROL_FAILED', 'the certificate was received but not stored; check the data folder');
  return identity;
}

export interface RenewalOrder {
  readonly dataFolder: string;
  /** In the order of preference, where the hub is no longer (only) where the agent enrolled. */
  readonly hubs: readonly string[] | undefined;
  readonly way: HubWay;
  readonly signal: AbortSignal;
}

/** One renewal over mutual TLS, at the first address that can be reached; returns the identity with its new certificate.
 * A hub takes a certificate that has expired for a while too (agents.renewalGrace in hub.yaml). */
export async function renew({ dataFolder, hubs, way, signal }: RenewalOrder): Promise<Identity> {
  const identity = await loadIdentity(dataFolder);
  if (!identity) throw new AtalaiaError('NOT_ENROLLED', 'this agent has not enrolled');
  const csr = await certificateRequest(identity.key);
  const client = { key: identity.key, cert: identity.certificate };
  const failures: unknown[] = [];
  for (const address of hubs ?? [identity.hub]) {
    checkAddress(address);
    try {
      const { certificate } = await post({ address, way, path: '/v1/renew', authority: identity.authority, client, body: { csr }, signal });
      const { hub, authority, pins } = identity;
      await storeEnrolment(dataFolder, { hub, authority, pins, certificate });
      return (await loadIdentity(dataFolder)) ?? identity;
    } catch (error) {
      // What one hub of a cluster refuses the others refuse; what one cannot do another may.
      if (error instanceof AtalaiaError && error.code === 'HUB_REFUSED') throw error;
      failures.push(error);
    }
  }
  throw failures.length === 1 ? failures[0] : new AtalaiaError('HUB_UNREACHABLE', failures.map(textOf).join('; '), { isRetryable: true });
}

/** Renewal is due after two thirds of the certificate's life. */
export function renewalDueMs({ validFromMs, expiresMs }: Pick<Identity, 'validFromMs' | 'expiresMs'>): number {
  return validFromMs + ((expiresMs - validFromMs) * 2) / 3;
}

export interface RenewalWatch extends RenewalOrder {
  readonly clock: Clock;
  readonly random: Random;
  readonly onRenewed: (identity: Identity) => void;
  /** Told at each failure, with when the watch tries again. */
  readonly onFailed: (error: unknown, told: { readonly expiresMs: number; readonly retryMs: number }) => void;
}

/** A host may have slept, and its clock may have been set: looked at again after this at the latest. */
const lookMsMax = 300_000;
const retryMsMin = 2_000;

/** Runs until the signal aborts. A renewal comes a little after it is due, so that a thousand agents that enrolled
 * together do not ask at once; one that failed is tried again ten times before the certificate expires, and then on. */
export async function renewWhenDue(watch: RenewalWatch): Promise<void> {
  const { dataFolder, clock, random, signal, onRenewed, onFailed } = watch;
  const spread = random.unit();
  while (!signal.aborted) {
    const identity = await loadIdentity(dataFolder);
    const waitMs = identity ? untilRenewalMs(identity, clock.nowMs(), spread) : lookMsMax;
    if (!identity || waitMs > 0) {
      await clock.sleep(Math.min(waitMs, lookMsMax), signal).catch(() => undefined);
      continue;
    }
    try {
      onRenewed(await renew(watch));
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

function checkAddress(hub: string): void {
  const url = URL.parse(hub);
  if (!url || (url.protocol !== 'wss:' && url.protocol !== 'https:'))
    throw new UsageError(`the hub address ${JSON.stringify(hub.slice(0, 200))} must look like wss://hub.example.org:7443`);
}

interface Look {
  readonly way: HubWay;
  readonly fingerprint: string;
  readonly signal: AbortSignal;
}

/** Looks at the chain the hub shows and returns the certificate that the token names; no secret has been sent yet. */
async function findAuthority(address: string, { way, fingerprint, signal }: Look): Promise<string> {
  const { socket } = await way({ address, looksOnly: true, signal });
  const found = authorityIn(socket.getPeerCertificate(true), fingerprint);
  socket.destroy();
  if (found === undefined)
    throw new AtalaiaError(
      'HUB_NOT_TRUSTED',
      `${address} is not the hub that made this token: its certificate authority has another fingerprint. Nothing was sent`,
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
  readonly address: string;
  readonly way: HubWay;
  readonly path: string;
  readonly authority: string;
  readonly client?: { readonly key: string; readonly cert: string };
  readonly body: object;
  readonly signal: AbortSignal;
}

async function post(order: Post): Promise<{ certificate: string; authority: string; pin: string }> {
  const { address, way, path, authority, client, signal } = order;
  const hub = await way({ address, authority, ...(client ? { client } : {}), signal });
  const { status, text } = await exchange(hub, order);
  const answer = readAnswer(text);
  if (status !== 200 || !('certificate' in answer)) {
    const said = 'error' in answer ? answer.error : `status ${status}`;
    throw new AtalaiaError(status === 401 || status === 403 ? 'HUB_REFUSED' : 'HUB_FAILED', `the hub refused ${path}: ${said}`, {
      isRetryable: status >= 500 || status === 429,
    });
  }
  // The authority that answered is the one that was verified, whatever the body claims.
  return { certificate: answer.certificate, authority, pin: hub.pins[0] ?? '' };
}

function exchange({ socket }: HubSocket, { address, path, body, signal }: Post): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new AtalaiaError('HUB_UNREACHABLE', `the request to ${address}${path} failed (${cause.message})`, { cause, isRetryable: true }),
      );
    const { host } = new URL(address);
    const request = httpsRequest(
      {
        createConnection: () => socket,
        path,
        method: 'POST',
        timeout: requestTimeoutMs,
        signal,
        headers: { host, 'content-type': 'application/json', connection: 'close' },
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

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
