// A file that only takes up room. When the disk is full it is removed, so that freeing and recording still work.
// Promises: after `release` there are up to `bytes` more; `restore` puts it back only when twice that much is free,
// so that the log does not go in and out of being full with every record.
import { join } from 'node:path';
import { errorCode } from '../runtime/errors.ts';
import type { Disk } from './ports.ts';

const chunk = new Uint8Array(1024 * 1024);

export class Reserve {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #bytes: number;
  #isHeld = false;

  constructor(disk: Disk, folder: string, bytes: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#bytes = bytes;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async release(): Promise<void> {
    this.#isHeld = false;
    await this.#disk.remove(this.#path);
  }

  /** False when there is too little room. */
  async restore(): Promise<boolean> {
    if (this.#isHeld) return true;
    const present = (await this.#disk.readFile(this.#path))?.length ?? 0;
    if ((await this.#disk.freeBytes(this.#folder)) < this.#bytes * 2 - present) return false;
    try {
      for (let offset = present; offset < this.#bytes; offset += chunk.length) {
        await this.#disk.writeAt(this.#path, offset, chunk.subarray(0, Math.min(chunk.length, this.#bytes - offset)));
      }
    } catch (error) {
      // Somebody else took the room meanwhile.
      if (errorCode(error) !== 'DISK_FULL') throw error;
      return false;
    }
    this.#isHeld = true;
    return true;
  }

  get #path(): string {
    return join(this.#folder, 'reserve');
  }
}
