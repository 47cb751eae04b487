// Who may use which connection, and in which order. One connection is kept for brief looks (the last minutes, single
// events), so that somebody who looks at what happens now does not wait for those who search a year.
// Promises: one at a time on a connection; those who wait are served in order of coming, as far as what is free suits
// them; beyond the limits of number and time they are refused with a word of why; who leaves loses its turn to the next.
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import type { Clock } from '../../proto/runtime/clock.ts';

export const turnLimits = { waitingMax: 64, waitMsMax: 30_000 } as const;

interface Waiting {
  readonly isBrief: boolean;
  readonly resolve: (connection: number) => void;
}

export class Turns {
  readonly #clock: Clock;
  readonly #count: number;
  readonly #free: number[];
  readonly #waiting: Waiting[] = [];

  /** Connections 0 to `count` − 1 are for everybody, number `count` for brief looks. */
  constructor(count: number, clock: Clock) {
    this.#clock = clock;
    this.#count = count;
    this.#free = Array.from({ length: count + 1 }, (_, connection) => connection);
  }

  /** The connection; to be given back. Rejects with SEARCH_BUSY, or with the signal's reason. */
  async take(isBrief: boolean, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const free = this.#takeFree(isBrief);
    if (free !== undefined) return free;
    if (this.#waiting.length >= turnLimits.waitingMax) throw busy(`${turnLimits.waitingMax} searches wait already`);
    const turn = Promise.withResolvers<number>();
    const waiting = { isBrief, resolve: turn.resolve };
    this.#waiting.push(waiting);
    const over = new AbortController();
    try {
      const late = this.#clock.sleep(turnLimits.waitMsMax, AbortSignal.any([signal, over.signal])).then(() => {
        throw busy(`all ${this.#count} connections for searches were busy for ${turnLimits.waitMsMax / 1_000} s`);
      });
      const connection = await Promise.race([turn.promise, late]);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      this.#leave(waiting, turn.promise);
      signal.throwIfAborted();
      throw error;
    } finally {
      over.abort();
    }
  }

  give(connection: number): void {
    const at = this.#waiting.findIndex(({ isBrief }) => this.#suits(connection, isBrief));
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (next) next.resolve(connection);
    else this.#free.push(connection);
  }

  #takeFree(isBrief: boolean): number | undefined {
    // Brief looks leave the others' connections alone as long as theirs is free.
    const kept = isBrief ? this.#free.indexOf(this.#count) : -1;
    const at = kept >= 0 ? kept : this.#free.findIndex((free) => this.#suits(free, isBrief));
    return at < 0 ? undefined : this.#free.splice(at, 1)[0];
  }

  #leave(waiting: Waiting, turn: Promise<number>): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    // Its turn came in the moment in which it left.
    else void turn.then((connection) => this.give(connection));
  }

  #suits(connection: number, isBrief: boolean): boolean {
    return isBrief || connection !== this.#count;
  }
}

function busy(why: string): AtalaiaError {
  return new AtalaiaError('SEARCH_BUSY', `${why}; this search was not begun. Try again in a moment, or narrow those that run`, {
    isRetryable: true,
  });
}
