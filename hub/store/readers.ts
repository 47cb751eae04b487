// Searches on the engine's reader connections. Promises: each has its turn (turns.ts) and gives way to intake; an aborted
// search is cancelled in the engine, and if it does not stop the engine is ended.
import type { Clock } from '../../proto/runtime/clock.ts';
import type { Engine, EngineAnswer } from './engine/engine.ts';
import type { GivingWay } from './giving-way.ts';
import { Turns } from './turns.ts';

export interface ReadersOptions {
  readonly clock: Clock;
  readonly givingWay: GivingWay;
  /** Connections for everybody; the engine has one more, for brief looks. */
  readonly count: number;
  readonly timeoutMs: number;
}

export interface Asked {
  readonly statement: string;
  /** It reads little: single events, the last minutes. */
  readonly isBrief: boolean;
}

const cancelMsMax = 5_000;

export class Readers {
  readonly #engine: Engine;
  readonly #options: ReadersOptions;
  readonly #turns: Turns;

  constructor(engine: Engine, options: ReadersOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#turns = new Turns(options.count, options.clock);
  }

  async run({ statement, isBrief }: Asked, signal: AbortSignal): Promise<EngineAnswer> {
    const reader = await this.#turns.take(isBrief, signal);
    const end = this.#options.givingWay.begin();
    const statementRun = this.#engine.begin(reader, statement, this.#options.timeoutMs);
    // The caller leaves at once when it aborts; the connection is free only when the engine is done with it.
    const whenDone = (): void => {
      end();
      this.#turns.give(reader);
    };
    void statementRun.answer.then(
      () => whenDone(),
      () => whenDone(),
    );
    return withAbort(statementRun.answer, signal, () => {
      statementRun.cancel();
      void this.#endUnlessDone(statementRun.answer);
    });
  }

  async #endUnlessDone(answer: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const settled = answer.then(
      () => done.abort(),
      () => done.abort(),
    );
    await this.#options.clock.sleep(cancelMsMax, done.signal).then(
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
