// A small file system of its own in memory, to be filled to its last byte: what a full disk does to programs can only be
// seen on one. Mounting needs root and a kernel that allows it; where not, `openSmallDisk` says what to do.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../proto/runtime/errors.ts';

export const smallDiskRemedy = 'run it as root where mounting is allowed (in a container: with the capability SYS_ADMIN)';

export type SmallDiskOpened = { readonly ok: true; readonly disk: SmallDisk } | { readonly ok: false; readonly reason: string };

/** Mounts on `folder`, which is made. `size` as tmpfs takes it: 64m. */
export function openSmallDisk(folder: string, size: string): SmallDiskOpened {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'atalaia-small', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    return { ok: true, disk: new SmallDisk(folder) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error) };
  }
}

export class SmallDisk {
  readonly #folder: string;
  readonly #ballast: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#ballast = join(folder, 'ballast');
  }

  /** Takes every byte that is free; again, what became free since. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (const bytes of [1_048_576, 65_536, 4_096]) while (takes(file, bytes));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  close(): void {
    execFileSync('umount', [this.#folder]);
  }
}

function takes(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes, 1)) === bytes;
  } catch (error) {
    if (errorCode(error) === 'ENOSPC') return false;
    throw error;
  }
}
