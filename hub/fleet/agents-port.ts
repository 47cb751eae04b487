// The agents' port: one TLS server that asks for a client certificate. Without a valid one only POST /v1/enroll answers;
// with one, POST /v1/renew and the WebSocket at /v1/relay (attached by the caller) do; one that has expired a while ago
// is good for /v1/renew alone, so that a host that was off comes back by itself. `peerOf` is the one place that says who
// a connection is, `renewerOf` who may renew.
//
// Limits: bodies of 16 KiB, 10 s for a request, enrolment attempts per address in a minute. Beyond them the answer is
// 413, 408 or 429 and nothing else happens.
import { createServer, type Server } from 'node:https';
import { constants, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import * as z from 'zod';
import type { Clock } from '../../proto/runtime/clock.ts';
import { agentUriPrefix, csrBytesMax, type Authority, type ServerIdentity } from './authority.ts';
import type { Roster } from './roster.ts';
import type { TokenDesk } from './tokens.ts';

const bodyBytesMax = 16 * 1024;
const attemptsPerMinuteMax = 30;
const attemptAddressesMax = 10_000;

export interface Peer {
  readonly agentId: string;
}

export interface FleetLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AgentsPort {
  readonly authority: Authority;
  readonly identity: ServerIdentity;
  readonly roster: Roster;
  readonly tokens: TokenDesk;
  readonly clock: Clock;
  readonly log: FleetLog;
  /** How long after its end a certificate may still be renewed. */
  readonly renewalGraceMs: number;
}

const enrolBody = z.strictObject({ token: z.string().max(256), csr: z.string().max(csrBytesMax), hostName: z.string().max(253) });
const renewBody = z.strictObject({ csr: z.string().max(csrBytesMax) });

type Answer = { readonly status: number; readonly body: object };

export function createAgentsServer(port: AgentsPort): Server {
  const attempts = new Map<string, { minute: number; count: number }>();
  const server = createServer(
    {
      key: port.identity.key,
      cert: port.identity.chain,
      ca: port.authority.certificate,
      requestCert: true,
      // An agent without a certificate must reach /v1/enroll; peerOf refuses it everywhere else.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      // A resumed session would carry a certificate that has been revoked or has expired since.
      secureOptions: constants.SSL_OP_NO_TICKET,
      requestTimeout: 10_000,
      headersTimeout: 10_000,
      maxHeaderSize: 8_192,
    },
    (request, response) => {
      route(port, attempts, request).then(
        (answer) => send(response, answer),
        (error: unknown) => {
          port.log.error({ err: error }, 'enrolment request failed');
          send(response, { status: 500, body: { error: 'the hub failed; try again later' } });
        },
      );
    },
  );
  server.maxConnections = 20_000;
  return server;
}

/** Who a connection is: the agent of its verified certificate, unless it is unknown or revoked. */
export function peerOf(request: IncomingMessage, roster: Roster): Peer | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const agentId = agentIdOfNames(socket.getPeerCertificate().subjectaltname ?? '');
  return agentId !== undefined && roster.mayConnect(agentId) ? { agentId } : undefined;
}

/** The peer, or whose certificate has expired within the grace. OpenSSL reports the last thing it disliked only, so what
 * else makes a certificate ours is asked again here; that the peer holds its key TLS 1.3 has shown either way. */
function renewerOf({ authority, roster, clock, renewalGraceMs }: AgentsPort, request: IncomingMessage): Peer | undefined {
  const peer = peerOf(request, roster);
  const { socket } = request;
  if (peer || !(socket instanceof TLSSocket)) return peer;
  const certificate = socket.getPeerX509Certificate();
  const issuer = new X509Certificate(authority.certificate);
  if (!certificate?.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return undefined;
  const expiredMs = clock.nowMs() - Date.parse(certificate.validTo);
  if (expiredMs < 0 || expiredMs > renewalGraceMs) return undefined;
  const agentId = agentIdOfNames(certificate.subjectAltName ?? '');
  return agentId !== undefined && roster.mayConnect(agentId) ? { agentId } : undefined;
}

function agentIdOfNames(subjectAltName: string): string | undefined {
  return new RegExp(`^URI:${agentUriPrefix}([0-9a-f]{32})$`).exec(subjectAltName)?.[1];
}

async function route(
  port: AgentsPort,
  attempts: Map<string, { minute: number; count: number }>,
  request: IncomingMessage,
): Promise<Answer> {
  const path = (request.url ?? '').split('?')[0];
  if (path === '/v1/enroll' && request.method === 'POST') {
    if (isFlooding(attempts, request.socket.remoteAddress ?? '', port.clock.nowMs()))
      return refuse(429, 'too many enrolment attempts from this address; wait a minute');
    return await enrol(port, request);
  }
  const isRenewal = path === '/v1/renew' && request.method === 'POST';
  const peer = isRenewal ? renewerOf(port, request) : peerOf(request, port.roster);
  if (!peer) return refuse(401, 'a client certificate of this hub is needed, and a revoked or long expired one is none; enrol again');
  if (isRenewal) return await renew(port, peer, request);
  return refuse(404, 'agents use /v1/relay, /v1/renew and /v1/enroll');
}

async function enrol(port: AgentsPort, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request, enrolBody);
  if (!body.ok) return body.answer;
  const signed = await port.authority.signAgent(body.value.csr);
  if (!signed.ok) return refuse(400, signed.reason);
  if (port.roster.isRevoked(signed.agentId))
    return refuse(403, 'this key was revoked; remove the identity folder of the agent so that it makes a new one');
  const claim = await port.tokens.claim(body.value.token, signed.agentId);
  if (!claim.ok) {
    port.log.warn({ reason: claim.reason, address: request.socket.remoteAddress }, 'enrolment refused');
    return refuse(403, `the token is ${claim.reason}; create another with: atalaia-hub token create`);
  }
  await port.roster.noteCertificate(signed.agentId, {
    serial: signed.serial,
    expiresMs: signed.expiresMs,
    name: cleanName(body.value.hostName),
  });
  port.log.info({ agent: signed.agentId, address: request.socket.remoteAddress }, 'agent enrolled');
  return { status: 200, body: { agentId: signed.agentId, certificate: signed.certificate, authority: port.authority.certificate } };
}

async function renew(port: AgentsPort, peer: Peer, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request, renewBody);
  if (!body.ok) return body.answer;
  const signed = await port.authority.signAgent(body.value.csr);
  if (!signed.ok) return refuse(400, signed.reason);
  if (signed.agentId !== peer.agentId) return refuse(403, 'the request is for another key; an agent keeps its key, or enrols anew');
  await port.roster.noteCertificate(peer.agentId, { serial: signed.serial, expiresMs: signed.expiresMs });
  port.log.info({ agent: peer.agentId }, 'certificate renewed');
  return { status: 200, body: { agentId: peer.agentId, certificate: signed.certificate, authority: port.authority.certificate } };
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly answer: Answer };

async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<Read<T>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > bodyBytesMax) return { ok: false, answer: refuse(413, `a request is at most ${bodyBytesMax} bytes`) };
    chunks.push(chunk);
  }
  const parsed = schema.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, answer: refuse(400, `not a valid request: ${z.prettifyError(parsed.error).slice(0, 300)}`) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFlooding(attempts: Map<string, { minute: number; count: number }>, address: string, nowMs: number): boolean {
  const minute = Math.floor(nowMs / 60_000);
  const known = attempts.get(address);
  if (known?.minute === minute) return ++known.count > attemptsPerMinuteMax;
  // Forgetting everybody is the stated behaviour when the table is full: it only loosens the limit for a minute.
  if (attempts.size >= attemptAddressesMax) attempts.clear();
  attempts.set(address, { minute, count: 1 });
  return false;
}

function cleanName(hostName: string): string {
  const cleaned = hostName.replaceAll(/[^A-Za-z0-9._-]/g, '');
  return cleaned === '' ? 'unnamed' : cleaned;
}

function refuse(status: number, error: string): Answer {
  return { status, body: { error } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
  response.end(JSON.stringify(body));
}
