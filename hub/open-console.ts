// The console opened: first administrator, ports of the rooms, pages, address.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { errorCode, UsageError } from '../proto/runtime/errors.ts';
import { shippedFolder } from '../config/shipped.ts';
import { buildConsole, type ConsoleServer } from './console/api/build-console.ts';
import { checkListen } from './console/api/listen.ts';
import type { ConsolePorts } from './console/api/ports.ts';
import { defaultPasswordCost } from './console/api/passwords.ts';
import { ensureFirstAdministrator } from './console/api/users.ts';
import { refusal, type Address, type Listening } from './listen-on.ts';
import type { Rooms } from './open-rooms.ts';

export interface OpenedConsole extends Listening {
  readonly url: string;
  /** Made at the very first start only. */
  readonly firstPassword: string | undefined;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]', '::1'];

export async function openConsole(rooms: Rooms, ports: ConsolePorts, address: Address): Promise<OpenedConsole> {
  const { config, log, state, random, clock } = rooms;
  const tls = await readTls(config.console.tls);
  checkListen(address.host, { isTls: tls !== undefined });
  const settings = {
    isTls: tls !== undefined,
    hostNames: [...new Set([...loopbackNames, address.host, ...config.console.hostNames])],
    webRoot: shippedFolder('web'),
    passwordCost: defaultPasswordCost,
  };
  const server: ConsoleServer = tls ? { logger: log, tls } : { logger: log };
  const app = await buildConsole(ports, settings, server);
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (error) {
    await app.close();
    throw refusal(error, address, { what: 'the console', option: 'console.listen or --console' });
  }
  // Only now: a password that is made and then not told, because the port is taken, would lock everybody out.
  const first = await ensureFirstAdministrator(state, random, { clock });
  const listening = app.server.address();
  const bound = typeof listening === 'object' && listening ? listening.port : address.port;
  const name = address.host.includes(':') ? `[${address.host}]` : address.host;
  const url = `${tls ? 'https' : 'http'}://${name}:${bound}/`;
  return { address: { host: address.host, port: bound }, url, firstPassword: first?.password, close: () => app.close() };
}

/** To a terminal the password is shown once; otherwise it waits in a file for its owner, who removes it. */
export async function tellFirstPassword(password: string, { isTerminal, file }: { isTerminal: boolean; file: string }): Promise<string> {
  if (isTerminal) return `sign in as admin with the password ${password} (shown this once)`;
  await rm(file, { force: true });
  await writeFile(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return `sign in as admin with the password in ${file}; remove the file when you have changed it`;
}

async function readTls(tls: { readonly certificate: string; readonly key: string } | undefined): Promise<ConsoleServer['tls']> {
  if (!tls) return undefined;
  const read = async (path: string, name: string): Promise<string> => {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new UsageError(`console.tls.${name}: ${path} cannot be read (${errorCode(error) ?? 'failed'}); check path, owner and mode`, {
        cause: error,
      });
    }
  };
  return { key: await read(tls.key, 'key'), cert: await read(tls.certificate, 'certificate') };
}
