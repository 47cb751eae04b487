// The real Disk: LevelDB (package `level`) for ordered key-value folders, node:fs for everything else.
// Promises: what a synced call resolved with survives power loss (folders are synced too, so that names do);
// errors carry LOCKED, DAMAGED, DISK_FULL or DISK_FAILED and name the place and the remedy.
// LevelDB itself hides damage: keys may be gone without an error. Whoever stores records here checks them
// (record-format.ts) and their continuity (generation-log.ts).
import { constants, open, mkdir, readFile, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Level } from 'level';
import { AtalaiaError, errorCode } from '../runtime/errors.ts';
import type { Disk, KeyValue, KvFolder } from './ports.ts';
import { damagedTables } from './table-check.ts';

export interface LevelDiskOptions {
  /** Up to two of these are held in memory for each open folder: 1 MiB keeps an agent small, a hub may take 16. */
  readonly writeBufferBytes?: number;
}

const megabyte = 1024 * 1024;

export function levelDisk({ writeBufferBytes = megabyte }: LevelDiskOptions = {}): Disk {
  return {
    openKv: (folder) => openLevel(folder, writeBufferBytes),
    repairKv: (folder) => guarded('repair', folder, () => repairLevel(folder)),
    destroyKv: (folder) => guarded('remove', folder, () => removeFolder(folder)),
    quarantine: (folder) => guarded('quarantine', folder, () => moveAside(folder)),
    list: (folder) => guarded('list', folder, () => absentAs(readdir(folder), [])),
    readFile: (path) => guarded('read', path, () => absentAs(readFile(path), undefined)),
    writeAt: (path, offset, bytes) => guarded('write', path, () => writeInPlace(path, offset, bytes)),
    replaceFile: (path, bytes) => guarded('replace', path, () => replaceWhole(path, bytes)),
    remove: (path) => guarded('remove', path, () => removeFile(path)),
    sizeOf: (folder) => guarded('measure', folder, () => folderBytes(folder)),
    freeBytes: (folder) => guarded('measure', folder, () => freeBytesAt(folder)),
  };
}

type Bytes = Level<Uint8Array, Uint8Array>;

async function openLevel(folder: string, writeBufferSize: number): Promise<KvFolder> {
  return guarded('open', folder, async () => {
    await makeFolder(folder);
    const [damaged] = await damagedTables(folder);
    if (damaged !== undefined) throw new AtalaiaError('DAMAGED', `cannot open ${folder}: the index of ${damaged} is damaged`);
    const level: Bytes = new Level(folder, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      // Values are zstd already; compressing them again only costs time.
      compression: false,
      writeBufferSize,
      cacheSize: megabyte,
      maxFileSize: 64 * megabyte,
      maxOpenFiles: 64,
    });
    await level.open();
    return levelFolder(level, folder);
  });
}

function levelFolder(level: Bytes, folder: string): KvFolder {
  return {
    write: (puts, { sync }) =>
      guarded('write', folder, () =>
        level.batch(
          puts.map(({ key, value }) => ({ type: 'put' as const, key, value })),
          { sync },
        ),
      ),
    get: (key) => guarded('read', folder, () => level.get(key, { fillCache: false })),
    range: ({ gte, lt, limit, reverse = false }) =>
      guarded('read', folder, async () => {
        const pairs = await level.iterator({ gte, lt, limit, reverse, fillCache: false }).all();
        return pairs.map(([key, value]): KeyValue => ({ key, value }));
      }),
    close: () => guarded('close', folder, () => level.close()),
  };
}

async function repairLevel(folder: string): Promise<void> {
  // Repair would believe their indexes too.
  for (const path of await damagedTables(folder)) await rename(path, `${path}.damaged`);
  // The published types of `level` leave out what its classic-level class has.
  await (Level as unknown as { repair(location: string): Promise<void> }).repair(folder);
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await syncFolder(dirname(folder));
}

async function moveAside(folder: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const aside = `${folder}.quarantine-${attempt}`;
    if (await isThere(aside)) continue;
    await rename(folder, aside);
    await syncFolder(dirname(folder));
    return aside;
  }
}

async function writeInPlace(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  // Mostly the file is there: the slot files are written with every group.
  const present = await absentAs(open(path, 'r+'), undefined);
  if (!present) await makeFolder(dirname(path));
  // Neither "r+" (must exist) nor "w" (empties) nor "a" (ignores the offset) is "make it if absent, write in place".
  const file = present ?? (await open(path, constants.O_RDWR | constants.O_CREAT, 0o600));
  try {
    await writeAll(file, bytes, offset);
    await file.datasync();
  } finally {
    await file.close();
  }
  if (!present) await syncFolder(dirname(path));
}

async function replaceWhole(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncFolder(dirname(first));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await absentAs(open(folder, 'r'), undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await absentAs(readdir(folder, { withFileTypes: true }), [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else bytes += (await absentAs(stat(path), undefined))?.size ?? 0;
  }
  return bytes;
}

async function freeBytesAt(folder: string): Promise<number> {
  for (let place = folder; ; place = dirname(place)) {
    const figures = await absentAs(statfs(place), undefined);
    if (figures) return figures.bavail * figures.bsize;
    if (place === dirname(place)) return 0;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await absentAs(stat(path), undefined)) !== undefined;
}

async function absentAs<T, A>(answer: Promise<T>, absent: A): Promise<T | A> {
  try {
    return await answer;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return absent;
    throw error;
  }
}

async function guarded<T>(verb: string, place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AtalaiaError) throw error;
    throw diskError(verb, place, error);
  }
}

/** LevelDB's words, its own and the system's: a file that another file names and that is not there, a place beyond an end. */
const damageTexts =
  /corruption|does not exist \(create_if_missing|missing files|CURRENT file|IO error: .*: (?:No such file|Invalid argument|Is a directory|Not a directory|File name too long)/i;

function diskError(verb: string, place: string, error: unknown): AtalaiaError {
  const codes = everyCode(error);
  const text = everyMessage(error);
  if (codes.includes('LEVEL_LOCKED')) {
    const remedy = 'another process of this program has it open; stop that one first or choose another data folder';
    return new AtalaiaError('LOCKED', `cannot ${verb} ${place}: ${remedy}`, { cause: error });
  }
  if (codes.some((code) => code === 'ENOSPC' || code === 'EDQUOT') || /no space left|quota exceeded/i.test(text)) {
    const remedy = 'the disk is full; work goes on once room is made';
    return new AtalaiaError('DISK_FULL', `cannot ${verb} ${place}: ${remedy}`, { cause: error, isRetryable: true });
  }
  if (codes.includes('LEVEL_CORRUPTION') || damageTexts.test(text)) {
    return new AtalaiaError('DAMAGED', `cannot ${verb} ${place}: its files are damaged (${text})`, { cause: error });
  }
  return new AtalaiaError('DISK_FAILED', `cannot ${verb} ${place}: ${text}`, { cause: error });
}

function chain(error: unknown): Error[] {
  const links: Error[] = [];
  for (let link = error; link instanceof Error && links.length < 8; link = link.cause) links.push(link);
  return links;
}

function everyCode(error: unknown): string[] {
  return chain(error).flatMap((link) => ('code' in link && typeof link.code === 'string' ? [link.code] : []));
}

function everyMessage(error: unknown): string {
  return chain(error)
    .map((link) => link.message)
    .join(': ');
}
