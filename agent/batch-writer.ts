// Appends sealed batches to a buffer in the order they were sealed, a few ahead, so that compression runs beside reading.
// Promises: write() resolves once at most `aheadMax` batches are not durable yet; after a failure nothing more is written
// (a later position must not become durable before an earlier one), and end() rejects with that failure.
import type { BatchBuffer, SealedBody } from './ports.ts';

export interface BatchWriterOptions {
  readonly buffer: Pick<BatchBuffer, 'append'>;
  readonly aheadMax: number;
  readonly signal: AbortSignal;
  readonly onFailure: () => void;
  /** Sees each sealing on its way until it is durable or has failed. */
  readonly onWriting?: ((task: Promise<void>) => void) | undefined;
}

export class BatchWriter {
  readonly #options: BatchWriterOptions;
  #waiting: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  async write(sealings: readonly Promise<readonly SealedBody[]>[]): Promise<void> {
    for (const sealing of sealings) {
      const task = this.#last.then(() => this.#append(sealing));
      this.#last = task;
      this.#waiting.push(task);
      this.#options.onWriting?.(task);
      void task.then(() => (this.#waiting = this.#waiting.filter((other) => other !== task)));
    }
    while (this.#waiting.length > this.#options.aheadMax) await this.#waiting[0];
  }

  /** Nothing is being written any more. */
  idle(): Promise<void> {
    return this.#last;
  }

  async end(): Promise<void> {
    await this.idle();
    if (this.#failure) throw this.#failure.error;
  }

  /** Never rejects: the failure is kept for end(). */
  async #append(sealing: Promise<readonly SealedBody[]>): Promise<void> {
    const { buffer, signal, onFailure } = this.#options;
    try {
      const bodies = await sealing;
      for (const body of bodies) if (!this.#failure) await buffer.append(body, signal);
    } catch (error) {
      this.#failure ??= { error };
      onFailure();
    }
  }
}
