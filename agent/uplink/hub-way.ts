// The way to a hub's agents' port: straight or through a proxy, TLS 1.3 from end to end, pins checked. One for everything
// that speaks to a hub: the relay, the look at a preferred address, enrolment, renewal, the doctor.
// Promises: a name with several addresses has them tried in turn (IPv6 and IPv4 alternating); the hub must show a
// certificate of the authority given, for the name in the address, and one of the pins where there are any; all of it
// within openMsMax.
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ProxyConfig } from '../../config/uplink-config.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { HubSocketOrder, HubWay } from '../ports.ts';
import { checkPins, pinsShown } from './certificate-pins.ts';
import { openTunnel } from './open-tunnel.ts';
import { proxyRoute, type Environment } from './proxy-route.ts';
import { relayUrl } from './relay-url.ts';

export interface HubWayOptions {
  readonly proxy: ProxyConfig | undefined;
  /** Asked at each connection: enrolment may write one. */
  readonly pins: () => readonly string[];
  readonly environment: Environment;
  /** For everything until TLS stands. */
  readonly openMs?: number;
}

const openMsMax = 15_000;
/** Of several addresses of one name each gets so long before the next is tried. Node's own 250 ms is less than a
 * satellite needs for one round trip. */
const addressMsMax = 2_000;

export function hubWay({ proxy, pins, environment, openMs = openMsMax }: HubWayOptions): HubWay {
  return async (order) => {
    const url = relayUrl(order.address);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? 443 : Number(url.port);
    const timeout = AbortSignal.timeout(openMs);
    const signal = AbortSignal.any([order.signal, timeout]);
    const route = proxyRoute(proxy, host, environment);
    const tcp = route ? await openTunnel({ route, host, port, signal }) : await openTcp(host, port, { signal, address: order.address });
    const socket = await secure(tcp, host, { ...order, signal });
    const shown = pinsShown(socket);
    try {
      checkPins(order.address, pins(), shown);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return { socket, pins: shown };
  };
}

async function openTcp(
  host: string,
  port: number,
  { signal, address }: { readonly signal: AbortSignal; readonly address: string },
): Promise<Socket> {
  const socket = connectTcp({ host, port, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: addressMsMax });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    throw unreachable(socket, address, signal, error);
  }
}

async function secure(
  tcp: Socket,
  host: string,
  { address, signal, authority, client, looksOnly = false }: HubSocketOrder,
): Promise<TLSSocket> {
  const socket = connectTls({
    socket: tcp,
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.3',
    rejectUnauthorized: !looksOnly,
    ...(authority === undefined ? {} : { ca: authority }),
    ...client,
  });
  try {
    await once(socket, 'secureConnect', { signal });
    return socket;
  } catch (error) {
    tcp.destroy();
    throw unreachable(socket, address, signal, error);
  }
}

function unreachable(socket: Socket, address: string, signal: AbortSignal, cause: unknown): AtalaiaError {
  socket.destroy();
  socket.on('error', () => undefined);
  const isLate = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  const why = signal.aborted ? (isLate ? 'no answer in time' : 'stopped') : reasonOf(cause);
  return new AtalaiaError('HUB_UNREACHABLE', `${address}: could not connect (${why})`, { cause, isRetryable: true });
}

/** Several addresses that all failed come as one error with an empty text. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError)
    return cause.errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
  return cause instanceof Error && cause.message !== '' ? cause.message : (errorCode(cause) ?? 'unknown');
}
