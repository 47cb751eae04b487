// Keeps webhooks from being used against the hub's own network (SSRF). The check is made on the address that is connected
// to: the guard's lookup resolves the name once, checks every answer, and hands exactly those to the socket, so a name that
// changes its answer between check and connect gains nothing; the connected address is looked at once more.
// Promises: without allowPrivate only global unicast addresses. Link-local and cloud metadata are refused even with it.
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import { AtalaiaError } from '../../proto/runtime/errors.ts';

/** Addresses of cloud platforms' own services that lie outside the ranges refused anyway. */
const platformAddresses = new Set(['168.63.129.16', '100.100.100.200', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254']);
const privateRanges = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

export function isAddressAllowed(text: string, allowPrivate: boolean): boolean {
  if (!ipaddr.isValid(text)) return false;
  // process() turns ::ffff:a.b.c.d into a.b.c.d; a zone (`%eth0`) marks a link-local address in any case.
  const address = ipaddr.process(text);
  if (platformAddresses.has(address.toString()) || text.includes('%')) return false;
  const range = address.range();
  if (range === 'unicast') return address.kind() === 'ipv4' || address.match(ipaddr.parseCIDR('2000::/3'));
  return allowPrivate && privateRanges.has(range);
}

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface GuardOptions {
  readonly allowPrivate: boolean;
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve;
  /** Authorities that TLS receivers are checked with, instead of the system's. */
  readonly ca?: string;
}

export function guardedConnector({
  allowPrivate,
  connectTimeoutMs,
  resolve = resolveBySystem,
  ca,
}: GuardOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    lookup: guardedLookup(resolve, allowPrivate),
    ...(ca === undefined ? {} : { ca }),
  });
  return (options, done) => {
    // A literal address is never looked up, so it is checked here.
    if (isIP(options.hostname) !== 0 && !isAddressAllowed(options.hostname, allowPrivate)) {
      done(refusal(options.hostname, options.hostname), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error) return done(error, null);
      const address = socket.remoteAddress ?? '';
      if (isAddressAllowed(address, allowPrivate)) return done(null, socket);
      socket.destroy();
      done(refusal(options.hostname, address), null);
    });
  };
}

function guardedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (hostname, options, done) => {
    const answer = async (): Promise<void> => {
      const found = await resolveAllowed(hostname, resolve, allowPrivate);
      if (found instanceof Error) done(found, '');
      else if (options.all) done(null, [...found]);
      else done(null, found[0].address, found[0].family);
    };
    void answer();
  };
}

/** All answers or an error: one private address among public ones is a trap, not a choice. */
async function resolveAllowed(
  hostname: string,
  resolve: Resolve,
  allowPrivate: boolean,
): Promise<readonly [LookupAddress, ...LookupAddress[]] | Error> {
  try {
    const [first, ...others] = await resolve(hostname);
    if (!first) return new AtalaiaError('WEBHOOK_UNRESOLVED', `the name ${hostname} has no address`);
    const refused = [first, ...others].find(({ address }) => !isAddressAllowed(address, allowPrivate));
    return refused ? refusal(hostname, refused.address) : [first, ...others];
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true, order: 'verbatim' }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

function refusal(host: string, address: string): AtalaiaError {
  const where = host === address ? address : `${host} (${address})`;
  return new AtalaiaError(
    'WEBHOOK_ADDRESS_REFUSED',
    `${where} is not a public address; a webhook to the hub's own network has to be allowed as private, link-local and metadata addresses never are`,
  );
}
