// Opens a path for following, or says why it must not be: outside the fence, not a file, compressed, no permission.
// Promises: opening never blocks (a FIFO does not hold us) and never follows a link that was swapped in after the check;
// every refusal says what to do.
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { FileFence } from './file-fence.ts';
import { readAt } from './file-proof.ts';

export interface OpenedFile {
  readonly is: 'open';
  readonly handle: FileHandle;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
}

export type Opened = OpenedFile | { readonly is: 'absent' } | { readonly is: 'refused'; readonly reason: string };

export async function openFile(path: string, fence: FileFence): Promise<Opened> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    if (!fence(real)) return refused(`${real} is outside the local fence; add it to \`fence.paths\` of agent.yaml if it may be read`);
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const stat = await handle.stat();
    const reason = stat.isFile() ? await compressedReason(handle) : kindReason(stat);
    if (reason === undefined) {
      const opened: Opened = { is: 'open', handle, device: stat.dev, inode: stat.ino, size: stat.size };
      handle = undefined;
      return opened;
    }
    return refused(reason);
  } catch (error) {
    return refusalOf(error);
  } finally {
    await handle?.close();
  }
}

function refused(reason: string): Opened {
  return { is: 'refused', reason };
}

function refusalOf(error: unknown): Opened {
  const code = errorCode(error);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { is: 'absent' };
    case 'EACCES':
    case 'EPERM':
      return refused(
        `permission denied; let the agent's user (uid ${process.getuid?.() ?? '?'}) read it, for example through the group adm`,
      );
    case 'ELOOP':
      return refused('a loop of symbolic links; correct the link or exclude it');
    case 'EMFILE':
    case 'ENFILE':
      return refused('too many open files; raise the limit (LimitNOFILE) or narrow the globs');
    case 'ENXIO':
      return refused('a socket, not a file; exclude it');
    default:
      return refused(`cannot be opened (${code ?? String(error)}); it is tried again`);
  }
}

function kindReason(stat: { isDirectory(): boolean; isFIFO(): boolean }): string {
  if (stat.isDirectory()) return 'a folder, not a file; name the files in it, for example with /*.log';
  return stat.isFIFO() ? 'a FIFO, not a file; exclude it' : 'a device, not a file; exclude it';
}

const compressed: readonly (readonly [string, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
  ['bzip2', Buffer.from('BZh')],
];

async function compressedReason(handle: FileHandle): Promise<string | undefined> {
  const head = await readAt(handle, 0, 6);
  const found = compressed.find(([, magic]) => head.subarray(0, magic.length).equals(magic));
  return found ? `compressed (${found[0]}), which is not read; exclude such names` : undefined;
}
