// What is known of the compressed files that globs name, so that each is read once, and not while it is still written.
// Promises: a file that was dealt with is not opened again before it changes; what is no longer there is forgotten.
import { stat } from 'node:fs/promises';
import type { FileLook } from './followed-bytes.ts';

/** Looks without a change after which a compressed file is taken for finished; more while what it was made of is there. */
const settledLooks = 3;
const settledLooksBesidePlain = 20;

interface Known {
  readonly look: FileLook;
  readonly looks: number;
  /** It was there when the source was first looked at. */
  readonly isOld: boolean;
  readonly isDone: boolean;
  readonly problem: string;
}

export type CompressedState = 'unknown' | 'unsettled' | 'settled' | 'done';

export class CompressedFiles {
  #byKey = new Map<string, Known>();
  #seen = new Set<string>();

  /** Call once per file and look. */
  async see(key: string, path: string, look: FileLook): Promise<CompressedState> {
    const known = this.#byKey.get(key);
    if (!known) return 'unknown';
    this.#seen.add(key);
    const isSame = known.look.size === look.size && known.look.changedMs === look.changedMs;
    if (isSame && known.isDone) return 'done';
    const looks = isSame ? known.looks + 1 : 0;
    this.#byKey.set(key, { ...known, look, looks, isDone: false, problem: '' });
    const isSettled = looks >= settledLooksBesidePlain || (looks >= settledLooks && !(await isBeingWritten(path)));
    return isSettled ? 'settled' : 'unsettled';
  }

  add(key: string, look: FileLook, isOld: boolean): void {
    this.#seen.add(key);
    this.#byKey.set(key, { look, looks: 0, isOld, isDone: false, problem: '' });
  }

  isOld(key: string): boolean {
    return this.#byKey.get(key)?.isOld ?? false;
  }

  /** False when no glob names it: then nobody asks for its problem. */
  done(key: string, problem: string): boolean {
    const known = this.#byKey.get(key);
    if (known) this.#byKey.set(key, { ...known, isDone: true, problem });
    return known !== undefined;
  }

  problemOf(key: string): string {
    return this.#byKey.get(key)?.problem ?? '';
  }

  /** After a whole look. */
  forgetUnseen(): void {
    for (const key of this.#byKey.keys()) if (!this.#seen.has(key)) this.#byKey.delete(key);
    this.#seen = new Set();
  }
}

/** gzip and zstd remove the file that they compressed when they are done. */
async function isBeingWritten(path: string): Promise<boolean> {
  const plain = path.replace(/\.(?:gz|zst)$/, '');
  return (
    plain !== path &&
    (await stat(plain).then(
      () => true,
      () => false,
    ))
  );
}
