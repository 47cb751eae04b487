// A server opened on an address, with one clear message when it is taken or not allowed, and an end that does not wait for
// idle connections.
import type { Server } from 'node:net';
import { errorCode, UsageError } from '../proto/runtime/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Listening {
  readonly address: Address;
  close(): Promise<void>;
}

export async function listenOn(
  server: Server,
  address: Address,
  told: { readonly what: string; readonly option: string },
): Promise<Listening> {
  const { host, port } = address;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: unknown): void => reject(refusal(error, address, told));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
  const bound = server.address();
  return { address: { host, port: typeof bound === 'object' && bound ? bound.port : port }, close: () => closeServer(server) };
}

export function refusal(
  error: unknown,
  { host, port }: Address,
  { what, option }: { readonly what: string; readonly option: string },
): unknown {
  const place = `${what}, ${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new UsageError(`${place}: another program listens there; stop it, or choose another port with ${option}`, { cause: error });
    case 'EACCES':
      return new UsageError(`${place}: this user may not listen there; choose a port above 1023 with ${option}`, { cause: error });
    case 'EADDRNOTAVAIL':
      return new UsageError(`${place}: this machine has no such address; choose another with ${option}`, { cause: error });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UsageError(`${place}: the name cannot be resolved; give an address with ${option}`, { cause: error });
    case undefined:
    default:
      return error;
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') server.closeAllConnections();
  });
}
