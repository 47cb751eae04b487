// One file followed through growth, truncation and rewriting: the next whole lines, please (read-lines.ts).
// Promises: an unfinished last line is not handed out before the file is gone, and an unfinished record not before it has
// been silent, so that half lines and half records stay exact; a tail that rests holds no descriptor and knows its place.
// A file rewritten so that the same bytes stand before our place cannot be told from one that grew.
import type { FileFraming, FileIdentity, Framing, LineBlock, LineFeed, StreamInfo, StreamPosition } from '../ports.ts';
import { proofBytesMax, readAt } from './file-proof.ts';
import type { FileLook, FollowedBytes } from './followed-bytes.ts';
import type { LineBuffers } from './line-buffers.ts';
import { readLines } from './read-lines.ts';
import { TailProof } from './tail-proof.ts';

export interface TailPlace {
  readonly streamId: string;
  readonly offset: number;
  readonly lineNumber: number;
  /** The cursor of the position there. */
  readonly mark?: string;
}

export interface TailedFile {
  readonly bytes: FollowedBytes;
  readonly device: number;
  readonly inode: number;
}

/** What all streams of a source share. */
export type SharedInfo = Pick<StreamInfo, 'sourceId' | 'typeHint' | 'timeZone' | 'labels'>;

export interface TailOptions {
  readonly file: TailedFile;
  readonly path: string;
  /** What the file holds is inflated: it never grows. */
  readonly isCompressed: boolean;
  readonly place: TailPlace;
  readonly framing: Framing;
  readonly source: SharedInfo;
  readonly newStreamId: () => string;
  /** Told in the same turn in which the old stream is left: nobody may take its copy for an unknown file in between. */
  readonly onRestart: (left: StreamPosition) => void;
}

export type TailStep =
  | { readonly is: 'lines'; readonly block: LineBlock }
  | { readonly is: 'end' }
  /** The end of an over-long line is still being looked for. */
  | { readonly is: 'searching' }
  /** The file was truncated or rewritten; reading goes on at its start. */
  | ({ readonly is: 'restarted' } & LeftStream);

export interface LeftStream {
  readonly left: StreamPosition;
  /** What was known to follow. */
  readonly unreadBytes: number;
  /** When its file had last been written. */
  readonly changedMs: number;
}

export interface TailTurn {
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** No more will be written, so an unfinished last line is a line too. */
  readonly last: boolean;
}

const atEnd: TailStep = { is: 'end' };
const neverLooked: FileLook = { size: -1, changedMs: -1 };
export const noCounters = { linesRead: 0, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 0, bytesKept: 0, linesDropped: {} };

export class FileTail {
  readonly #options: TailOptions;
  #file: TailedFile;
  #bytes: FollowedBytes | undefined;
  /** Only where lines mean something by what stands before them in their file. */
  #fileFraming: FileFraming | undefined;
  #place: TailPlace;
  #stream: StreamInfo;
  #lineFeed: LineFeed | undefined;
  #proof = new TailProof();
  /** Where the search for the end of an over-long line goes on. */
  #searchedTo = 0;
  /** How the file looked when there was nothing whole to read. */
  #restedAt = neverLooked;
  /** Since when whole lines wait for the rest of their record, while nothing is written. */
  #waitingSinceMs: number | undefined;
  /** The last look at which the file was proven to be ours. */
  #proven: FileLook = { size: 0, changedMs: Infinity };
  size = 0;
  /** When it was last written, as far as was seen. */
  changedMs = Infinity;
  /** Monotonic time since which no glob leads here any more, or the file is compressed and so never grows. */
  goneSinceMs: number | undefined;
  /** Its name is nowhere to be found: who still holds it may write to it, nobody else can. */
  isNowhere = false;
  /** Rests and has something to read. */
  isDue = false;
  /** The same file under another inode, to be taken in the tail's turn. */
  movedTo: TailedFile | undefined;

  private constructor(options: TailOptions) {
    this.#options = options;
    this.#file = options.file;
    this.#bytes = options.file.bytes;
    this.#fileFraming = options.framing.ofFile?.();
    this.#place = options.place;
    this.#stream = this.#describe(options.path);
  }

  static async open(options: TailOptions): Promise<FileTail> {
    const tail = new FileTail(options);
    const { offset, mark = '' } = options.place;
    const { bytes } = options.file;
    if (offset > 0) await tail.#fileFraming?.resume((at, wanted) => readAt(bytes, at, wanted), { offset, mark });
    tail.#proof = await TailProof.at(bytes, offset);
    tail.#stream = tail.#describe(options.path);
    tail.size = offset;
    tail.#proven = { size: offset, changedMs: Infinity };
    return tail;
  }

  get isOpen(): boolean {
    return this.#bytes !== undefined;
  }

  get proof(): TailProof {
    return this.#proof;
  }

  get bytes(): FollowedBytes | undefined {
    return this.#bytes;
  }

  get isCompressed(): boolean {
    return this.#options.isCompressed;
  }

  get streamId(): string {
    return this.#place.streamId;
  }

  get offset(): number {
    return this.#place.offset;
  }

  get inode(): number {
    return this.#file.inode;
  }

  get lagBytes(): number {
    return Math.max(0, this.size - this.#place.offset);
  }

  get path(): string {
    return this.#stream.path;
  }

  /** Whole lines wait for the rest of their record. */
  get isWaiting(): boolean {
    return this.#waitingSinceMs !== undefined;
  }

  /** Why the rest of it cannot be read; empty while nothing is wrong. */
  get problem(): string {
    return this.#bytes?.problem ?? '';
  }

  /** Why lines pass as they are; empty while nothing is wrong. */
  get lineProblem(): string {
    return this.#fileFraming?.problem ?? '';
  }

  get #framing(): Framing {
    return this.#fileFraming ?? this.#options.framing;
  }

  get #mark(): string {
    return this.#fileFraming?.mark ?? '';
  }

  rename(path: string): void {
    if (path !== this.path) this.#stream = { ...this.#stream, path };
  }

  position(): StreamPosition {
    const { offset, lineNumber } = this.#place;
    return { stream: this.#stream, offset, lineNumber, ...this.#proof.place, cursor: this.#mark, counters: noCounters };
  }

  /** What a look from outside says: so a tail that rests learns that it is due, and one that cannot read tells its lag. */
  see(look: FileLook): void {
    if (this.isCompressed) return;
    if (look.size > this.size) this.size = look.size;
    this.changedMs = look.changedMs;
    if (!this.isOpen && !this.isAsItRested(look)) this.isDue = true;
  }

  /** Nothing happened to its file since it was given back. */
  isAsItRested(look: FileLook): boolean {
    return isSameLook(look, this.#restedAt);
  }

  /** The next look from outside is news. */
  forgetLook(): void {
    this.#restedAt = neverLooked;
  }

  /** Gives the file descriptor back; the file must be opened again before it is read. */
  async rest(isDue: boolean): Promise<void> {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    this.isDue = isDue;
    await bytes?.close();
  }

  /** Opened again, perhaps as another inode that holds the same (a network file system, a copy put in its place). */
  async wake(file: TailedFile): Promise<void> {
    const old = this.#bytes;
    this.#file = file;
    this.#bytes = file.bytes;
    this.isDue = false;
    this.#restedAt = neverLooked;
    this.#stream = this.#describe(this.path);
    await old?.close();
  }

  async next(buffers: LineBuffers, turn: TailTurn): Promise<TailStep> {
    const bytes = this.#bytes;
    if (!bytes) return atEnd;
    const look = await bytes.look();
    const { offset } = this.#place;
    // Of a file of which nothing was read yet the size alone tells.
    if (look.size < offset || (offset === 0 && look.size < this.size)) return this.#restart(look);
    this.size = look.size;
    this.changedMs = look.changedMs;
    const isUnchanged = isSameLook(look, this.#restedAt);
    const isQuiet = isUnchanged && this.#isSilentLongEnough(turn.monotonicMs);
    if (isUnchanged && !turn.last && !isQuiet) return atEnd;
    const lineFeed = await this.#knowLineFeed(bytes);
    if (lineFeed === undefined) return this.#settle(look, false, turn);
    const place = { offset, tail: this.#proof.tail, searchedTo: this.#searchedTo };
    const wish = { size: look.size, lineFeed, framing: this.#framing, isQuiet, isLast: turn.last };
    const found = await readLines(bytes, buffers, place, wish);
    if (found.is === 'changed') return this.#restart(look);
    this.#proven = look;
    if (found.is === 'lines') return this.#advance(buffers, found, { nowMs: turn.nowMs, lineFeed });
    this.#searchedTo = found.searchedTo;
    return found.is === 'searching' ? found : this.#settle(look, found.isWaiting, turn);
  }

  #settle(look: FileLook, isWaiting: boolean, { monotonicMs }: TailTurn): TailStep {
    this.#waitingSinceMs = isWaiting ? monotonicMs : undefined;
    this.#restedAt = look;
    return atEnd;
  }

  #isSilentLongEnough(monotonicMs: number): boolean {
    return this.#waitingSinceMs !== undefined && monotonicMs - this.#waitingSinceMs >= (this.#framing.quietMs ?? 0);
  }

  /** Undefined while the file is too short to say it. */
  async #knowLineFeed(bytes: FollowedBytes): Promise<LineFeed | undefined> {
    const framing = this.#framing;
    this.#lineFeed ??= framing.lineFeed(this.#proof.head) ?? framing.lineFeed(await readAt(bytes, 0, 2));
    return this.#lineFeed;
  }

  #advance(
    buffers: LineBuffers,
    { bytesRead, tail }: { readonly bytesRead: number; readonly tail: Buffer },
    { nowMs, lineFeed }: { readonly nowMs: number; readonly lineFeed: LineFeed },
  ): TailStep {
    const { offset, lineNumber, streamId } = this.#place;
    this.#place = { streamId, offset: offset + bytesRead, lineNumber: lineNumber + buffers.count };
    this.#proof.tail = tail;
    this.#searchedTo = 0;
    this.#waitingSinceMs = undefined;
    this.#restedAt = neverLooked;
    // The buffer begins at the start of the file as long as the fingerprint grows; the file itself may be another by now.
    if (offset <= proofBytesMax) this.#learnHead(buffers.bytes.subarray(0, Math.min(this.#place.offset, proofBytesMax)));
    const decoded = this.#framing.decode(buffers, { lineFeed, isFileStart: offset === 0 });
    const { bytes, starts, ends, sourceStarts, count, cut } = decoded;
    const block: LineBlock = {
      bytes,
      starts,
      ends,
      sourceStarts,
      count,
      cut,
      ...(decoded === buffers ? {} : { isDecoded: true }),
      stream: this.#stream,
      readAtMs: nowMs,
      baseOffset: offset,
      endOffset: this.#place.offset,
      endLineNumber: this.#place.lineNumber,
      ...this.#proof.place,
      cursor: this.#mark,
      bytesRead,
    };
    return { is: 'lines', block };
  }

  #learnHead(head: Buffer): void {
    if (this.#proof.learnHead(head)) this.#stream = this.#describe(this.path);
  }

  #restart(look: FileLook): TailStep {
    const left = this.position();
    const { size, changedMs } = this.#proven;
    // A file that shrank held at least what was seen of it; what one that only changed held may be its new bytes.
    const heldBytes = look.size < this.size ? this.size : size;
    this.#options.onRestart(left);
    this.#fileFraming = this.#options.framing.ofFile?.();
    this.#place = { streamId: this.#options.newStreamId(), offset: 0, lineNumber: 0 };
    this.#proof = new TailProof();
    this.#lineFeed = undefined;
    this.#searchedTo = 0;
    this.#waitingSinceMs = undefined;
    this.#restedAt = neverLooked;
    this.size = look.size;
    this.#proven = { size: 0, changedMs: look.changedMs };
    this.#stream = this.#describe(this.path);
    return { is: 'restarted', left, unreadBytes: Math.max(0, heldBytes - left.offset), changedMs };
  }

  #describe(path: string): StreamInfo {
    const { device, inode } = this.#file;
    const file: FileIdentity = { device, inode, ...this.#proof.fingerprint };
    return { ...this.#options.source, streamId: this.#place.streamId, file, path };
  }

  /** Whether the bytes before our place still stand in what the file holds now. */
  isIntactIn(bytes: FollowedBytes): Promise<boolean> {
    return this.#proof.isIntactIn(bytes, this.offset);
  }
}

function isSameLook(a: FileLook, b: FileLook): boolean {
  return a.size === b.size && a.changedMs === b.changedMs;
}
