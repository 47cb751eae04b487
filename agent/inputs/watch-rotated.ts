// Where the files of one source went that no glob names any more.
// Promises: a tail whose file was renamed follows it under its new name, while it is written or read, however long; one
// that rested is found by its inode or its content; unread bytes that are known of are never left without a warning.
import { basename, dirname } from 'node:path';
import type { Clock } from '../../proto/runtime/clock.ts';
import { nameBeforeRotation, filesIn, type FolderFile } from './find-rotated.ts';
import type { FileTail, LeftStream } from './file-tail.ts';
import { findRest, generationsIn, type RotationSurroundings } from './follow-rotated.ts';
import type { InputLog } from './input-log.ts';
import { fileKey, lookAtPath } from './look-at-path.ts';
import type { KnownStreams } from './known-streams.ts';
import { placeOf, type Placement } from './place-file.ts';
import type { FileLook } from './followed-bytes.ts';
import { openFile, type OpenedFile } from './open-file.ts';

export interface WatchSurroundings {
  readonly fence: RotationSurroundings['fence'];
  readonly log: InputLog;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly known: KnownStreams;
  readonly tails: { readonly has: (key: string) => boolean };
  readonly isNamed: (path: string) => boolean;
  readonly isExcluded: (path: string) => boolean;
  readonly place: (path: string, file: OpenedFile) => Promise<Placement>;
  readonly take: (path: string, file: OpenedFile, placement: Placement) => Promise<FileTail | undefined>;
}

const foldersMax = 256;
/** Looks, one after the other, that find a folder in the middle of a rotation; where it stays so it is nobody's rotation. */
const unsettledLooksMax = 20;

export class WatchRotated {
  readonly #around: WatchSurroundings;
  readonly #rotation: RotationSurroundings;
  /** By folder and log: since when it was written that no look has seen. */
  #rotated = new Map<string, Map<string, number>>();
  #rotatedBefore = new Map<string, Map<string, number>>();
  /** By folder: looks that found it so. */
  readonly #unsettled = new Map<string, number>();

  constructor(around: WatchSurroundings) {
    this.#around = around;
    const { fence, isNamed, isExcluded, tails } = around;
    this.#rotation = { fence, isNamed, isExcluded, isTaken: (key) => tails.has(key) };
  }

  /** Tails to which no glob led in this look. */
  async notice(gone: readonly (readonly [string, FileTail])[], nowMs: number): Promise<void> {
    const folders = new Map<string, FolderFile[]>();
    for (const [key, tail] of gone) {
      tail.goneSinceMs ??= nowMs;
      if (tail.isCompressed) continue;
      if (tail.isNowhere) {
        // Until its turn has come to be closed its inode looks taken, whoever has it now.
        if (!tail.isOpen) this.#noteRotated(tail.path, tail.changedMs);
        continue;
      }
      const seen = await lookAtPath(tail.path);
      // Looked at but not readable, or still there under the name that rotation gave it.
      if (seen?.key === '') continue;
      if (seen?.key === key && (await this.#isStillOf(key, tail, { path: tail.path, ...seen.look }))) tail.see(seen.look);
      else await this.#search(key, tail, folders);
    }
    await this.#followGenerations();
  }

  async #search(key: string, tail: FileTail, folders: Map<string, FolderFile[]>): Promise<void> {
    const { log } = this.#around;
    const folder = dirname(tail.path);
    const files = folders.get(folder) ?? (await filesIn(folder));
    folders.set(folder, files);
    const found = files.find((file) => fileKey(file) === key);
    const before = tail.path;
    if (found && (await this.#isStillOf(key, tail, found))) {
      log.info({ path: before, now: found.path }, 'file was renamed; followed there');
      tail.rename(found.path);
      tail.see({ size: found.size, changedMs: found.changedMs });
    } else {
      tail.isNowhere = true;
      if (!tail.isOpen) await this.#searchContent(tail);
    }
    this.#noteRotated(before, tail.changedMs);
  }

  /** While nobody holds a file open its inode may be given to another: of another log, or a copy of what was read already. */
  async #isStillOf(key: string, tail: FileTail, { path, ...look }: FileLook & { readonly path: string }): Promise<boolean> {
    if (tail.isOpen || tail.isAsItRested(look)) return true;
    const file = await openFile(path, this.#around.fence);
    // What may not be read is told when its turn comes.
    if (file.is !== 'open') return file.is === 'refused' && path === tail.path;
    try {
      return fileKey(file) === key && tail.offset > 0 && (await tail.isIntactIn(file.bytes));
    } catch {
      // What cannot be read proves nothing.
      return false;
    } finally {
      await file.bytes.close();
    }
  }

  /** It rested, so nothing holds its bytes: they may stand in a compressed file or a copy. */
  async #searchContent(tail: FileTail): Promise<void> {
    const { take, log } = this.#around;
    const position = tail.position();
    const rest = await findRest(position, this.#rotation);
    if (rest) {
      const followed = await take(rest.path, rest.file, { is: 'at', place: placeOf(position), isNew: false });
      if (followed) followed.goneSinceMs ??= tail.goneSinceMs;
      log.info({ path: tail.path, now: rest.path }, 'file is gone; reading its rest there');
    } else if (tail.lagBytes > 0) {
      log.warn({ path: tail.path, bytes: tail.lagBytes }, 'file is gone with bytes that were not read; they are lost');
    }
  }

  async followCopy({ left, unreadBytes, changedMs }: LeftStream): Promise<void> {
    const { take, log } = this.#around;
    const { path } = left.stream;
    const rest = await findRest(left, this.#rotation);
    const fields = { path, offset: left.offset };
    if (rest) {
      await this.#takeGone(take(rest.path, rest.file, { is: 'at', place: placeOf(left), isNew: false }));
      log.info({ path, copy: rest.path }, 'file was truncated; reading the rest of its copy');
    } else if (unreadBytes === 0) log.info(fields, 'file was truncated or rewritten; reading from its start');
    else
      log.warn({ ...fields, unreadBytes }, 'file was truncated or rewritten with bytes that were not read, and no copy of them is found');
    this.#noteRotated(path, changedMs);
    await this.#followGenerations();
  }

  async #takeGone(taking: Promise<FileTail | undefined>): Promise<void> {
    const tail = await taking;
    // No glob leads there.
    if (tail) tail.goneSinceMs ??= this.#around.clock.monotonicMs();
  }

  /** Rotated more than once between two looks, what stood in between was never seen. */
  #noteRotated(path: string, followedAtMs: number): void {
    const folder = dirname(path);
    const base = this.#liveName(path);
    const logs = this.#rotated.get(folder) ?? new Map<string, number>();
    this.#rotated.set(folder, logs.set(base, Math.min(followedAtMs, logs.get(base) ?? Infinity)));
  }

  /** What the log of this file is called by who writes it. */
  #liveName(path: string): string {
    return this.#around.isNamed(path) ? basename(path) : nameBeforeRotation(basename(path));
  }

  /** Those of this look and, once more, of the one before: files that were renamed while a folder was listed are missed. */
  async #followGenerations(): Promise<void> {
    const due = [...this.#rotatedBefore, ...this.#rotated];
    this.#rotatedBefore = this.#rotated;
    this.#rotated = new Map();
    for (const [folder, followedAtMs] of due) {
      const { place, take } = this.#around;
      const bases = new Set(followedAtMs.keys());
      const looked = { isUnsettled: false };
      const onUnsettled = (): void => void (looked.isUnsettled = true);
      const { signal } = new AbortController();
      const wish = { folder, place, bases, followedAtMs, onUnsettled, inodes: new Set<number>(), signal };
      for await (const { path, file, placement } of generationsIn(wish, this.#rotation)) await this.#takeGone(take(path, file, placement));
      this.#lookAgain(looked.isUnsettled, folder, followedAtMs);
    }
  }

  /** In the next look: what was being renamed or compressed in this one stands there then, and nothing else would lead to it. */
  #lookAgain(isUnsettled: boolean, folder: string, followedAtMs: ReadonlyMap<string, number>): void {
    const looks = (this.#unsettled.get(folder) ?? 0) + 1;
    if (!isUnsettled || looks > unsettledLooksMax) {
      this.#unsettled.delete(folder);
      return;
    }
    this.#unsettled.set(folder, looks);
    for (const [base, atMs] of followedAtMs) this.#noteRotated(`${folder}/${base}`, atMs);
  }

  /** At start: streams whose file no glob names any more may have unread lines under another name. */
  async followAway(isNewHere: (path: string) => boolean, signal: AbortSignal): Promise<void> {
    const { known, place, take, log } = this.#around;
    const byFolder = Map.groupBy(
      known.all().filter(({ stream }) => stream.path !== ''),
      ({ stream }) => dirname(stream.path),
    );
    for (const [folder, positions] of [...byFolder].slice(-foldersMax)) {
      const looked = { isUnsettled: false };
      const wish = {
        folder,
        place,
        signal,
        onUnsettled: (): void => void (looked.isUnsettled = true),
        followedAtMs: new Map<string, number>(),
        bases: new Set(positions.map(({ stream }) => this.#liveName(stream.path))),
        inodes: new Set(positions.flatMap(({ stream }) => stream.file?.inode ?? [])),
      };
      const found = new Set<string>();
      for await (const { path, file, placement } of generationsIn(wish, this.#rotation)) {
        await this.#takeGone(take(path, file, placement));
        if (placement.is === 'at')
          log.info({ path, offset: placement.place.offset }, 'file was rotated while away; reading what was not read of it');
        // Read whole and compressed since, by content alone: one such excuses all streams of its log.
        found.add(placement.is === 'at' ? placement.place.streamId : nameBeforeRotation(basename(path)));
      }
      this.#lookAgain(looked.isUnsettled, folder, wish.followedAtMs);
      const newest = new Map(positions.filter(({ stream }) => isNewHere(stream.path)).map((position) => [position.stream.path, position]));
      for (const [path, { stream, offset }] of newest) {
        if (found.has(stream.streamId) || found.has(nameBeforeRotation(basename(path)))) continue;
        log.warn(
          { path, offset },
          'file was replaced while away and is not found any more; what was written to it behind this offset is not read',
        );
      }
    }
  }
}
