// Time and randomness as things that are passed in, so that tests step them and the simulation owns them.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970, may jump. */
  nowMs(): number;
  /** Milliseconds since some start, never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** In [0, 1). For jitter only. */
  unit(): number;
  /** Unpredictable bytes: epochs, ids, tokens. */
  bytes(count: number): Uint8Array;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};

export const systemRandom: Random = {
  unit: () => Math.random(),
  bytes: (count) => new Uint8Array(randomBytes(count)),
};
