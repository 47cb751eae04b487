// zstd with one context for all batches: making one costs a megabyte of memory and its page faults each time.
// Promises: each call gives one whole frame of its own, in the order of the calls; work is done in the thread pool, one
// batch at a time. After an error the next call begins with a new context.
// What zstd writes into is given back when it is full, for the collector finds it late: half a megabyte every other batch.
import { createZstdCompress, constants, type ZstdCompress } from 'node:zlib';
import { giveBack } from '../../proto/runtime/give-back.ts';

/** Most batches come out in one or two pieces: each costs a turn between this thread and the pool. */
const chunkBytes = 512 * 1024;

export class LineCompressor {
  readonly #level: number;
  #stream: ZstdCompress | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** The last piece: the stream goes on behind it, until it is seen to have gone on elsewhere. */
  #written: Buffer | undefined;

  /** zstd, 1 to 9. */
  constructor(level: number) {
    this.#level = level;
  }

  /** What `use` makes of the frame, whose memory is gone when it returns. */
  compress<T>(lines: Uint8Array, use: (frame: Buffer) => T): Promise<T> {
    const next = this.#last.then(() => this.#frameOf(lines, use));
    this.#last = next.catch(() => undefined);
    return next;
  }

  #frameOf<T>(lines: Uint8Array, use: (frame: Buffer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const stream = (this.#stream ??= createZstdCompress({
        chunkSize: chunkBytes,
        params: { [constants.ZSTD_c_compressionLevel]: this.#level },
      }));
      const parts: Buffer[] = [];
      const take = (part: Buffer): void => void parts.push(part);
      const fail = (error: Error): void => {
        this.#stream = undefined;
        this.#written = undefined;
        reject(error);
      };
      stream.on('data', take).once('error', fail);
      stream.write(lines);
      // Ends the frame, not the stream: the next write begins another frame in the same context.
      stream.flush(constants.ZSTD_e_end, () => {
        stream.off('data', take).off('error', fail);
        resolve(this.#used(parts, use));
      });
    });
  }

  #used<T>(parts: readonly Buffer[], use: (frame: Buffer) => T): T {
    const joined = inOne(parts) ?? Buffer.concat(parts);
    const used = use(joined);
    const written = parts.at(-1) ?? this.#written;
    for (const left of [this.#written, ...parts, joined]) if (left && left.buffer !== written?.buffer) giveBack(left);
    this.#written = written;
    return used;
  }
}

/** Pieces that lie behind each other in the same memory, as they mostly do. */
function inOne(parts: readonly Buffer[]): Buffer | undefined {
  const [first] = parts;
  if (!first) return undefined;
  let length = 0;
  for (const part of parts) {
    if (part.buffer !== first.buffer || part.byteOffset !== first.byteOffset + length) return undefined;
    length += part.length;
  }
  return Buffer.from(first.buffer, first.byteOffset, length);
}
