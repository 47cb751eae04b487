// Names that rotation gives, and the files in a folder that may hold what a stream's file held.
// Promises: bounded work per folder; what cannot be looked at is left out.
import { readdir, stat } from 'node:fs/promises';

const entriesMax = 20_000;
const candidatesMax = 64;

export interface FolderFile {
  readonly name: string;
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly changedMs: number;
}

export async function filesIn(folder: string): Promise<FolderFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: FolderFile[] = [];
  for (const name of names.slice(0, entriesMax)) {
    const path = `${folder}/${name}`;
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) files.push({ name, path, device: found.dev, inode: found.ino, size: found.size, changedMs: found.mtimeMs });
  }
  return files;
}

/** The same inode first, then names that begin like ours, newest first. */
export async function candidatesIn(folder: string, name: string, inode: number | undefined): Promise<string[]> {
  const stem = name.split('.', 1)[0] ?? name;
  return (await filesIn(folder))
    .filter((file) => file.inode === inode || (stem !== '' && file.name.startsWith(stem)))
    .sort((a, b) => Number(b.inode === inode) - Number(a.inode === inode) || b.changedMs - a.changedMs)
    .slice(0, candidatesMax)
    .map(({ path }) => path);
}

const suffix = /[.\-_](?:\d[\d.\-_T]*|old|bak|prev)$/;
const compressedSuffix = /\.(?:gz|zst|xz|bz2)$/;

export function nameBeforeCompression(name: string): string {
  return name.replace(compressedSuffix, '');
}

/**
 * Whether one name is what rotation or compression made of the other. `host-1.log` and `host-2.log` are not: both could be
 * of a `host.log`, but neither is.
 */
export function isOneLog(a: string, b: string): boolean {
  const [plainA, plainB] = [nameBeforeCompression(a), nameBeforeCompression(b)];
  return plainA === plainB || plainA === nameBeforeRotation(b) || nameBeforeRotation(a) === plainB;
}

/** Whether both names are the same log's with something behind it: `app.log.1` and `app.log.2.gz`. */
export function areGenerations(a: string, b: string): boolean {
  const base = nameBeforeRotation(a);
  return base === nameBeforeRotation(b) && [a, b].every((name) => nameBeforeCompression(name).startsWith(base));
}

/** What a log is called before rotation: `app.log` of `app.log.3.gz`, `app.log-20261124`, `app-20261124.log` and `app.1.log`. */
export function nameBeforeRotation(name: string): string {
  const plain = nameBeforeCompression(name);
  const bare = plain.replace(suffix, '');
  if (bare !== plain && bare !== '') return bare;
  const dot = plain.lastIndexOf('.');
  if (dot <= 0) return plain;
  const stem = plain.slice(0, dot);
  const bareStem = stem.replace(suffix, '');
  return bareStem === '' ? plain : bareStem + plain.slice(dot);
}
