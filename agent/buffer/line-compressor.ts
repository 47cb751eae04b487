// zstd with one context for all batches: making one costs a megabyte of memory and its page faults each time.
// Promises: each call gives one whole frame of its own, in the order of the calls; work is done in the thread pool, one
// batch at a time. After an error the next call begins with a new context.
import { createZstdCompress, constants, type ZstdCompress } from 'node:zlib';

/** Most batches come out in one or two pieces: each costs a turn between this thread and the pool. */
const chunkBytes = 512 * 1024;

export class LineCompressor {
  readonly #level: number;
  #stream: ZstdCompress | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** zstd, 1 to 9. */
  constructor(level: number) {
    this.#level = level;
  }

  compress(lines: Uint8Array): Promise<Buffer> {
    const next = this.#last.then(() => this.#frameOf(lines));
    this.#last = next.catch(() => undefined);
    return next;
  }

  #frameOf(lines: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = (this.#stream ??= createZstdCompress({
        chunkSize: chunkBytes,
        params: { [constants.ZSTD_c_compressionLevel]: this.#level },
      }));
      const parts: Buffer[] = [];
      const take = (part: Buffer): void => void parts.push(part);
      const fail = (error: Error): void => {
        this.#stream = undefined;
        reject(error);
      };
      stream.on('data', take).once('error', fail);
      stream.write(lines);
      // Ends the frame, not the stream: the next write begins another frame in the same context.
      stream.flush(constants.ZSTD_e_end, () => {
        stream.off('data', take).off('error', fail);
        const [only = Buffer.alloc(0)] = parts;
        resolve(parts.length > 1 ? Buffer.concat(parts) : only);
      });
    });
  }
}
