// Open key-value folders of a generation log: the one that is written, and at most `readersMax` others for reading.
// LevelDB holds memory and files for each open folder, and maps what is read of them, so their number is what bounds
// memory, whatever the backlog.
// Promises: a folder that cannot be opened is mended if it can be, else moved aside: `undefined`, and the log goes on.
// The caller must not use a folder after it asked for others than it (the oldest reader is closed).
import { AtalaiaError } from '../runtime/errors.ts';
import { folderOf } from './log-state.ts';
import type { Disk } from './ports.ts';
import { sealedFolder, type SealedFolder } from './sealed-folder.ts';
import type { Seal } from './sealing.ts';

const readersMax = 1;

export class KvHandles {
  readonly #disk: Disk;
  readonly #logFolder: string;
  readonly #seal: Seal;
  /** In order of last use. */
  #readers = new Map<number, SealedFolder>();

  constructor(disk: Disk, logFolder: string, seal: Seal) {
    this.#disk = disk;
    this.#logFolder = logFolder;
    this.#seal = seal;
  }

  /** For writing; the caller closes it or hands it over with `keep`. */
  openForWriting(id: number): Promise<SealedFolder | undefined> {
    return this.#openOrMend(id);
  }

  async forReading(id: number): Promise<SealedFolder | undefined> {
    const known = this.#readers.get(id);
    const kv = known ?? (await this.#openOrMend(id));
    if (kv) await this.keep(id, kv);
    return kv;
  }

  /** Holds a folder open for reading. */
  async keep(id: number, kv: SealedFolder): Promise<void> {
    this.#readers.delete(id);
    this.#readers.set(id, kv);
    for (const oldest of this.#readers.keys()) {
      if (this.#readers.size <= readersMax) return;
      await this.#close(oldest);
    }
  }

  /** Destroys a generation whole, whatever its state. */
  async destroy(id: number): Promise<void> {
    await this.#close(id);
    await this.#disk.destroyKv(folderOf(this.#logFolder, id));
  }

  async quarantine(id: number): Promise<void> {
    await this.#close(id);
    await this.#disk.quarantine(folderOf(this.#logFolder, id));
  }

  async closeAll(): Promise<void> {
    for (const id of this.#readers.keys()) await this.#close(id);
  }

  async #close(id: number): Promise<void> {
    const kv = this.#readers.get(id);
    this.#readers.delete(id);
    await kv?.close();
  }

  async #openOrMend(id: number): Promise<SealedFolder | undefined> {
    const folder = folderOf(this.#logFolder, id);
    try {
      return await this.#open(folder, id);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    try {
      await this.#disk.repairKv(folder);
      return await this.#open(folder, id);
    } catch (error) {
      if (error instanceof AtalaiaError && (error.code === 'LOCKED' || error.code === 'DISK_FULL')) throw error;
    }
    await this.#disk.quarantine(folder);
    return undefined;
  }

  async #open(folder: string, id: number): Promise<SealedFolder> {
    return sealedFolder(await this.#disk.openKv(folder), this.#seal, id);
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof AtalaiaError && error.code === 'DAMAGED';
}
