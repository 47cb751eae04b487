// Searches take turns on a few reader connections. Promises: at most one search a connection; those beyond wait in order,
// and beyond a limit are refused; an aborted search is cancelled in the engine, and if it does not stop the engine is ended.
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import type { Engine, EngineAnswer } from './engine/engine.ts';

const waitingMax = 64;
const cancelMsMax = 5_000;

export class Readers {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #free: number[];
  readonly #waiting: (() => void)[] = [];

  constructor(engine: Engine, options: { readonly clock: Clock; readonly count: number; readonly timeoutMs: number }) {
    this.#engine = engine;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#free = Array.from({ length: options.count }, (_, reader) => reader);
  }

  async run(statement: string, signal: AbortSignal): Promise<EngineAnswer> {
    const reader = await this.#take(signal);
    const statementRun = this.#engine.begin(reader, statement, this.#timeoutMs);
    // The caller leaves at once when it aborts; the connection is free only when the engine is done with it.
    void statementRun.answer.then(
      () => this.#give(reader),
      () => this.#give(reader),
    );
    return withAbort(statementRun.answer, signal, () => {
      statementRun.cancel();
      void this.#endUnlessDone(statementRun.answer);
    });
  }

  async #take(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    while (this.#free.length === 0) {
      if (this.#waiting.length >= waitingMax) {
        throw new AtalaiaError('SEARCH_BUSY', `${waitingMax} searches wait already; try again in a moment`, { isRetryable: true });
      }
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn.resolve);
      await withAbort(turn.promise, signal, () => this.#leave(turn.resolve));
    }
    return this.#free.pop() ?? 0;
  }

  #leave(resolve: () => void): void {
    const at = this.#waiting.indexOf(resolve);
    if (at >= 0) this.#waiting.splice(at, 1);
    else this.#waiting.shift()?.();
  }

  #give(reader: number): void {
    this.#free.push(reader);
    this.#waiting.shift()?.();
  }

  async #endUnlessDone(answer: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const settled = answer.then(
      () => done.abort(),
      () => done.abort(),
    );
    await this.#clock.sleep(cancelMsMax, done.signal).then(
      () => this.#engine.end('a cancelled search did not stop'),
      () => settled,
    );
  }
}

async function withAbort<T>(work: Promise<T>, signal: AbortSignal, onAbort: () => void): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const listener = () => {
    onAbort();
    aborted.reject(signal.reason);
  };
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', listener);
  }
}
