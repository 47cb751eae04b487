// The files of one source as they come, move and go: finds what the globs name, opens it at the right place, notices
// what is gone. Reading is file-input.ts; this part may run beside it, so that a rotated file is held open even while
// nobody can read (a full buffer).
// Promises: one tail per inode, whatever its names; every path that cannot be followed is told once, with the remedy,
// and again only after it was well meanwhile; a file that fails holds up nothing else.
// Where a new file begins: place-file.ts. What rotation did out of the globs' sight: watch-rotated.ts.
import type { FileSource } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { zoneName } from '../../proto/runtime/zone-name.ts';
import type { Framing, StreamPosition } from '../ports.ts';
import { CompressedFiles } from './compressed-files.ts';
import type { FileFence } from './file-fence.ts';
import { FileProblems } from './file-problems.ts';
import { FileTail, type LeftStream, type SharedInfo, type TailPlace } from './file-tail.ts';
import { findFiles, walkLimits, type Walk } from './find-files.ts';
import { parseGlob } from './glob-pattern.ts';
import { KnownStreams } from './known-streams.ts';
import type { InputLog } from './input-log.ts';
import { fileKey, lookAtLocalPath, lookAtPath } from './look-at-path.ts';
import { accessProblem, openFile, type OpenedFile } from './open-file.ts';
import { OpenTails } from './open-tails.ts';
import { FilePlacer, positionAt, type Placement } from './place-file.ts';
import { TailIndex } from './tail-index.ts';
import { WatchRotated } from './watch-rotated.ts';

export interface FileInputOptions {
  readonly source: FileSource;
  readonly fence: FileFence;
  readonly framing: Framing;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

const localSpareMax = 4_096;

export class FileWatch {
  readonly #options: FileInputOptions;
  readonly #known: KnownStreams;
  readonly #include: ReturnType<typeof parseGlob>;
  readonly #exclude: ReturnType<typeof parseGlob>;
  readonly #shared: SharedInfo;
  readonly #placer: FilePlacer;
  readonly #rotated: WatchRotated;
  readonly #compressed = new CompressedFiles();
  readonly tails: OpenTails;
  readonly problems: FileProblems;
  /** Where streams stand of which nothing was read, for the buffer to remember: or a restart would take their files for new. */
  readonly unread: StreamPosition[] = [];
  /** Paths of files on a disk of this machine: asked for often, and without waiting. */
  readonly #local = new Set<string>();
  readonly #serial = new Serial();
  /** Made when a new file asks for it: most looks find none. */
  #index: TailIndex | undefined;
  /** Paths that were taken for new files in this look. */
  readonly #begun = new Set<string>();
  #isFirst = true;

  constructor(options: FileInputOptions, resume: readonly StreamPosition[]) {
    const { source, fence, framing, clock, log } = options;
    this.#options = options;
    this.#known = new KnownStreams(resume.filter(({ stream }) => stream.sourceId === source.id));
    this.#include = source.paths.flatMap(parseGlob);
    this.#exclude = source.exclude.flatMap(parseGlob);
    const timeZone = zoneName(source.timeZone);
    this.#shared = { sourceId: source.id, typeHint: source.typeHint, timeZone, labels: source.labels };
    this.#placer = new FilePlacer({ source, fence, framing, known: this.#known, newStreamId: () => this.#newStreamId() });
    this.problems = new FileProblems(source.id, log);
    this.tails = new OpenTails(fence, this.problems);
    const isNamed = (path: string): boolean => this.#include.some((pattern) => pattern.matches(path));
    this.#rotated = new WatchRotated({
      fence,
      log,
      clock,
      isNamed,
      isExcluded: (path) => this.#isExcluded(path),
      known: this.#known,
      tails: this.tails,
      place: (path, file) => this.#place(path, file, false),
      take: (path, file, placement) => this.#take(path, file, placement),
    });
  }

  /** One look at what the globs name now. */
  scan(signal: AbortSignal): Promise<void> {
    return this.#serial.run(() => this.#scan(signal));
  }

  /** The rest of what a truncated file held may stand in a copy; the stream goes on there. */
  followCopy(left: LeftStream): Promise<void> {
    // Not beside a scan: both would take the copy.
    return this.#serial.run(() => this.#rotated.followCopy(left));
  }

  async #scan(signal: AbortSignal): Promise<void> {
    const walk = await findFiles(this.#include, signal);
    if (signal.aborted) return;
    const problems = new Map([...walk.unreadable].map(([path, code]) => [path, accessProblem(code)]));
    if (walk.isCutShort) problems.set(this.#options.source.id, `the globs name more than ${walkLimits.filesMax} files; narrow them`);
    const present = new Set<string>();
    this.#index = undefined;
    if (this.#local.size > 2 * this.tails.size + localSpareMax) this.#local.clear();
    for (const path of walk.paths) {
      if (signal.aborted) return;
      if (this.#isExcluded(path)) continue;
      const problem = await this.#look(path, present);
      if (problem !== undefined && problem !== '') problems.set(path, problem);
    }
    this.#compressed.forgetUnseen();
    await this.#noticeGone(present, walk);
    if (this.#isFirst) await this.#rotated.followAway((path) => this.#begun.has(path), signal);
    this.#begun.clear();
    this.#isFirst = false;
    this.problems.replaceFound(problems);
  }

  /** What cannot be seen now is not gone. */
  async #noticeGone(present: ReadonlySet<string>, walk: Walk): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const unseen = [...walk.unreadable.keys()];
    const gone: [string, FileTail][] = [];
    for (const [key, tail] of this.tails) {
      if (present.has(key)) {
        if (!tail.isCompressed) tail.goneSinceMs = undefined;
      } else if (!walk.isCutShort && !unseen.some((path) => tail.path === path || tail.path.startsWith(`${path}/`))) gone.push([key, tail]);
    }
    await this.#rotated.notice(gone, nowMs);
  }

  /** Forgets a tail that was read to its end for good. */
  async close(key: string, tail: FileTail): Promise<void> {
    this.#local.delete(tail.path);
    this.#known.add(tail.position());
    const isNamed = tail.isCompressed && this.#compressed.done(key, tail.problem);
    if (tail.problem !== '' && !isNamed) this.problems.whileReading(tail.path, tail.problem);
    await this.tails.remove(key, tail);
  }

  async closeAll(): Promise<void> {
    for (const [key, tail] of this.tails) await this.close(key, tail);
  }

  async #look(path: string, present: Set<string>): Promise<string | undefined> {
    const seen = this.#local.has(path) ? lookAtLocalPath(path) : await lookAtPath(path);
    if (!seen) return undefined;
    const tail = this.tails.get(seen.key);
    if (tail) {
      if (!present.has(seen.key)) tail.rename(path);
      present.add(seen.key);
      tail.see(seen.look);
      return this.#compressed.problemOf(seen.key);
    }
    if (this.tails.isMoving(seen.key)) return undefined;
    const compressed = await this.#compressed.see(seen.key, path, seen.look);
    if (compressed === 'done' || compressed === 'unsettled') return this.#compressed.problemOf(seen.key);
    const opened = await openFile(path, this.#options.fence);
    if (opened.is === 'absent') return undefined;
    if (opened.is === 'refused') return opened.reason;
    const key = fileKey(opened);
    if (opened.compression && compressed === 'unknown') this.#compressed.add(key, seen.look, this.#isFirst);
    const mark = opened.compression ? '' : this.#markProblem(opened.head);
    if (mark !== '' || this.tails.has(key)) await opened.bytes.close();
    else {
      const isOld = opened.compression ? this.#compressed.isOld(key) : this.#isFirst;
      const placement = await this.#place(path, opened, isOld);
      // It may still be written: to be read it has to be at rest, to be left alone it has not.
      const isEarly = opened.compression && compressed === 'unknown' && placement.is !== 'done';
      await this.#take(path, opened, isEarly ? { is: 'later' } : placement);
    }
    if (this.tails.has(key)) present.add(key);
    return mark;
  }

  #indexed(): TailIndex {
    this.#index ??= new TailIndex(this.tails.values());
    return this.#index;
  }

  /** A file that fails while it is looked at is tried again: it must not hold up the others. */
  async #place(path: string, file: OpenedFile, isOld: boolean): Promise<Placement> {
    try {
      return await this.#placer.place(path, file, { alike: this.#indexed().alike(path, file.head), isOld });
    } catch (error) {
      this.problems.whileReading(path, accessProblem(errorCode(error) ?? String(error)));
      return { is: 'later' };
    }
  }

  /** Follows the file as was decided, or closes it. */
  async #take(path: string, file: OpenedFile, placement: Placement): Promise<FileTail | undefined> {
    if (placement.is === 'at') {
      const tail = await this.#follow(path, file, placement.place);
      if (!tail) return undefined;
      if (placement.isNew) this.#begun.add(path);
      if (placement.isNew && placement.place.offset > 0) this.unread.push(tail.position());
      return tail;
    }
    if (placement.is === 'moved') {
      await this.tails.willMove(placement.tail, file);
      return placement.tail;
    }
    if (placement.is === 'done') {
      if (placement.place && placement.place.offset > 0) {
        const position = positionAt(placement.place, path, { file, source: this.#shared });
        this.unread.push(position);
        this.#known.add(position);
      }
      this.#compressed.done(fileKey(file), file.bytes.problem);
    }
    await file.bytes.close();
    return undefined;
  }

  async #follow(path: string, file: OpenedFile, place: TailPlace): Promise<FileTail | undefined> {
    const { source, framing, log, clock } = this.#options;
    const opening = FileTail.open({
      file,
      path,
      place,
      framing,
      source: this.#shared,
      isCompressed: file.compression !== undefined,
      newStreamId: () => this.#newStreamId(),
      onRestart: (left) => this.#known.add(left),
    });
    const tail = await opening.catch(async (error: unknown) => {
      await file.bytes.close();
      this.problems.whileReading(path, accessProblem(errorCode(error) ?? String(error)));
    });
    if (!tail) return undefined;
    const known = this.#known.get(place.streamId);
    if (this.tails.has(fileKey(file)) || (known && !tail.proof.isAt(known))) {
      await tail.rest(false);
      return undefined;
    }
    this.#known.remove(place.streamId);
    if (file.bytes.isLocal) this.#local.add(path);
    if (tail.isCompressed) tail.goneSinceMs = clock.monotonicMs();
    this.#index?.add(tail);
    await this.tails.add(fileKey(file), tail);
    log.debug({ source: source.id, path, offset: place.offset }, 'file followed');
    return tail;
  }

  /** A UTF-16 file read as bytes would give no line that anything matches. */
  #markProblem(head: Buffer): string {
    const isMarked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
    if (!isMarked || this.#options.source.encoding.startsWith('utf-16')) return '';
    return 'begins with the mark of UTF-16; say `encoding: utf-16` for its source, or exclude it';
  }

  #isExcluded(path: string): boolean {
    return this.#exclude.some((pattern) => pattern.matches(path));
  }

  #newStreamId(): string {
    return Buffer.from(this.#options.random.bytes(16)).toString('hex');
  }
}
