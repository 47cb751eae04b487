// A clock that a test moves by hand. Sleepers wake in the order of their times; between two of them everything that can
// run does run (`settle`), so that what they set off happens before the next one wakes.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class SteppedClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  #sleepers: Sleeper[] = [];

  constructor(startMs = 1_764_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  get sleeperCount(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== own);
        reject(signal?.reason);
      };
      const own: Sleeper = {
        atMs: this.#monotonicMs + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(own);
    });
  }

  /** Somebody sets the wall clock back. */
  setBack(ms: number): void {
    this.#nowMs -= ms;
  }

  /** Moves time on by `ms`, waking everybody whose time comes. */
  async step(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await settle();
    while (true) {
      const next = this.#sleepers.filter((sleeper) => sleeper.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#moveTo(Math.max(next.atMs, this.#monotonicMs));
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
      await settle();
    }
    this.#moveTo(end);
  }

  /** The wall clock alone jumps, as a corrected one does. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(turns = 10): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}

/** Steps until the fact holds; fails loudly when it never does. */
export async function stepUntil(clock: SteppedClock, fact: () => boolean, { stepMs = 50, stepsMax = 2_000 } = {}): Promise<void> {
  for (let i = 0; i < stepsMax; i++) {
    await settle();
    if (fact()) return;
    await clock.step(stepMs);
  }
  throw new Error(`the fact did not come about within ${stepMs * stepsMax} ms`);
}
