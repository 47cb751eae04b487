// The way to the hub, step by step: name, connection, TLS, certificate, whether it accepts this agent, and its clock.
// Promises: each step says what it saw, the first that fails is the last; the running agent's session is not touched (a
// second one would take its place); nothing secret is sent; every step has a time limit.
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, isIP } from 'node:net';
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import { errorCode } from '../../../proto/runtime/errors.ts';
import type { Identity } from '../../control/identity.ts';
import { relayUrl } from '../../uplink/connect-web-socket.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const stepMsMax = 10_000;
const clockWarnMs = 5_000;
const clockFailMs = 300_000;
const expiresSoonMs = 7 * 86_400_000;

export interface HubExamined {
  readonly findings: readonly Finding[];
  /** Hub's clock minus ours, good to a second; undefined when the hub did not answer. */
  readonly clockOffsetMs: number | undefined;
}

export async function examineHub(hub: string, identity: Identity | undefined): Promise<HubExamined> {
  const url = relayUrl(hub);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 443 : Number(url.port);
  const findings: Finding[] = [];
  for (const step of [() => examineName(host), () => examineConnection(host, port)]) {
    const finding = await step();
    findings.push(finding);
    if (finding.is === 'fail') return { findings, clockOffsetMs: undefined };
  }
  const { findings: more, clockOffsetMs } = await examineTls({ url, host, port, identity });
  return { findings: [...findings, ...more], clockOffsetMs };
}

async function examineName(host: string): Promise<Finding> {
  const check = 'hub name';
  if (isIP(host)) return ok(check, `${host} is an address`);
  try {
    const found = await lookup(host, { all: true });
    return ok(check, `${host} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return fail(
      check,
      `${host} has no address (${errorCode(error) ?? 'unknown'})`,
      'correct `hub` of agent.yaml, /etc/resolv.conf or /etc/hosts',
    );
  }
}

function examineConnection(host: string, port: number): Promise<Finding> {
  const check = 'hub connection';
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: stepMsMax });
    const end = (finding: Finding): void => {
      socket.destroy();
      resolve(finding);
    };
    const remedy = `let this host reach TCP port ${port} of ${host}: the hub must run, firewalls must let it pass`;
    socket.once('connect', () => end(ok(check, `${socket.remoteAddress} port ${port} answers`)));
    socket.once('timeout', () => end(fail(check, `${host} port ${port} does not answer in ${stepMsMax / 1_000} s`, remedy)));
    socket.once('error', (error) =>
      end(fail(check, `${host} port ${port} cannot be reached (${errorCode(error) ?? error.message})`, remedy)),
    );
  });
}

interface Handshake {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  readonly identity: Identity | undefined;
}

interface Answer {
  readonly certificate: DetailedPeerCertificate;
  readonly authorizationError: string | undefined;
  readonly status: number;
  readonly hubMs: number;
  readonly ourMs: number;
}

async function examineTls(handshake: Handshake): Promise<HubExamined> {
  let answer: Answer;
  try {
    answer = await ask(handshake);
  } catch (error) {
    const says = `no TLS 1.3 answer (${error instanceof Error ? error.message : String(error)})`;
    return {
      findings: [fail('hub TLS', says, "the port must be the hub's agents' port, and nothing between may end the TLS connection")],
      clockOffsetMs: undefined,
    };
  }
  const clockOffsetMs = Number.isNaN(answer.hubMs) ? undefined : answer.hubMs - answer.ourMs;
  const findings = [examineAuthority(answer, handshake), examineDates(answer.certificate)];
  if (handshake.identity) findings.push(examineAcceptance(answer.status));
  return { findings, clockOffsetMs };
}

/** A plain request where the relay is: refused without a known certificate, "not found" with one. */
function ask({ url, host, port, identity }: Handshake): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sentMs = Date.now();
    const asked = request(
      {
        host,
        port,
        path: url.pathname,
        agent: false,
        timeout: stepMsMax,
        minVersion: 'TLSv1.3',
        // Looked at below: who answers is to be told, not only that it is the wrong one. Nothing secret is sent.
        rejectUnauthorized: false,
        ...(isIP(host) ? {} : { servername: host }),
        ...(identity ? { ca: identity.authority, cert: identity.certificate, key: identity.key } : {}),
      },
      (response) => {
        const { socket } = response;
        response.resume();
        if (!(socket instanceof TLSSocket)) return;
        const hubMs = Date.parse(response.headers.date ?? '') + 500;
        resolve({
          certificate: socket.getPeerCertificate(true),
          authorizationError: socket.authorized ? undefined : String(socket.authorizationError),
          status: response.statusCode ?? 0,
          hubMs,
          ourMs: (sentMs + Date.now()) / 2,
        });
        asked.destroy();
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${stepMsMax / 1_000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}

function examineAuthority({ certificate, authorizationError }: Answer, { host, identity }: Handshake): Finding {
  const check = 'hub identity';
  const who = `says it is ${[certificate.subject.CN ?? 'nameless'].flat().join(', ')} for ${certificate.subjectaltname ?? 'no name'}`;
  const fingerprint = authorityOf(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  if (!identity) return ok(check, `${who}; its authority is ${fingerprint}, which the last part of the token must say too`);
  if (authorizationError === undefined) return ok(check, `${who}; signed by the authority of the enrolment`);
  const remedy =
    authorizationError === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? `reach the hub by a name that it has, or add ${host} to \`agents.names\` of hub.yaml`
      : 'if this is the right hub, enrol again; else something else answers at this address';
  return fail(check, `${who}, but is not trusted (${authorizationError}); its authority is ${fingerprint}`, remedy);
}

/** The last of the chain that was shown. */
function authorityOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate {
  let certificate = leaf;
  for (let depth = 0; depth < 8 && certificate.issuerCertificate && certificate.issuerCertificate !== certificate; depth++)
    certificate = certificate.issuerCertificate;
  return certificate;
}

function examineDates({ valid_from: from, valid_to: to }: DetailedPeerCertificate): Finding {
  const check = 'hub certificate';
  const nowMs = Date.now();
  const says = `from ${isoOf(from)} to ${isoOf(to)}`;
  if (Date.parse(from) > nowMs)
    return fail(check, `${says}, which has not begun by this host's clock`, 'set the clock of this host or of the hub');
  if (Date.parse(to) < nowMs) return fail(check, `${says}, which is over`, 'restart the hub, which then makes a new one; check the clocks');
  if (Date.parse(to) - nowMs < expiresSoonMs)
    return warn(check, `${says}, which ends soon`, 'the hub makes a new one by itself when it runs on');
  return ok(check, says);
}

function examineAcceptance(status: number): Finding {
  const check = 'hub acceptance';
  if (status === 401 || status === 403)
    return fail(check, 'the hub does not accept this agent: it is revoked or unknown', 'enrol again with a new token');
  if (status !== 404) return warn(check, `the hub answered with HTTP ${status}`, "check that the address is the hub's agents' port");
  return ok(check, 'the hub accepts this agent');
}

function isoOf(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}

/** `offsetMs`: hub's clock minus ours. */
export function examineClock(offsetMs: number | undefined): Finding {
  const check = 'clock';
  if (offsetMs === undefined) return warn(check, 'not compared: the hub did not answer', 'mend what is said about the hub');
  const seconds = Math.round(offsetMs / 1_000);
  const says = `the hub's clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} this host's`;
  const remedy = 'synchronise both clocks (chrony, systemd-timesyncd); until then times of events are wrong';
  if (Math.abs(offsetMs) > clockFailMs) return fail(check, says, remedy);
  return Math.abs(offsetMs) > clockWarnMs ? warn(check, says, remedy) : ok(check, says);
}
