// The tails of one source by the file they follow, and the descriptors that they hold.
// Promises: one tail per file; at most so many descriptors, beyond which tails rest and are opened in turn; a tail whose
// file is found under another inode goes on there, once its own turn comes and the bytes before its place prove it.
import type { FileFence } from './file-fence.ts';
import type { FileProblems } from './file-problems.ts';
import type { FileTail } from './file-tail.ts';
import { fileKey } from './look-at-path.ts';
import { accessProblem, openFile, type OpenedFile } from './open-file.ts';

/** Per source. */
const openFilesMax = 1_024;

export class OpenTails {
  readonly #fence: FileFence;
  readonly #problems: FileProblems;
  readonly #byKey = new Map<string, FileTail>();
  /** Inodes that are to become those of a tail. */
  readonly #moving = new Set<string>();
  #open = 0;

  constructor(fence: FileFence, problems: FileProblems) {
    this.#fence = fence;
    this.#problems = problems;
  }

  [Symbol.iterator](): MapIterator<[string, FileTail]> {
    return this.#byKey.entries();
  }

  values(): MapIterator<FileTail> {
    return this.#byKey.values();
  }

  get(key: string): FileTail | undefined {
    return this.#byKey.get(key);
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Waits for its tail's turn. */
  isMoving(key: string): boolean {
    return this.#moving.has(key);
  }

  get size(): number {
    return this.#byKey.size;
  }

  get openFiles(): number {
    return this.#open;
  }

  get isCrowded(): boolean {
    return this.#byKey.size > openFilesMax;
  }

  /** No descriptor is left, and tails wait for one. */
  get isFull(): boolean {
    return this.#open >= openFilesMax && this.isCrowded;
  }

  async add(key: string, tail: FileTail): Promise<void> {
    this.#byKey.set(key, tail);
    this.#open += 1;
    if (this.#open > openFilesMax) await this.rest(tail, true);
  }

  /** Opens the file of a tail that rests; true when it can be read. */
  async wake(key: string, tail: FileTail): Promise<boolean> {
    if (this.#open >= openFilesMax) return false;
    tail.isDue = false;
    const opened = await openFile(tail.path, this.#fence);
    if (opened.is === 'open' && fileKey(opened) === key) {
      this.#open += 1;
      await tail.wake(opened);
      return true;
    }
    // The next look finds out where the file went.
    if (opened.is === 'open') await opened.bytes.close();
    if (opened.is === 'refused') this.#problems.whileReading(tail.path, opened.reason);
    return false;
  }

  /** Gives the descriptor back; `isDue`: as soon as there is one again it is read. */
  async rest(tail: FileTail, isDue: boolean): Promise<void> {
    if (tail.isOpen) this.#open -= 1;
    await tail.rest(isDue);
  }

  /** Reading failed: the file is opened again after the next look. */
  async failed(tail: FileTail, code: string): Promise<void> {
    this.#problems.whileReading(tail.path, accessProblem(code));
    tail.forgetLook();
    await this.rest(tail, false);
  }

  /** The file holds what the tail's own holds. */
  async willMove(tail: FileTail, file: OpenedFile): Promise<void> {
    await this.#forgetMove(tail);
    tail.movedTo = file;
    this.#moving.add(fileKey(file));
  }

  /** Takes the new inode of a tail whose file was found under another one. */
  async move(key: string, tail: FileTail): Promise<void> {
    const file = tail.movedTo;
    if (!file) return;
    tail.movedTo = undefined;
    this.#moving.delete(fileKey(file));
    // Read further meanwhile: what stands in the new file must still be ours.
    if (this.has(fileKey(file)) || !(await tail.isIntactIn(file.bytes).catch(() => false))) return file.bytes.close();
    if (!tail.isOpen) this.#open += 1;
    this.#byKey.delete(key);
    this.#byKey.set(fileKey(file), tail);
    await tail.wake(file);
  }

  async remove(key: string, tail: FileTail): Promise<void> {
    this.#byKey.delete(key);
    await this.#forgetMove(tail);
    await this.rest(tail, false);
  }

  async #forgetMove(tail: FileTail): Promise<void> {
    const { movedTo } = tail;
    if (!movedTo) return;
    tail.movedTo = undefined;
    this.#moving.delete(fileKey(movedTo));
    await movedTo.bytes.close();
  }
}
