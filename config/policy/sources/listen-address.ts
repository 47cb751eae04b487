// Addresses to listen on as they are written in a policy and in the fence: `127.0.0.1:5514`, `[::1]:6514`.
// Names are refused: what a name means may change from afar, and the fence has to know what it allows.
import { isIP } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Undefined when the text is no address and port. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text);
  const host = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  const port = Number(match?.[3]);
  const isWell = match && isIP(host) === (match[1] === undefined ? 4 : 6) && port <= 65_535;
  return isWell ? { host, port } : undefined;
}
