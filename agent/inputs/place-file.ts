// Where following of a file begins that no tail holds yet.
// A file that continues a known stream goes on there. A copy of a file that we follow is not read twice, and waits while
// its original may still be truncated. A file that holds what another of this name held, under another inode, is that file.
// What appears while we watch, or in a folder that this source followed before (we were away), is read from its start; any
// other file begins where the source says.
import { basename, dirname } from 'node:path';
import type { FileSource } from '../../config/policy/sources/sources.ts';
import type { Framing, StreamInfo, StreamPosition } from '../ports.ts';
import type { FileFence } from './file-fence.ts';
import { fingerprintOf, isEqual, isProven, proofBytesMax, readAt } from './file-proof.ts';
import { noCounters, type FileTail, type SharedInfo, type TailPlace } from './file-tail.ts';
import { copyProofBytesMin } from './tail-proof.ts';
import { areGenerations, isOneLog, nameBeforeRotation } from './find-rotated.ts';
import type { FollowedBytes } from './followed-bytes.ts';
import type { KnownStreams } from './known-streams.ts';
import { fileKey } from './look-at-path.ts';
import { lastLineStart } from './last-line-start.ts';
import { openFile, type OpenedFile } from './open-file.ts';

export type Placement =
  | { readonly is: 'at'; readonly place: TailPlace; readonly isNew: boolean }
  /** It is this tail's file. */
  | { readonly is: 'moved'; readonly tail: FileTail }
  /** A later look will know. */
  | { readonly is: 'later' }
  /** Nothing of it is to be read; where a new stream would stand, so that this is known the next time too. */
  | { readonly is: 'done'; readonly place: TailPlace | undefined };

export interface Surroundings {
  readonly source: FileSource;
  readonly fence: FileFence;
  readonly framing: Framing;
  readonly known: KnownStreams;
  readonly newStreamId: () => string;
}

/** A file that looks like a copy of one we follow is taken for one when it did not grow for so many looks. */
const copyLooksMax = 10;
const compressedCandidatesMax = 8;
const sameTimeMs = 1_000;

export class FilePlacer {
  readonly #around: Surroundings;
  /** Folders in which the source followed files in an earlier life. */
  readonly #folders: ReadonlySet<string>;
  readonly #copySeen = new Map<string, { readonly size: number; readonly looks: number }>();
  /** By stream: the compressed file that was taken for it. Two generations of a short line may hold the same. */
  readonly #claimed = new Map<string, string>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.#folders = new Set(around.known.all().map(({ stream }) => dirname(stream.path)));
  }

  /** `alike` are the tails whose file begins like this one; `isOld`: it was there at the first look. */
  async place(
    path: string,
    file: OpenedFile,
    { alike, isOld }: { readonly alike: readonly FileTail[]; readonly isOld: boolean },
  ): Promise<Placement> {
    const { source, newStreamId, framing } = this.#around;
    const moved = await this.#movedTail(path, file, alike);
    if (moved) return { is: 'moved', tail: moved };
    // Before known streams: a stream is left by its file and known in one turn, so one of the two looks sees it.
    const relation = await this.#relationToAll(path, file, alike);
    if (relation === 'unclear' || (relation === 'copy' && !this.#isSettledCopy(file)) || mayBecomeCopy(path, file)) return { is: 'later' };
    const continued = file.compression ? await this.#continuedByCompressed(path, file) : await this.#continued(path, file);
    if (continued) return continued;
    const isCopy = relation === 'copy';
    this.#copySeen.delete(fileKey(file));
    const isWanted = !isOld || source.startAt === 'start' || this.#folders.has(dirname(path));
    const place = (offset: number): TailPlace => ({ streamId: newStreamId(), offset, lineNumber: 0 });
    if (isWanted && !isCopy) return { is: 'at', place: place(0), isNew: true };
    if (file.compression) return { is: 'done', place: place(file.claimedBytes ?? (await file.bytes.length())) };
    const lineFeed = framing.lineFeed(file.head) ?? 'byte';
    return { is: 'at', place: place(isCopy ? file.size : await lastLineStart(file.bytes, file.size, lineFeed)), isNew: true };
  }

  /** Network file systems give a file another inode or device; a program may put a copy in a file's place. */
  async #movedTail(path: string, file: OpenedFile, alike: readonly FileTail[]): Promise<FileTail | undefined> {
    const tail = alike.find((one) => one.path === path && !one.isCompressed);
    if (!tail || file.compression || tail.offset === 0 || !(await tail.isIntactIn(file.bytes))) return undefined;
    // What the old inode still holds is read first.
    const isRead = await looked(tail.bytes).then(
      (size) => size === tail.offset,
      () => true,
    );
    return isRead ? tail : undefined;
  }

  async #relationToAll(path: string, file: OpenedFile, tails: readonly FileTail[]): Promise<Relation> {
    let all: Relation = 'other';
    for (const tail of tails) {
      const relation = await this.#relation(path, file, tail).catch((): Relation => 'unclear');
      if (relation === 'unclear') return relation;
      if (relation === 'copy') all = relation;
    }
    return all;
  }

  /**
   * The original of a copy may be truncated in a moment, or may have been while nobody could read; then its stream goes on
   * in the copy. So a copy is only left alone when it is at rest and everything in it was read from the original.
   */
  async #relation(path: string, file: OpenedFile, tail: FileTail): Promise<Relation> {
    const { bytes } = tail;
    if (bytes) return relationOf(path, file, { tail, original: bytes });
    const opened = await openFile(tail.path, this.#around.fence);
    if (opened.is !== 'open') return 'unclear';
    try {
      return opened.inode === tail.inode ? await relationOf(path, file, { tail, original: opened.bytes }) : 'unclear';
    } finally {
      await opened.bytes.close();
    }
  }

  #isSettledCopy(file: OpenedFile): boolean {
    const key = fileKey(file);
    const seen = this.#copySeen.get(key);
    const looks = seen?.size === file.size ? seen.looks + 1 : 1;
    this.#copySeen.set(key, { size: file.size, looks });
    return looks >= copyLooksMax;
  }

  async #continued(path: string, file: OpenedFile): Promise<Placement | undefined> {
    const { known } = this.#around;
    const position = (await known.find(file.bytes, file)) ?? known.withContent(file.head, 1).find((one) => isShortCopy(path, file, one));
    return position && { is: 'at', place: placeOf(position), isNew: false };
  }

  /** Content alone tells; one shorter than a proof also has to be the same file, or of the same log and nobody else's. */
  async #continuedByCompressed(path: string, file: OpenedFile): Promise<Placement | undefined> {
    const candidates = this.#around.known
      .withContent(file.head, 1)
      .filter(({ stream }) => (stream.file?.fingerprintBytes ?? 0) >= copyProofBytesMin || this.#isOfShort(stream, path, file))
      .slice(0, compressedCandidatesMax);
    // What was read whole is not inflated again to see it: its beginning and its length say so.
    const whole = candidates.find((position) => isWhole(position, file.claimedBytes));
    const furthest = whole ?? (await furthestProven(candidates, file));
    if (!furthest) return undefined;
    this.#claimed.set(furthest.stream.streamId, fileKey(file));
    const hasMore = !whole && (await readAt(file.bytes, furthest.offset, 1)).length > 0;
    return hasMore ? { is: 'at', place: placeOf(furthest), isNew: false } : { is: 'done', place: undefined };
  }

  #isOfShort({ streamId, path: streamPath, file: known }: StreamInfo, path: string, file: OpenedFile): boolean {
    if (known?.inode === file.inode && known.device === file.device) return true;
    const claimed = this.#claimed.get(streamId);
    return (claimed === undefined || claimed === fileKey(file)) && areGenerationsAt(streamPath, path);
  }
}

type Relation = 'copy' | 'other' | 'unclear';

async function relationOf(path: string, file: OpenedFile, { tail, original }: Original): Promise<Relation> {
  const isAlike = tail.proof.beginsLike(file.head) || (await beginsLikeShort(path, file, { tail, original }));
  const relation = isAlike ? await compare(file, { tail, original }) : 'other';
  // Truncated just now, the original says nothing about its copy.
  return (await tail.isIntactIn(original)) ? relation : 'unclear';
}

async function compare(file: OpenedFile, { tail, original }: Original): Promise<Relation> {
  const length = await file.bytes.length();
  const { size } = await original.look();
  if (length > size) return 'other';
  const from = Math.max(0, length - proofBytesMax);
  const [its, ours] = [await readAt(file.bytes, from, length - from), await readAt(original, from, length - from)];
  if (!isEqual(its, ours)) return 'other';
  return length <= tail.offset ? 'copy' : 'unclear';
}

interface Original {
  readonly tail: FileTail;
  readonly original: FollowedBytes;
}

/**
 * Of too little read to go by it, the file itself is asked. If that is short too, a compressed file keeps the time of its
 * original or holds all of one whose name is gone, and a copy under a name of rotation holds the whole.
 */
async function beginsLikeShort(path: string, file: OpenedFile, { tail, original }: Original): Promise<boolean> {
  const { head, compression, changedMs, size } = file;
  const its = await readAt(original, 0, proofBytesMax);
  const length = Math.min(its.length, head.length);
  if (length === 0 || !isEqual(its.subarray(0, length), head.subarray(0, length))) return false;
  if (length >= copyProofBytesMin) return true;
  if (compression) {
    const look = await original.look();
    const isGone = look.isUnlinked === true || tail.isNowhere;
    return (isGone && its.length === head.length) || Math.abs(look.changedMs - changedMs) < sameTimeMs;
  }
  return isRotatedName(path) && size === length;
}

/** A copy of a stream that was shorter than a proof: all of it, under a name that rotation gave its log. */
function isShortCopy(path: string, { size, compression }: OpenedFile, { stream, offset }: StreamPosition): boolean {
  const isAll = offset === size && stream.file?.fingerprintBytes === offset && offset < copyProofBytesMin;
  return isAll && !compression && isRotatedName(path) && isOneLogAt(stream.path, path);
}

/** A copy is empty when it is made, and looks like any new file then; until a later look there is nothing in it to read. */
function mayBecomeCopy(path: string, { head, compression }: OpenedFile): boolean {
  return head.length === 0 && !compression && isRotatedName(path);
}

function isOneLogAt(a: string, b: string): boolean {
  return dirname(a) === dirname(b) && isOneLog(basename(a), basename(b));
}

/** Of one log, as far as names tell: the number of a generation grows while nobody looks. */
function areGenerationsAt(a: string, b: string): boolean {
  return isOneLogAt(a, b) || (dirname(a) === dirname(b) && areGenerations(basename(a), basename(b)));
}

function isRotatedName(path: string): boolean {
  return nameBeforeRotation(basename(path)) !== basename(path);
}

async function furthestProven(candidates: readonly StreamPosition[], file: OpenedFile): Promise<StreamPosition | undefined> {
  let furthest: StreamPosition | undefined;
  for (const candidate of candidates)
    if (candidate.offset > (furthest?.offset ?? -1) && (await isProven(file.bytes, candidate))) furthest = candidate;
  return furthest;
}

function isWhole({ offset, stream: { file } }: StreamPosition, claimedBytes: number | undefined): boolean {
  return claimedBytes !== undefined && offset % 2 ** 32 === claimedBytes && file?.fingerprintBytes === Math.min(offset, proofBytesMax);
}

async function looked(bytes: FollowedBytes | undefined): Promise<number> {
  if (!bytes) throw new Error('at rest');
  return (await bytes.look()).size;
}

export function placeOf({ stream, offset, lineNumber, cursor }: StreamPosition): TailPlace {
  return { streamId: stream.streamId, offset, lineNumber, mark: cursor };
}

/** The position of a stream of which nothing is to be read: so that its file is known the next time. */
export function positionAt(
  place: TailPlace,
  path: string,
  { file, source }: { readonly file: OpenedFile; readonly source: SharedInfo },
): StreamPosition {
  const head = file.head.subarray(0, Math.min(place.offset, proofBytesMax));
  const identity = { device: file.device, inode: file.inode, fingerprint: fingerprintOf(head), fingerprintBytes: head.length };
  const stream = { ...source, streamId: place.streamId, file: identity, path };
  const { offset, lineNumber } = place;
  return { stream, offset, lineNumber, tailHash: new Uint8Array(0), tailBytes: 0, cursor: '', counters: noCounters };
}
