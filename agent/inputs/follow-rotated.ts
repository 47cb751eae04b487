// What rotation made of files that no glob names any more: the rest of known streams, and whole generations that nobody
// could begin (rotated twice while we were away, or while the buffer was full).
// Promises: a rest is only taken if fingerprint and tail prove it; a generation only if it carries the name of a log that
// the globs name, is of no known stream, and was written after one that we followed: older ones were there before us. What
// is certain to be left is warned of. Bounded work per folder; the fence holds here too.
import { basename, dirname } from 'node:path';
import type { StreamPosition } from '../ports.ts';
import type { FileFence } from './file-fence.ts';
import { filesIn, nameBeforeCompression, nameBeforeRotation, type FolderFile } from './find-rotated.ts';
import { isProven, readAt } from './file-proof.ts';
import { openFile, type OpenedFile } from './open-file.ts';
import type { Placement } from './place-file.ts';

const filesMax = 4_096;
const compressedName = /\.(?:gz|zst)$/;

export interface Rotated {
  readonly path: string;
  readonly file: OpenedFile;
}

export interface RotationSurroundings {
  readonly fence: FileFence;
  /** By device and inode: followed already. */
  readonly isTaken: (key: string) => boolean;
  /** Whether a glob names the path of a log, rotated or not. */
  readonly isNamed: (path: string) => boolean;
  readonly isExcluded: (path: string) => boolean;
}

/** The file that holds the bytes behind a position now, plain ones before compressed ones. */
export async function findRest(position: StreamPosition, { fence, isTaken }: RotationSurroundings): Promise<Rotated | undefined> {
  const { path, file } = position.stream;
  const isAkin = akinTo([basename(path)]);
  const candidates = (await filesIn(dirname(path))).filter((one) => one.inode === file?.inode || isAkin(one.name));
  for (const { path } of byNearness(candidates, file?.inode).slice(0, filesMax)) {
    const opened = await openFile(path, fence);
    if (opened.is !== 'open') continue;
    if (!isTaken(`${opened.device}:${opened.inode}`) && (await holdsMore(opened, position))) return { path, file: opened };
    await opened.bytes.close();
  }
  return undefined;
}

async function holdsMore({ bytes }: OpenedFile, position: StreamPosition): Promise<boolean> {
  const hasMore = async (): Promise<boolean> => (await isProven(bytes, position)) && (await readAt(bytes, position.offset, 1)).length > 0;
  // What cannot be read proves nothing.
  return hasMore().catch(() => false);
}

export interface Generation extends Rotated {
  readonly placement: Placement;
}

export interface GenerationWish {
  readonly folder: string;
  /** Names, before rotation, of the logs whose generations are looked for: such as were followed under that name. */
  readonly bases: ReadonlySet<string>;
  /** Inodes of known streams: their file is looked at whatever its name. */
  readonly inodes: ReadonlySet<number>;
  /** For each base: a time of change at which we followed it. Those found here are added. */
  readonly followedAtMs: Map<string, number>;
  /** Something was on its way from one name to another, or is still being compressed: another look is worth its while. */
  readonly onUnsettled: () => void;
  readonly place: (path: string, file: OpenedFile) => Promise<Placement>;
  readonly signal: AbortSignal;
}

/** Rests and unbegun generations in one folder, oldest first; the caller follows or closes what it is given. */
export async function* generationsIn(wish: GenerationWish, around: RotationSurroundings): AsyncGenerator<Generation> {
  const isAkin = akinTo(wish.bases);
  const isWanted = ({ name, device, inode }: FolderFile): boolean =>
    !around.isTaken(`${device}:${inode}`) && (wish.inodes.has(inode) || (!wish.bases.has(name) && isAkin(name)));
  const files = (await filesIn(wish.folder)).filter(isWanted);
  const names = new Set(files.map(({ name }) => name));
  const unknown: FolderFile[] = [];
  for (const file of files.sort((a, b) => a.changedMs - b.changedMs).slice(0, filesMax)) {
    // Still being compressed: the plain one is there.
    if (compressedName.test(file.name) && names.has(file.name.replace(compressedName, ''))) {
      wish.onUnsettled();
      continue;
    }
    const generation = wish.signal.aborted ? undefined : await generationOf(file, wish, around);
    if (!generation) continue;
    const { placement } = generation;
    if (placement.is === 'at' && placement.isNew) {
      unknown.push(file);
      await generation.file.bytes.close();
      continue;
    }
    const base = nameBeforeRotation(file.name);
    if (placement.is !== 'later') wish.followedAtMs.set(base, Math.min(file.changedMs, wish.followedAtMs.get(base) ?? Infinity));
    yield generation;
  }
  for (const file of unknown) {
    const followedAtMs = wish.followedAtMs.get(nameBeforeRotation(file.name)) ?? Infinity;
    // An inode that held a stream of ours holds what came after it: truncated, written again and renamed.
    const isOurs = wish.inodes.has(file.inode) && !compressedName.test(file.name);
    if ((file.changedMs < followedAtMs && !isOurs) || !isGeneration(file, wish, around)) continue;
    const generation = wish.signal.aborted ? undefined : await generationOf(file, wish, around);
    if (generation && generation.file.bytes.problem === '') yield generation;
    else await generation?.file.bytes.close();
  }
}

async function generationOf(
  { path }: FolderFile,
  { place, onUnsettled }: GenerationWish,
  { fence }: RotationSurroundings,
): Promise<Generation | undefined> {
  const file = await openFile(path, fence);
  if (file.is === 'absent') onUnsettled();
  if (file.is !== 'open') return undefined;
  return { path, file, placement: await place(path, file) };
}

/** Names that rotation may have made of these, or that begin like them; whether they are of one log is for the content to prove. */
function akinTo(bases: Iterable<string>): (name: string) => boolean {
  const stemOf = (name: string): string => name.split('.', 1)[0] ?? name;
  const logs = new Set([...bases].flatMap((base) => [base, nameBeforeRotation(base)]));
  const stems = new Set([...logs].map(stemOf).filter((stem) => stem !== ''));
  return (name) => logs.has(nameBeforeRotation(name)) || stems.has(stemOf(name));
}

function isGeneration({ path, name }: FolderFile, { bases }: GenerationWish, { isNamed, isExcluded }: RotationSurroundings): boolean {
  if (isExcluded(path)) return false;
  const plain = nameBeforeCompression(name);
  // Under its date from the first, and compressed before it was ever seen.
  const isNamedPlain = plain !== name && isNamed(`${dirname(path)}/${plain}`);
  return isNamedPlain || (!bases.has(name) && bases.has(nameBeforeRotation(name)));
}

function byNearness(files: readonly FolderFile[], inode: number | undefined): FolderFile[] {
  const rank = (file: FolderFile): number => (file.inode === inode ? 0 : compressedName.test(file.name) ? 2 : 1);
  return [...files].sort((a, b) => rank(a) - rank(b) || b.changedMs - a.changedMs);
}
