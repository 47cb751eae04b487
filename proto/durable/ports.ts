// What durable storage needs of a disk. The real one is LevelDB and node:fs; the simulation's forgets what was not
// synced, tears writes, fills up and loses bytes.

export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** One ordered key-value folder (a LevelDB database). Keys compare as unsigned bytes. */
export interface KvFolder {
  /** All or nothing; durable when it resolves if `sync`. Rejects with code DISK_FULL when there is no room. */
  write(puts: readonly KeyValue[], options: { readonly sync: boolean }): Promise<void>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** In key order, from `gte` up to but without `lt`; at most `limit` pairs. */
  range(bounds: {
    readonly gte: Uint8Array;
    readonly lt: Uint8Array;
    readonly limit: number;
    readonly reverse?: boolean;
  }): Promise<KeyValue[]>;
  close(): Promise<void>;
}

export interface Disk {
  /** Opens or makes the folder. Rejects with DAMAGED when it cannot be opened, LOCKED when another process has it. */
  openKv(folder: string): Promise<KvFolder>;
  /** Tries to mend what openKv called damaged. Rows may be missing afterwards. */
  repairKv(folder: string): Promise<void>;
  /** Removes the folder whole, whatever its state. */
  destroyKv(folder: string): Promise<void>;
  /** Moves a folder aside so that nothing reads it again and a person can look at it. */
  quarantine(folder: string): Promise<string>;
  /** Names directly below `folder`; an absent folder has none. */
  list(folder: string): Promise<string[]>;
  /** Whole content or undefined. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Writes in place at `offset` and syncs (fdatasync). Makes the file and its folders. */
  writeAt(path: string, offset: number, bytes: Uint8Array): Promise<void>;
  /** Replaces the file whole: temporary name, sync, rename, sync of the folder. */
  replaceFile(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** Bytes below `folder`. */
  sizeOf(folder: string): Promise<number>;
  freeBytes(folder: string): Promise<number>;
}
