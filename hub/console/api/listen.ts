// Where the console may listen: loopback without TLS, any other address with it (DESIGN.md 4).
// A name counts as loopback only when it is `localhost`; other names could be pointed elsewhere.
import { isIP, BlockList } from 'node:net';
import { UsageError } from '../../../proto/runtime/errors.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Throws a UsageError that names the way out when sessions would cross a network in the clear. */
export function checkListen(address: string, tls: { readonly isTls: boolean }): void {
  if (tls.isTls || isLoopback(address)) return;
  throw new UsageError(
    `the console will not listen on ${address} without TLS: passwords and sessions would cross the network readable. ` +
      'Give a certificate and key, or listen on 127.0.0.1 and reach it through an SSH tunnel or a TLS proxy on this host.',
  );
}

function isLoopback(address: string): boolean {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  if (family === 0) return bare === 'localhost';
  return loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
