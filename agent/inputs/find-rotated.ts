// Looks in a stream's folder for the file that now holds its bytes, under whatever name rotation gave it.
// Needed when no glob matches the new name: after a restart, and after copytruncate took bytes that were not read yet.
// Promises: a file is only taken if fingerprint and tail prove it; bounded work; the fence holds here too.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { StreamPosition } from '../ports.ts';
import type { FileFence } from './file-fence.ts';
import { isProven } from './file-proof.ts';
import { openFile, type OpenedFile } from './open-file.ts';

const entriesMax = 4_096;
const candidatesMax = 64;

export interface Rotated {
  readonly path: string;
  readonly file: OpenedFile;
}

/** `isTaken` says which inodes are followed already. */
export async function findRotated(
  position: StreamPosition,
  { fence, isTaken }: { readonly fence: FileFence; readonly isTaken: (key: string) => boolean },
): Promise<Rotated | undefined> {
  const { path, file } = position.stream;
  for (const candidate of await candidatesIn(dirname(path), basename(path), file?.inode)) {
    const opened = await openFile(candidate, fence);
    if (opened.is !== 'open') continue;
    const isOurs =
      opened.size > position.offset && !isTaken(`${opened.device}:${opened.inode}`) && (await isProven(opened.handle, position));
    if (isOurs) return { path: candidate, file: opened };
    await opened.handle.close();
  }
  return undefined;
}

/** The same inode first, then names that begin like ours, newest first. */
export async function candidatesIn(folder: string, name: string, inode: number | undefined): Promise<string[]> {
  const stem = name.split('.', 1)[0] ?? name;
  const names = await readdir(folder).catch(() => []);
  const found: { path: string; isSame: boolean; changedMs: number }[] = [];
  for (const entry of names.slice(0, entriesMax)) {
    const path = `${folder}/${entry}`;
    const entryStat = await stat(path).catch(() => undefined);
    if (!entryStat?.isFile()) continue;
    const isSame = entryStat.ino === inode;
    if (isSame || (stem !== '' && entry.startsWith(stem))) found.push({ path, isSame, changedMs: entryStat.mtimeMs });
  }
  return found
    .sort((a, b) => Number(b.isSame) - Number(a.isSame) || b.changedMs - a.changedMs)
    .slice(0, candidatesMax)
    .map(({ path }) => path);
}
