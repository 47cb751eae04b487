// What a tail reads from: a file as it is, or (inflated-file.ts) what a compressed one holds.
// Network file systems are asked without blocking: a server that does not answer holds up its own source, not the agent.
import { fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

export interface ReadableBytes {
  /** Up to `length` bytes at `position`, as FileHandle.read gives them. */
  read(into: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

export interface FileLook {
  readonly size: number;
  readonly changedMs: number;
  /** No name leads to it any more. */
  readonly isUnlinked?: boolean;
}

export interface FollowedBytes extends ReadableBytes {
  look(): FileLook | Promise<FileLook>;
  /** How many bytes there are now; a compressed file is inflated for it. */
  length(): Promise<number>;
  close(): Promise<void>;
  /** On a disk of this machine: asking for it does not wait for a network. */
  readonly isLocal: boolean;
  /** Why what stands behind the last byte read cannot be read; empty while nothing is wrong. */
  readonly problem: string;
}

export class PlainFile implements FollowedBytes {
  readonly #handle: FileHandle;
  readonly isLocal: boolean;
  readonly problem = '';

  constructor(handle: FileHandle, isLocal: boolean) {
    this.#handle = handle;
    this.isLocal = isLocal;
  }

  read(into: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    return this.#handle.read(into, at, length, position);
  }

  look(): FileLook | Promise<FileLook> {
    if (!this.isLocal) return this.#handle.stat().then(lookOf);
    // A microsecond on a local disk, where going through the thread pool takes thirty.
    return lookOf(fstatSync(this.#handle.fd));
  }

  async length(): Promise<number> {
    return (await this.look()).size;
  }

  /** What cannot be closed properly any more (a stale handle) is gone all the same. */
  close(): Promise<void> {
    return this.#handle.close().catch(() => undefined);
  }
}

function lookOf({ size, mtimeMs, nlink }: { readonly size: number; readonly mtimeMs: number; readonly nlink: number }): FileLook {
  return { size, changedMs: mtimeMs, isUnlinked: nlink === 0 };
}
