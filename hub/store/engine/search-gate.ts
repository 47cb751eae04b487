// Makes searches give way while intake is behind (DECISION-giving-way.md): stands between the clock and a way to hold all
// readers still. Promises: nothing is held while intake keeps up or nobody searches; while it is behind, searches run for
// their allowance only, whatever their number; none is held for ever.
import type { Clock } from '../../../proto/runtime/clock.ts';
import { Wake } from '../../../proto/runtime/wake.ts';
import { SearchAllowance } from './search-allowance.ts';

export interface SearchGateOptions {
  readonly clock: Clock;
  readonly cores: number;
  /** Holds every search still and resolves when they go on. */
  readonly hold: (ms: number) => Promise<void>;
}

export class SearchGate {
  readonly #options: SearchGateOptions;
  readonly #allowance: SearchAllowance;
  readonly #changed = new Wake();
  #isBehind = false;
  #isHeld = false;
  #isPacing = false;
  #running = 0;
  #heldMs = 0;
  #countedMs: number;

  constructor(options: SearchGateOptions) {
    this.#options = options;
    this.#allowance = new SearchAllowance(options.cores);
    this.#countedMs = options.clock.monotonicMs();
  }

  pace(isBehind: boolean): void {
    this.#count();
    this.#isBehind = isBehind;
    this.#start();
  }

  /** A search begins. What it gives back is to be called at its end and answers for how long it was held, in ms. */
  enter(): () => number {
    this.#count();
    this.#running++;
    const heldBefore = this.#heldMs;
    this.#start();
    return () => {
      this.#count();
      this.#running--;
      this.#changed.wake();
      return Math.round(this.#heldMs - heldBefore);
    };
  }

  #start(): void {
    this.#changed.wake();
    if (!this.#isPacing) void this.#pacing();
  }

  async #pacing(): Promise<void> {
    const { clock, hold } = this.#options;
    this.#isPacing = true;
    while (this.#isBehind && this.#running > 0) {
      const runMs = this.#allowance.runMs(this.#running);
      if (runMs > 0) await this.#changedWithin(runMs);
      else {
        this.#isHeld = true;
        const ms = this.#allowance.standMs();
        // Searches that cannot be held run on, as they would without us; the hub must not spin over it.
        await hold(ms).catch(() => clock.sleep(ms));
        this.#count();
        this.#isHeld = false;
      }
      this.#count();
    }
    this.#isPacing = false;
  }

  async #changedWithin(ms: number): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    await Promise.race([this.#options.clock.sleep(ms, over.signal).catch(() => undefined), this.#changed.wait(over.signal)]).then(end, end);
  }

  /** Books the time since the last change under what was going on meanwhile. */
  #count(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const ms = nowMs - this.#countedMs;
    this.#countedMs = nowMs;
    if (this.#isHeld) this.#heldMs += ms;
    this.#allowance.pass(ms, this.#isBehind && !this.#isHeld ? this.#running : 0);
  }
}
