// The files of one source as they come, move and go: finds what the globs name, opens it at the right place, notices
// what is gone. Reading is file-input.ts; this part may run beside it, so that a rotated file is held open even while
// nobody can read (a full buffer).
// Promises: one tail per inode, whatever its names; every path that cannot be followed is told once, with the remedy,
// and again only after it was well meanwhile. Where a new file begins: see #placeOf.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { FileSource } from '../../config/policy/sources/sources.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { StreamInfo, StreamPosition } from '../ports.ts';
import type { FileFence } from './file-fence.ts';
import { readAt, proofBytesMax } from './file-proof.ts';
import { FileTail, type TailPlace } from './file-tail.ts';
import { findFiles, walkLimits } from './find-files.ts';
import { findRotated } from './find-rotated.ts';
import { parseGlob } from './glob-pattern.ts';
import { KnownStreams } from './known-streams.ts';
import { lastLineStart } from './last-line-start.ts';
import { openFile, type OpenedFile } from './open-file.ts';

export interface InputLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface FileInputOptions {
  readonly source: FileSource;
  readonly fence: FileFence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

/** A file that looks like a copy of one we follow is taken for one when it did not grow for so many looks. */
const copyScansMax = 10;
const rotatedSearchesMax = 256;

export class FileWatch {
  readonly #options: FileInputOptions;
  readonly #known: KnownStreams;
  readonly #include: ReturnType<typeof parseGlob>;
  readonly #exclude: ReturnType<typeof parseGlob>;
  readonly #shared: Pick<StreamInfo, 'sourceId' | 'typeHint' | 'timeZone' | 'labels'>;
  readonly tails = new Map<string, FileTail>();
  #problems = new Map<string, string>();
  #copySeen = new Map<string, { readonly size: number; readonly scans: number }>();
  readonly #serial = new Serial();
  #isFirst = true;

  constructor(options: FileInputOptions, resume: readonly StreamPosition[]) {
    const { source } = options;
    this.#options = options;
    this.#known = new KnownStreams(resume.filter(({ stream }) => stream.sourceId === source.id));
    this.#include = source.paths.flatMap(parseGlob);
    this.#exclude = source.exclude.flatMap(parseGlob);
    const timeZone = source.timeZone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : source.timeZone;
    this.#shared = { sourceId: source.id, typeHint: source.typeHint, timeZone, labels: source.labels };
  }

  get problem(): string {
    const [first] = this.#problems;
    if (!first) return '';
    const others = this.#problems.size > 1 ? ` (and ${this.#problems.size - 1} more)` : '';
    return `${first[0]}: ${first[1]}${others}`;
  }

  /** One look at what the globs name now. */
  scan(signal: AbortSignal): Promise<void> {
    return this.#serial.run(() => this.#scan(signal));
  }

  /** The rest of what a truncated file held may stand in a copy; the stream goes on there. */
  followCopy(left: StreamPosition): Promise<void> {
    // Not beside a scan: both would take the copy.
    return this.#serial.run(() => this.#followCopy(left));
  }

  async #scan(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const walk = await findFiles(this.#include, signal);
    if (signal.aborted) return;
    const problems = new Map([...walk.unreadable].map(([path, code]) => [path, `cannot be read (${code}); give the agent's user access`]));
    if (walk.isCutShort) problems.set(this.#options.source.id, `the globs name more than ${walkLimits.filesMax} files; narrow them`);
    const present = new Set<string>();
    for (const path of walk.paths) {
      if (signal.aborted) return;
      if (this.#exclude.some((pattern) => pattern.matches(path))) continue;
      const problem = await this.#look(path, present);
      if (problem !== undefined) problems.set(path, problem);
    }
    for (const [key, tail] of this.tails) {
      if (present.has(key)) tail.goneSinceMs = undefined;
      else tail.goneSinceMs ??= clock.monotonicMs();
    }
    if (this.#isFirst) await this.#followRotated(signal);
    this.#isFirst = false;
    this.#tell(problems);
  }

  async #followCopy(left: StreamPosition): Promise<void> {
    const { fence, log, clock } = this.#options;
    const rotated = await findRotated(left, { fence, isTaken: (key) => this.tails.has(key) });
    if (!rotated) {
      log.info({ path: left.stream.path, offset: left.offset }, 'file was truncated or rewritten; reading from its start');
      return;
    }
    const tail = await this.#open(rotated.path, rotated.file, placeOf(left));
    tail.goneSinceMs = clock.monotonicMs();
    log.info({ path: left.stream.path, copy: rotated.path }, 'file was truncated; reading the rest of its copy');
  }

  /** Forgets a tail that was read to its end for good. */
  async close(key: string, tail: FileTail): Promise<void> {
    this.tails.delete(key);
    this.#known.add(tail.position());
    await tail.rest();
  }

  async closeAll(): Promise<void> {
    for (const [key, tail] of this.tails) await this.close(key, tail);
  }

  async #look(path: string, present: Set<string>): Promise<string | undefined> {
    const key = await keyOf(path);
    if (key === undefined) return undefined;
    const tail = this.tails.get(key.name);
    if (tail) {
      if (!present.has(key.name)) tail.rename(path);
      present.add(key.name);
      if (tail.isOpen || tail.size === key.size) return undefined;
    }
    const opened = await openFile(path, this.#options.fence);
    if (opened.is === 'absent') return undefined;
    if (opened.is === 'refused') return opened.reason;
    const name = `${opened.device}:${opened.inode}`;
    const same = this.tails.get(name);
    if (same && !same.isOpen) same.wake(opened.handle);
    else if (same || !(await this.#follow(path, opened))) await opened.handle.close();
    if (this.tails.has(name)) present.add(name);
    return undefined;
  }

  /** False when it must wait for a later scan. */
  async #follow(path: string, file: OpenedFile): Promise<boolean> {
    const place = await this.#placeOf(path, file);
    if (place) await this.#open(path, file, place);
    return place !== undefined;
  }

  async #open(path: string, file: OpenedFile, place: TailPlace): Promise<FileTail> {
    const { handle, device, inode } = file;
    const newStreamId = (): string => this.#newStreamId();
    const onRestart = (left: StreamPosition): void => this.#known.add(left);
    const tail = await FileTail.open({ handle, path, device, inode, place, source: this.#shared, newStreamId, onRestart });
    this.#known.remove(place.streamId);
    this.tails.set(`${device}:${inode}`, tail);
    this.#options.log.debug({ source: this.#options.source.id, path, offset: place.offset }, 'file followed');
    return tail;
  }

  /**
   * A file that continues a known stream goes on there. A copy of a file that we follow is not read twice. What appears
   * while we watch, or in a folder that this source followed before (we were away), is read from its start; any other
   * file begins where the source says.
   */
  async #placeOf(path: string, file: OpenedFile): Promise<TailPlace | undefined> {
    const head = await readAt(file.handle, 0, proofBytesMax);
    // Before known streams: a stream is left by its file and known in one turn, so one of the two looks sees it.
    const originals = [...this.tails.values()].filter((tail) => tail.beginsLike(head));
    if (originals.length > 0 && !(this.#isSettledCopy(path, file.size) && (await areReadToEnd(originals)))) return undefined;
    const known = await this.#known.find(file.handle, file);
    if (known) return placeOf(known);
    if (this.#copySeen.delete(path)) return { streamId: this.#newStreamId(), offset: file.size, lineNumber: 0 };
    const isNew = !this.#isFirst || this.#options.source.startAt === 'start' || this.#known.hasFolder(dirname(path));
    return { streamId: this.#newStreamId(), offset: isNew ? 0 : await lastLineStart(file.handle, file.size), lineNumber: 0 };
  }

  /**
   * The original of a copy may be truncated in a moment, or may have been while nobody could read; then its stream goes on
   * in the copy. So a copy is only left alone when it is at rest and everything in the original was read.
   */
  #isSettledCopy(path: string, size: number): boolean {
    const seen = this.#copySeen.get(path);
    const scans = seen?.size === size ? seen.scans + 1 : 1;
    this.#copySeen.set(path, { size, scans });
    return scans >= copyScansMax;
  }

  #newStreamId(): string {
    return Buffer.from(this.#options.random.bytes(16)).toString('hex');
  }

  /** Streams whose file no glob names any more may have unread lines under another name. Newest first. */
  async #followRotated(signal: AbortSignal): Promise<void> {
    const { fence, clock, log } = this.#options;
    const searched = new Set<string>();
    for (const position of this.#known.all().reverse()) {
      const { path } = position.stream;
      // Older streams of a path were finished before the newest began.
      // Told by the hub of a file that this buffer knows nothing of: only the globs can lead to it.
      if (path === '') continue;
      if (signal.aborted || searched.size >= rotatedSearchesMax || searched.has(path)) continue;
      searched.add(path);
      const rotated = await findRotated(position, { fence, isTaken: (key) => this.tails.has(key) });
      if (!rotated) continue;
      const tail = await this.#open(rotated.path, rotated.file, placeOf(position));
      tail.goneSinceMs = clock.monotonicMs();
      log.info({ path, now: rotated.path }, 'file was rotated while away; reading its rest');
    }
  }

  #tell(problems: Map<string, string>): void {
    for (const [path, problem] of problems) {
      if (this.#problems.get(path) !== problem)
        this.#options.log.warn({ source: this.#options.source.id, path }, `not followed: ${problem}`);
    }
    this.#problems = problems;
  }
}

async function areReadToEnd(tails: readonly FileTail[]): Promise<boolean> {
  for (const tail of tails) if (!(await tail.isReadToEnd())) return false;
  return true;
}

function placeOf({ stream, offset, lineNumber }: StreamPosition): TailPlace {
  return { streamId: stream.streamId, offset, lineNumber };
}

async function keyOf(path: string): Promise<{ readonly name: string; readonly size: number } | undefined> {
  try {
    const { dev, ino, size } = await stat(path);
    return { name: `${dev}:${ino}`, size };
  } catch (error) {
    const code = errorCode(error);
    // What cannot be looked at is left to openFile, which says why.
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { name: '', size: -1 };
  }
}
