// The place of a Unix socket on which the agent listens: within the fence, free, and open to whom the policy says.
// Promises: only a socket that nobody listens on is taken away, never a file, a folder or a link; the socket is never open
// to more users than at the end, not even for a moment.
import { chmod, chown, lstat, readFile, realpath, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { once } from 'node:events';
import { basename, dirname, join } from 'node:path';
import type { SocketSource } from '../../config/policy/sources/sources.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { ListenFence } from './listen-fence.ts';

const answerMsMax = 2_000;

/** Where the socket may be made. Rejects with what is wrong and the remedy. */
export async function freePlace(path: string, fence: ListenFence): Promise<string> {
  const folder = await realpath(dirname(path)).catch((cause: unknown) => {
    throw refused(`the folder ${dirname(path)} cannot be used (${errorCode(cause)}); make it, for the agent's user`);
  });
  const place = join(folder, basename(path));
  if (!fence.allowsSocket(place))
    throw refused(`the local fence does not allow ${place}; add it to fence.listen of this host's agent.yaml`);
  const found = await lstat(place).catch(() => undefined);
  if (!found) return place;
  if (!found.isSocket()) throw refused(`${place} is there and is no socket; move it away or choose another path`);
  if (await isAnswered(place)) throw refused(`another program listens on ${place}; choose another path`);
  await unlink(place);
  return place;
}

/** Listens there and then lets in whom the policy lets in. */
export async function listenAt(server: Server, place: string, { mode, group }: Pick<SocketSource, 'mode' | 'group'>): Promise<void> {
  const gid = group === undefined ? undefined : await groupId(group);
  // The file is made within this call, closed to everybody else, whatever umask the agent runs with.
  const before = process.umask(0o177);
  try {
    server.listen({ path: place });
  } finally {
    process.umask(before);
  }
  await once(server, 'listening');
  if (gid !== undefined) {
    await chown(place, -1, gid).catch((cause: unknown) => {
      throw refused(`${place} cannot be given to group ${group} (${errorCode(cause)}); add the agent's user to that group`);
    });
  }
  await chmod(place, Number.parseInt(mode, 8));
}

function isAnswered(place: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: place });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(answerMsMax, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', (error) => end(errorCode(error) !== 'ECONNREFUSED'));
  });
}

async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const row = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n').find((line) => line.startsWith(`${group}:`));
  const id = row?.split(':')[2];
  if (id === undefined || id === '') throw refused(`there is no group ${group} in /etc/group; write its number`);
  return Number(id);
}

function refused(reason: string): AtalaiaError {
  return new AtalaiaError('SOCKET_PATH', reason, { isRetryable: true });
}
