// The local fence: where this agent may listen, whatever a policy says. Addresses as `127.0.0.1:*`, `[::1]:6514`, `*:514`
// (`*` is any address, or any port) and globs of Unix sockets as `/run/atalaia/*`.
import { parseGlob } from './glob-pattern.ts';

export interface ListenFence {
  allowsAddress(host: string, port: number): boolean;
  /** The real path, so that a symbolic link cannot lead outside. */
  allowsSocket(realPath: string): boolean;
}

export function listenFenceOf(entries: readonly string[]): ListenFence {
  const addresses = entries.filter((entry) => !entry.startsWith('/')).map(splitAddress);
  const sockets = entries.filter((entry) => entry.startsWith('/')).flatMap(parseGlob);
  return {
    allowsAddress: (host, port) =>
      addresses.some(
        (allowed) => (allowed.host === '*' || allowed.host === host) && (allowed.port === '*' || allowed.port === String(port)),
      ),
    allowsSocket: (path) => sockets.some((pattern) => pattern.matches(path)),
  };
}

function splitAddress(entry: string): { readonly host: string; readonly port: string } {
  const colon = entry.lastIndexOf(':');
  return {
    host: entry
      .slice(0, colon)
      .replace(/^\[(.*)\]$/, '$1')
      .toLowerCase(),
    port: entry.slice(colon + 1),
  };
}
