// The way to a hub's address, step by step: name, connection or proxy, TLS, certificate, pin, whether it accepts this
// agent, and its clock.
// Promises: each step says what it saw, the first that fails is the last; the running agent's session is not touched (a
// second one would take its place); nothing secret is sent; every step has a time limit.
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, isIP } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { ProxyConfig } from '../../../config/uplink-config.ts';
import { errorCode } from '../../../proto/runtime/errors.ts';
import type { Identity } from '../../control/identity.ts';
import { hubWay } from '../../uplink/hub-way.ts';
import { openTunnel } from '../../uplink/open-tunnel.ts';
import { proxyRoute, type Environment, type ProxyRoute } from '../../uplink/proxy-route.ts';
import { relayUrl } from '../../uplink/relay-url.ts';
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

export interface HubToExamine {
  readonly address: string;
  readonly identity: Identity | undefined;
  readonly proxy: ProxyConfig | undefined;
  readonly pins: readonly string[];
  readonly environment: Environment;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Every address of the cluster. One that fails while another is well is a warning: lines are sent. */
export async function examineHubs(addresses: readonly string[], how: Omit<HubToExamine, 'address'>): Promise<HubExamined> {
  const seen: HubExamined[] = [];
  for (const address of addresses) seen.push(await examineHub({ ...how, address }));
  const isWell = seen.map(({ findings }) => findings.every(({ is }) => is !== 'fail'));
  const findings = seen.flatMap((one, place) =>
    one.findings.map((finding): Finding => {
      const check = addresses.length > 1 ? `${finding.check} (${relayUrl(addresses[place] ?? '').host})` : finding.check;
      return { ...finding, check, is: finding.is === 'fail' && isWell.includes(true) ? 'warn' : finding.is };
    }),
  );
  return { findings, clockOffsetMs: seen.find(({ clockOffsetMs }) => clockOffsetMs !== undefined)?.clockOffsetMs };
}

export async function examineHub(hub: HubToExamine): Promise<HubExamined> {
  const url = relayUrl(hub.address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: url.port === '' ? 443 : Number(url.port) };
  const findings: Finding[] = [];
  let route: ProxyRoute | undefined;
  try {
    route = proxyRoute(hub.proxy, host, hub.environment);
  } catch (error) {
    return { findings: [fail('hub proxy', textOf(error), 'correct the proxy that is named')], clockOffsetMs: undefined };
  }
  const through = route;
  const steps = through ? [() => examineProxy(through, place)] : [() => examineName(host), () => examineConnection(place)];
  for (const step of steps) {
    const finding = await step();
    findings.push(finding);
    if (finding.is === 'fail') return { findings, clockOffsetMs: undefined };
  }
  const { findings: more, clockOffsetMs } = await examineTls(hub, host);
  return { findings: [...findings, ...more], clockOffsetMs };
}

async function examineProxy(route: ProxyRoute, { host, port }: Place): Promise<Finding> {
  const check = 'hub proxy';
  try {
    (await openTunnel({ route, host, port, signal: AbortSignal.timeout(stepMsMax) })).destroy();
    return ok(check, `${route.name} opens a way to ${host} port ${port}`);
  } catch (error) {
    const [says = '', ...remedy] = textOf(error).split('; ');
    return fail(check, says, remedy.join('; ') || 'check `proxy` of agent.yaml');
  }
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

function examineConnection({ host, port }: Place): Promise<Finding> {
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

interface Answer {
  readonly certificate: DetailedPeerCertificate;
  readonly pins: readonly string[];
  readonly authorizationError: string | undefined;
  readonly status: number;
  readonly hubMs: number;
  readonly ourMs: number;
}

async function examineTls(hub: HubToExamine, host: string): Promise<HubExamined> {
  let answer: Answer;
  try {
    answer = await ask(hub);
  } catch (error) {
    const says = `no TLS 1.3 answer (${textOf(error)})`;
    return {
      findings: [fail('hub TLS', says, "the port must be the hub's agents' port, and nothing between may end the TLS connection")],
      clockOffsetMs: undefined,
    };
  }
  const clockOffsetMs = Number.isNaN(answer.hubMs) ? undefined : answer.hubMs - answer.ourMs;
  const findings = [examineAuthority(answer, { host, identity: hub.identity }), examineDates(answer.certificate)];
  findings.push(examinePin(answer.pins, hub.pins));
  if (hub.identity) findings.push(examineAcceptance(answer.status));
  return { findings, clockOffsetMs };
}

/** A plain request where the relay is: refused without a known certificate, "not found" with one. Who answers is to be
 * told, not only that it is the wrong one, so authority and pins are compared afterwards; nothing secret is sent. */
async function ask({ address, identity, proxy, environment }: HubToExamine): Promise<Answer> {
  const way = hubWay({ proxy, environment, pins: () => [] });
  const papers = identity ? { authority: identity.authority, client: { cert: identity.certificate, key: identity.key } } : {};
  const { socket, pins } = await way({ address, looksOnly: true, signal: AbortSignal.timeout(stepMsMax), ...papers });
  const certificate = socket.getPeerCertificate(true);
  const authorizationError = socket.authorized ? undefined : String(socket.authorizationError);
  return { certificate, pins, authorizationError, ...(await askStatus(socket, address)) };
}

function askStatus(socket: TLSSocket, address: string): Promise<Pick<Answer, 'status' | 'hubMs' | 'ourMs'>> {
  const { host, pathname } = relayUrl(address);
  return new Promise((resolve, reject) => {
    const sentMs = Date.now();
    const asked = request(
      { createConnection: () => socket, path: pathname, timeout: stepMsMax, headers: { host, connection: 'close' } },
      (response) => {
        response.resume();
        const hubMs = Date.parse(response.headers.date ?? '') + 500;
        resolve({ status: response.statusCode ?? 0, hubMs, ourMs: (sentMs + Date.now()) / 2 });
        asked.destroy();
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${stepMsMax / 1_000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}

function examinePin(shown: readonly string[], wanted: readonly string[]): Finding {
  const check = 'hub pin';
  const key = `the hub's key is ${shown[0] ?? 'not to be seen'}`;
  if (wanted.length === 0) return ok(check, `${key}; no pin is set`);
  if (shown.some((pin) => wanted.includes(pin))) return ok(check, `${key}; a pin matches`);
  const remedy =
    'if the operator of the hub confirms this key, write it to `pin` of agent.yaml; else somebody else answers at this address';
  return fail(check, `${key}, and the pins are ${wanted.join(', ')}`, remedy);
}

function examineAuthority(
  { certificate, authorizationError }: Answer,
  { host, identity }: { readonly host: string; readonly identity: Identity | undefined },
): Finding {
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

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
