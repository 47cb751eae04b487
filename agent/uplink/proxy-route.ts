// Which proxy a host is reached through. Pure: what the configuration and, only where it says so, the environment hold.
// Environment: https_proxy, else all_proxy, else their upper-case names; no_proxy likewise, as curl reads them.
import { BlockList, isIP } from 'node:net';
import { proxyUrlProblem, type ProxyConfig } from '../../config/uplink-config.ts';
import { UsageError } from '../../proto/runtime/errors.ts';

export interface ProxyRoute {
  readonly host: string;
  readonly port: number;
  /** As a person knows it; never with a password. */
  readonly name: string;
  /** A file that holds user:password. */
  readonly credentialsFile: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultPort = 80;

/** Undefined: straight. Throws a UsageError when the environment names what is no proxy. */
export function proxyRoute(proxy: ProxyConfig | undefined, host: string, environment: Environment): ProxyRoute | undefined {
  if (!proxy) return undefined;
  const isAsked = proxy.url === 'environment';
  const url = isAsked ? of(environment, 'https_proxy') || of(environment, 'all_proxy') : proxy.url;
  if (url === '') return undefined;
  const fromEnvironment = isAsked ? of(environment, 'no_proxy').split(/[\s,]+/) : [];
  if (isExcepted(host, [...proxy.noProxy, ...fromEnvironment])) return undefined;
  // curl takes a bare host:port.
  const whole = url.includes('://') ? url : `http://${url}`;
  const problem = proxyUrlProblem(whole);
  if (problem !== undefined) throw new UsageError(`proxy${isAsked ? ' of the environment' : ''}: ${problem}`);
  const { hostname, port } = new URL(whole);
  const number = port === '' ? defaultPort : Number(port);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: number, name: `http://${hostname}:${number}`, credentialsFile: proxy.credentials };
}

function of(environment: Environment, name: string): string {
  return environment[name] || environment[name.toUpperCase()] || '';
}

/** `*`, a host with everything below it, an address, or a network in CIDR form. */
function isExcepted(host: string, exceptions: readonly string[]): boolean {
  return exceptions.some((exception) => {
    if (exception === '*') return true;
    if (isIP(host)) return isWithin(host, exception.replace(/^\[|\]$/g, ''));
    const name = exception.toLowerCase().replace(/^\*?\./, '');
    return name !== '' && (host.toLowerCase() === name || host.toLowerCase().endsWith(`.${name}`));
  });
}

function isWithin(address: string, network: string): boolean {
  const [base = '', prefix] = network.split('/');
  const family = isIP(base);
  if (family === 0 || family !== isIP(address)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return false;
  list.addSubnet(base, bits, type);
  return list.check(address, type);
}
