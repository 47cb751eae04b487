// How much engine time searches may take while intake is behind: a share of the machine, and a little saved up, so that
// an ordinary search is answered at once and only one that runs on is made to wait. Pure arithmetic; times in ms.
// Promises: over any stretch searches are allowed at most `share` times its length, and what was saved.

/** Of every core. Intake may lose a twentieth; most of that is left for what cannot be counted: caches, half blocks. */
const shareOfCore = 0.02;
/** What may be saved up: a search for a rare word takes some 10 ms, a day's worth of one field some 100. */
export const savedMsMax = 250;
/** Shorter runs would be spent on waking up. */
const runMsMin = 25;
/** The engine lets a search do one block of rows after a second of standing still (low_priority_query_wait_time_ms). */
const standMsMax = 900;

export class SearchAllowance {
  readonly #share: number;
  #savedMs = savedMsMax;

  constructor(cores: number) {
    this.#share = shareOfCore * cores;
  }

  /** Time went by in which so many searches ran, each on one thread. */
  pass(ms: number, running: number): void {
    this.#savedMs = Math.min(savedMsMax, this.#savedMs + ms * (this.#share - running));
  }

  /** How long so many may run from now on; 0 when they have to stand still first. */
  runMs(running: number): number {
    return this.#savedMs < 1 ? 0 : this.#savedMs / running;
  }

  /** How long they have to stand still until a run is worth while. */
  standMs(): number {
    return Math.min(standMsMax, Math.max(0, runMsMin - this.#savedMs) / this.#share);
  }
}
