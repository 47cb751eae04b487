// A port on loopback: the one asked for, or the usual one, or the next that is free.
import { createServer } from 'node:net';

const triesMax = 50;

/** Rejects when the port that was asked for is taken, naming it; `option` is how it was asked for. */
export async function freePort(asked: string | undefined, usual: number, option: string): Promise<number> {
  if (asked !== undefined) {
    const port = Number(asked);
    if (!Number.isSafeInteger(port) || port < 0 || port > 65_535) throw new Error(`${option} ${asked}: expected a port, 0 to 65535`);
    if (await isFree(port)) return port;
    throw new Error(`${option} ${port}: another program listens there; stop it or name another port`);
  }
  for (let port = usual; port < usual + triesMax; port++) {
    if (!(await isFree(port))) continue;
    if (port !== usual) console.log(`Port ${usual} is taken by another program; using ${port} (${option} chooses).`);
    return port;
  }
  throw new Error(`the ports ${usual} to ${usual + triesMax - 1} are all taken; name a free one with ${option}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}
