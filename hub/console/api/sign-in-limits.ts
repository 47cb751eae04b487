// Slows guessing: failures are counted per address and per account over a sliding window.
// Promises: bounded memory (the oldest counter is forgotten first); a success clears the account's counter, not the
// address's. An account's limit is higher than an address's, so that one guesser meets their own wall before they can
// lock somebody else out.
import type { Clock } from '../../../proto/runtime/clock.ts';

export const signInLimits = { windowMs: 5 * 60_000, perAddressMax: 10, perAccountMax: 30, keysMax: 10_000 } as const;

interface Counter {
  failures: number;
  sinceMs: number;
}

export class SignInLimits {
  readonly #clock: Clock;
  readonly #counters = new Map<string, Counter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds to wait before the next attempt is looked at; 0 when it may be made now. */
  waitSeconds(address: string, account: string): number {
    return Math.max(
      this.#wait(`address ${address}`, signInLimits.perAddressMax),
      this.#wait(`account ${account}`, signInLimits.perAccountMax),
    );
  }

  noteFailure(address: string, account: string): void {
    this.#count(`address ${address}`);
    this.#count(`account ${account}`);
  }

  noteSuccess(account: string): void {
    this.#counters.delete(`account ${account}`);
  }

  #wait(key: string, max: number): number {
    const counter = this.#counters.get(key);
    if (!counter || counter.failures < max) return 0;
    const leftMs = counter.sinceMs + signInLimits.windowMs - this.#clock.monotonicMs();
    return leftMs > 0 ? Math.ceil(leftMs / 1_000) : 0;
  }

  #count(key: string): void {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#counters.get(key);
    const isCurrent = known !== undefined && nowMs - known.sinceMs < signInLimits.windowMs;
    this.#counters.delete(key);
    this.#counters.set(key, isCurrent ? { failures: known.failures + 1, sinceMs: known.sinceMs } : { failures: 1, sinceMs: nowMs });
    const oldest = this.#counters.keys().next();
    if (this.#counters.size > signInLimits.keysMax && !oldest.done) this.#counters.delete(oldest.value);
  }
}
