// A Disk in memory that misbehaves on command: for tests and the simulation, so that the real modules run on it.
// Promises: nothing synced is lost by `crash`; of what was not synced a random part survives, each key-value write whole
// or not at all, a write in place torn at any byte. `capacityBytes` fills it up; a write refused for want of room may
// have arrived all the same. `damage` loses or changes what was safe. Handles from before a crash are dead.
// What a real disk or LevelDB does worse than this is found by the crash test, not here.
import { AtalaiaError } from '../runtime/errors.ts';
import type { Random } from '../runtime/clock.ts';
import { FaultyFolder } from './faulty-folder.ts';
import type { Disk, KvFolder } from './ports.ts';

export type Damage = 'lose-key' | 'change-value' | 'lose-tail' | 'unreadable-key' | 'unopenable' | 'change-file';

/** Everything durable at one moment: what a virtual machine's snapshot or a clone holds. */
export interface DiskImage {
  readonly folders: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface FaultyDisk extends Disk {
  /** The disk as one process sees it: after a crash all of it rejects with CRASHED, so that the dead stay dead. */
  attach(): Disk;
  /** Power is lost: see above. Operations under way reject with CRASHED. */
  crash(): void;
  /** Damages something below `folder`; false when there was nothing of that kind. */
  damage(kind: Damage, folder?: string): boolean;
  capacityBytes: number;
  /** Of the next operations that write `after` succeed, then `count` reject with DISK_FAILED; each may have arrived. */
  failWrites(count: number, after?: number): void;
  usedBytes(): number;
  image(): DiskImage;
  /** Rolls back to (or clones) an image. As after a crash, handles are dead. */
  restore(image: DiskImage): void;
}

export function faultyDisk(random: Random, { capacityBytes = Infinity }: { readonly capacityBytes?: number } = {}): FaultyDisk {
  return new MemoryDisk(random, capacityBytes);
}

class MemoryDisk implements FaultyDisk {
  capacityBytes: number;
  readonly #random: Random;
  #folders = new Map<string, FaultyFolder>();
  #files = new Map<string, Uint8Array>();
  /** In-place writes that are not synced yet, by path. */
  #unsynced = new Map<string, { offset: number; bytes: Uint8Array }>();
  #life = 0;
  #failures = 0;
  #successes = 0;

  constructor(random: Random, capacityBytes: number) {
    this.#random = random;
    this.capacityBytes = capacityBytes;
  }

  async openKv(path: string): Promise<KvFolder> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    const folder = this.#folders.get(path) ?? new FaultyFolder();
    this.#folders.set(path, folder);
    if (folder.isOpen) throw new AtalaiaError('LOCKED', `${path} is open already`);
    if (folder.isUnopenable) throw new AtalaiaError('DAMAGED', `${path} is damaged`);
    folder.isOpen = true;
    return this.#handle(folder);
  }

  async repairKv(path: string): Promise<void> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    const folder = this.#folders.get(path);
    if (!folder?.isUnopenable) return;
    if (this.#random.unit() < 0.5) throw new AtalaiaError('DAMAGED', `${path} cannot be repaired`);
    folder.isUnopenable = false;
    if (this.#random.unit() < 0.5) folder.loseKey(this.#random);
  }

  async destroyKv(path: string): Promise<void> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    this.#folders.delete(path);
  }

  async quarantine(path: string): Promise<string> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    const folder = this.#folders.get(path);
    let aside = `${path}.quarantine-1`;
    for (let attempt = 2; this.#folders.has(aside); attempt++) aside = `${path}.quarantine-${attempt}`;
    this.#folders.delete(path);
    if (folder) this.#folders.set(aside, folder);
    return aside;
  }

  async list(path: string): Promise<string[]> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    const below = [...this.#folders.keys(), ...this.#files.keys()].filter((name) => name.startsWith(`${path}/`));
    return [...new Set(below.map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))];
  }

  async readFile(path: string): Promise<Uint8Array | undefined> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    const bytes = this.#files.get(path);
    return bytes && new Uint8Array(bytes);
  }

  async writeAt(path: string, offset: number, bytes: Uint8Array): Promise<void> {
    const copy = new Uint8Array(bytes);
    const alive = this.#living();
    const grown = Math.max(0, offset + copy.length - (this.#files.get(path)?.length ?? 0));
    this.#unsynced.set(path, { offset, bytes: copy });
    try {
      await this.#admit(grown, () => this.#place(path, offset, copy));
      alive();
      this.#place(path, offset, copy);
    } finally {
      this.#unsynced.delete(path);
    }
  }

  async replaceFile(path: string, bytes: Uint8Array): Promise<void> {
    const copy = new Uint8Array(bytes);
    const alive = this.#living();
    await this.#admit(copy.length, () => this.#files.set(path, copy));
    alive();
    this.#files.set(path, copy);
  }

  async remove(path: string): Promise<void> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    this.#files.delete(path);
  }

  async sizeOf(path: string): Promise<number> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    return this.#bytesBelow(path);
  }

  async freeBytes(): Promise<number> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    return Math.max(0, this.capacityBytes - this.usedBytes());
  }

  attach(): Disk {
    const life = this.#life;
    const living = <T>(work: () => Promise<T>): Promise<T> =>
      life === this.#life ? work() : Promise.reject(new AtalaiaError('CRASHED', 'the power was lost'));
    return {
      openKv: (path) => living(() => this.openKv(path)),
      repairKv: (path) => living(() => this.repairKv(path)),
      destroyKv: (path) => living(() => this.destroyKv(path)),
      quarantine: (path) => living(() => this.quarantine(path)),
      list: (path) => living(() => this.list(path)),
      readFile: (path) => living(() => this.readFile(path)),
      writeAt: (path, offset, bytes) => living(() => this.writeAt(path, offset, bytes)),
      replaceFile: (path, bytes) => living(() => this.replaceFile(path, bytes)),
      remove: (path) => living(() => this.remove(path)),
      sizeOf: (path) => living(() => this.sizeOf(path)),
      freeBytes: () => living(() => this.freeBytes()),
    };
  }

  crash(): void {
    this.#life += 1;
    for (const folder of this.#folders.values()) folder.crash(this.#random);
    for (const [path, { offset, bytes }] of this.#unsynced) {
      this.#place(path, offset, bytes.subarray(0, Math.floor(this.#random.unit() * (bytes.length + 1))));
    }
    this.#unsynced.clear();
  }

  damage(kind: Damage, below = ''): boolean {
    if (kind === 'change-file') return this.#changeFile(below);
    const folders = [...this.#folders].filter(([path, folder]) => path.startsWith(below) && folder.durable.size > 0);
    const folder = pick(folders, this.#random)?.[1];
    if (!folder) return false;
    if (kind === 'lose-key') folder.loseKey(this.#random);
    else if (kind === 'change-value') folder.changeValue(this.#random);
    else if (kind === 'lose-tail') folder.loseTail(this.#random);
    else if (kind === 'unreadable-key') folder.spoilKey(this.#random);
    else folder.isUnopenable = true;
    return true;
  }

  failWrites(count: number, after = 0): void {
    this.#failures = count;
    this.#successes = after;
  }

  usedBytes(): number {
    return this.#bytesBelow('');
  }

  image(): DiskImage {
    const folders = [...this.#folders].map(([path, { durable }]): [string, Map<string, Uint8Array>] => [path, new Map(durable)]);
    return { folders: new Map(folders), files: new Map([...this.#files].map(([path, bytes]) => [path, new Uint8Array(bytes)])) };
  }

  restore(image: DiskImage): void {
    this.#life += 1;
    this.#unsynced.clear();
    this.#folders = new Map([...image.folders].map(([path, durable]) => [path, new FaultyFolder(new Map(durable))]));
    this.#files = new Map([...image.files].map(([path, bytes]) => [path, new Uint8Array(bytes)]));
  }

  #handle(folder: FaultyFolder): KvFolder {
    const life = this.#life;
    const alive = (): void => {
      if (life !== this.#life) throw new AtalaiaError('CRASHED', 'the power was lost');
      if (!folder.isOpen) throw new AtalaiaError('DISK_FAILED', 'the folder is closed');
    };
    return {
      write: async (puts, { sync }) => {
        alive();
        const copies = puts.map(({ key, value }) => ({ key: new Uint8Array(key), value: new Uint8Array(value) }));
        const size = copies.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
        const pending = folder.hold(copies);
        await this.#admit(
          size,
          () => folder.settle(pending),
          () => folder.drop(pending),
        );
        alive();
        if (sync) folder.settle(pending);
      },
      get: async (key) => {
        alive();
        await Promise.resolve();
        alive();
        return folder.get(key);
      },
      range: async (bounds) => {
        alive();
        await Promise.resolve();
        alive();
        return folder.range(bounds);
      },
      close: async () => {
        await Promise.resolve();
        if (life === this.#life) folder.isOpen = false;
      },
    };
  }

  /** Checked in the same turn as the effect: between the two a crash may come. */
  #living(): () => void {
    const life = this.#life;
    return () => {
      if (life !== this.#life) throw new AtalaiaError('CRASHED', 'the power was lost');
    };
  }

  async #admit(size: number, arrive: () => void, refuse: () => void = () => undefined): Promise<void> {
    const alive = this.#living();
    await Promise.resolve();
    alive();
    // Adding up is dear, and most disks here have no end.
    const isFull = size > 0 && this.capacityBytes < Infinity && this.usedBytes() + size > this.capacityBytes;
    if (!isFull && (this.#failures === 0 || this.#successes-- > 0)) return;
    if (!isFull) this.#failures -= 1;
    if (!isFull && this.#random.unit() < 0.5) arrive();
    else refuse();
    throw new AtalaiaError(isFull ? 'DISK_FULL' : 'DISK_FAILED', isFull ? 'the disk is full' : 'the write failed', { isRetryable: true });
  }

  #place(path: string, offset: number, bytes: Uint8Array): void {
    const before = this.#files.get(path) ?? new Uint8Array(0);
    if (offset + bytes.length <= before.length) {
      before.set(bytes, offset);
      return;
    }
    const after = new Uint8Array(Math.max(before.length, offset + bytes.length));
    after.set(before);
    after.set(bytes, offset);
    this.#files.set(path, after);
  }

  #changeFile(below: string): boolean {
    const files = [...this.#files].filter(([path, bytes]) => path.startsWith(below) && bytes.length > 0);
    const bytes = pick(files, this.#random)?.[1];
    const used = bytes?.findLastIndex((byte) => byte !== 0) ?? -1;
    if (!bytes || used < 0) return false;
    const at = Math.floor(this.#random.unit() * (used + 1));
    bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(this.#random.unit() * 255));
    return true;
  }

  #bytesBelow(path: string): number {
    let bytes = 0;
    for (const [name, folder] of this.#folders) if (name.startsWith(path)) bytes += folder.byteLength;
    for (const [name, content] of this.#files) if (name.startsWith(path)) bytes += content.length;
    return bytes;
  }
}

function pick<T>(things: readonly T[], random: Random): T | undefined {
  return things[Math.floor(random.unit() * things.length)];
}
