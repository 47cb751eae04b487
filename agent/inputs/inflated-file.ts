// The content of a compressed log as bytes that can be followed, inflated as it is read: gzip and zstd.
// Promises: memory is what one read asks for, a chunk, and the inflater's window (zstd: at most 8 MiB); reading forward
// inflates once, going back begins anew. A file that grows beyond all measure when inflated (a bomb), or that ends early or
// is damaged, ends there: what came before is given, and `problem` says why and what to do.
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { errorCode } from '../../proto/runtime/errors.ts';
import { bufferBytesMax } from './line-buffers.ts';
import type { FileLook, FollowedBytes } from './followed-bytes.ts';

export type Compression = 'gzip' | 'zstd';

export const inflateLimits = {
  /** Inflated by one reader in all, going back included. */
  bytesMax: 64 * 1024 ** 3,
  /** Logs seldom shrink to a fiftieth; a bomb grows a thousandfold. */
  growthMax: 500,
  growthFreeBytes: 64 * 1024 ** 2,
} as const;

const chunkBytes = 64 * 1024;
const zstdWindowLogMax = 23;

export class InflatedFile implements FollowedBytes {
  readonly #handle: FileHandle;
  readonly #compression: Compression;
  readonly #limits: typeof inflateLimits;
  readonly #changedMs: number;
  #chunks: AsyncIterator<Buffer> | undefined;
  #kept: Buffer[] = [];
  #keptFrom = 0;
  #keptTo = 0;
  #compressedRead = 0;
  #inflated = 0;
  #isEnded = false;
  /** Never asked for its look in a hurry. */
  readonly isLocal = false;
  problem = '';

  constructor(
    handle: FileHandle,
    told: { readonly compression: Compression; readonly changedMs: number; readonly limits?: typeof inflateLimits },
  ) {
    this.#handle = handle;
    this.#compression = told.compression;
    this.#changedMs = told.changedMs;
    this.#limits = told.limits ?? inflateLimits;
  }

  /** Until the end is found the size is a guess that leaves room for one long line. */
  look(): FileLook {
    return { size: this.#isEnded ? this.#keptTo : this.#keptTo + bufferBytesMax, changedMs: this.#isEnded ? this.#changedMs : -1 };
  }

  async read(into: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    if (position < this.#keptFrom) await this.#beginAnew();
    while (this.#keptTo < position + length && !this.#isEnded) {
      await this.#inflateMore();
      this.#forgetBefore(position);
    }
    this.#forgetBefore(position);
    let bytesRead = 0;
    let chunkFrom = this.#keptFrom;
    for (const chunk of this.#kept) {
      const from = Math.max(0, position + bytesRead - chunkFrom);
      if (from < chunk.length) bytesRead += chunk.copy(into, at + bytesRead, from, from + length - bytesRead);
      chunkFrom += chunk.length;
      if (bytesRead === length) break;
    }
    return { bytesRead };
  }

  async length(): Promise<number> {
    while (!this.#isEnded) {
      this.#forgetBefore(this.#keptTo);
      await this.#inflateMore();
    }
    return this.#keptTo;
  }

  async close(): Promise<void> {
    await this.#chunks?.return?.();
    this.#chunks = undefined;
    await this.#handle.close().catch(() => undefined);
  }

  async #inflateMore(): Promise<void> {
    this.#chunks ??= this.#open();
    try {
      const { value, done } = await this.#chunks.next();
      if (done) this.#isEnded = true;
      else this.#keep(value);
    } catch (error) {
      this.#end(
        `ends early or is damaged (${errorCode(error) ?? String(error)}); what could be inflated was read; repair it or exclude it`,
      );
    }
  }

  #keep(chunk: Buffer): void {
    this.#kept.push(chunk);
    this.#keptTo += chunk.length;
    this.#inflated += chunk.length;
    const { bytesMax, growthMax, growthFreeBytes } = this.#limits;
    const isBomb = this.#keptTo > growthFreeBytes && this.#keptTo > this.#compressedRead * growthMax;
    if (isBomb) this.#end(`grows more than ${growthMax}-fold when inflated and was left there; inflate it by hand if it is a log`);
    else if (this.#inflated > bytesMax) this.#end(`takes more than ${bytesMax} bytes to inflate and was left there; inflate it by hand`);
  }

  #end(problem: string): void {
    this.problem = problem;
    this.#isEnded = true;
  }

  #forgetBefore(position: number): void {
    for (let first = this.#kept[0]; first && this.#keptFrom + first.length <= position; first = this.#kept[0]) {
      this.#keptFrom += first.length;
      this.#kept.shift();
    }
  }

  async #beginAnew(): Promise<void> {
    await this.#chunks?.return?.();
    this.#chunks = undefined;
    this.#kept = [];
    this.#keptFrom = this.#keptTo = this.#compressedRead = 0;
    this.#isEnded = false;
    this.problem = '';
  }

  #open(): AsyncIterator<Buffer> {
    const inflate =
      this.#compression === 'gzip'
        ? createGunzip({ chunkSize: chunkBytes })
        : createZstdDecompress({ chunkSize: chunkBytes, params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLogMax } });
    const source = Readable.from(this.#compressed(), { objectMode: true, highWaterMark: 1 });
    source.on('error', (error) => inflate.destroy(error));
    inflate.on('close', () => source.destroy());
    source.pipe(inflate);
    return inflate[Symbol.asyncIterator]();
  }

  async *#compressed(): AsyncGenerator<Buffer> {
    for (let at = 0; ;) {
      const bytes = Buffer.allocUnsafe(chunkBytes);
      const { bytesRead } = await this.#handle.read(bytes, 0, chunkBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      this.#compressedRead = at;
      yield bytes.subarray(0, bytesRead);
    }
  }
}

/** What a whole gzip file says it holds, modulo 2³²: its last four bytes. Several members in one file say less. */
export async function claimedLength(handle: FileHandle, size: number): Promise<number | undefined> {
  if (size < 18) return undefined;
  const trailer = Buffer.alloc(4);
  const { bytesRead } = await handle.read(trailer, 0, 4, size - 4);
  return bytesRead === 4 ? trailer.readUInt32LE(0) : undefined;
}
