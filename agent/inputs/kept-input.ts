// An input that outlives the policy under which it began: an unchanged source goes on reading while one policy takes the
// place of another, so that no listener closes, no connection breaks and no rotated file is let go.
// Promises: what it has pulled and nobody took stays for the next reader; a reader that was not handed over begins anew (a
// source that can be read again from the buffer's positions, a listener goes on under new stream names, because a damaged
// buffer may have forgotten its counters); close() makes the reader hand out what was received and end.
import type { Input, LineBlock, SourceStatus, StreamPosition } from '../ports.ts';

type Pulled = { readonly ok: true; readonly result: IteratorResult<LineBlock, unknown> } | { readonly ok: false; readonly error: unknown };

export class KeptInput implements Input {
  readonly #input: Input;
  readonly #isLive: boolean;
  #stop = new AbortController();
  #blocks: AsyncIterator<LineBlock> | undefined;
  #pulling: Promise<void> | undefined;
  /** Of nobody yet. */
  #pulled: Pulled | undefined;
  #isHandedOver = false;
  #isClosing = false;

  /** `isLive`: it has nothing to read again. */
  constructor(input: Input, isLive: boolean) {
    this.#input = input;
    this.#isLive = isLive;
  }

  /** The next reader takes up where the last one left. */
  handOver(): void {
    this.#isHandedOver = true;
  }

  /** The reader that stops next is the last one. */
  close(): void {
    this.#isClosing = true;
    this.#stop.abort();
  }

  /** After its last reader: gives back what it holds, also when that one ended early. */
  async end(): Promise<void> {
    this.close();
    await this.#pulling;
    await this.#blocks?.return?.();
  }

  status(): SourceStatus {
    return this.#input.status();
  }

  async *read(resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    const isNext = this.#blocks !== undefined && this.#isHandedOver;
    this.#isHandedOver = false;
    if (!isNext) await this.#beginAnew();
    this.#blocks ??= this.#input.read(resume, this.#stop.signal)[Symbol.asyncIterator]();
    const halt = { wake: (): void => undefined };
    const onAbort = (): void => halt.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        await this.#pull(this.#blocks, halt, signal);
        const pulled = this.#pulled;
        // One that closes hands out what was received.
        if (!pulled && this.#isClosing) continue;
        if (!pulled) return;
        this.#pulled = undefined;
        if (!pulled.ok) throw pulled.error;
        if (pulled.result.done === true) return;
        yield pulled.result.value;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Resolves with something pulled, or without when the signal aborts first. */
  async #pull(blocks: AsyncIterator<LineBlock>, halt: { wake: () => void }, signal: AbortSignal): Promise<void> {
    if (this.#pulled) return;
    this.#pulling ??= blocks.next().then(
      (result) => this.#arrived({ ok: true, result }),
      (error: unknown) => this.#arrived({ ok: false, error }),
    );
    const pulling = this.#pulling;
    // Not a race with the signal: it would hold every block until it aborts.
    await new Promise<void>((resolve) => {
      halt.wake = resolve;
      if (signal.aborted && !this.#isClosing) resolve();
      void pulling.then(resolve);
    });
  }

  #arrived(pulled: Pulled): void {
    this.#pulling = undefined;
    this.#pulled = pulled;
  }

  async #beginAnew(): Promise<void> {
    if (!this.#blocks) return;
    if (this.#isLive) {
      this.#input.renew?.();
      return;
    }
    this.#stop.abort();
    // What it holds is read again from the buffer's positions.
    await this.#pulling;
    await this.#blocks.return?.();
    this.#pulled = undefined;
    this.#blocks = undefined;
    this.#stop = new AbortController();
    if (this.#isClosing) this.#stop.abort();
  }
}
