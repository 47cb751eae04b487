// The hub's side of searches giving way (DECISION-giving-way.md): while anybody searches, the engine is told again and
// again whether intake is behind. Promises: said before the first statement of a search; nothing is asked or said while
// nobody searches; a store that was told of no intake never gives way.
import type { Clock } from '../../proto/runtime/clock.ts';
import type { Engine } from './engine/engine.ts';

/** Lines that wait longer than this for being worked are behind. A group of writes takes 100 ms under load. */
const behindMs = 300;
const lookEveryMs = 100;

export class GivingWay {
  readonly #engine: Pick<Engine, 'pace'>;
  readonly #clock: Clock;
  #waitingMs: () => number = () => 0;
  #searching = 0;
  #isWatching = false;

  constructor(engine: Pick<Engine, 'pace'>, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** How long the oldest line that waits has waited. */
  heed(waitingMs: () => number): void {
    this.#waitingMs = waitingMs;
  }

  /** A search begins; what comes back is to be called when the engine is done with it. */
  begin(): () => void {
    this.#searching++;
    this.#tell();
    if (!this.#isWatching) void this.#watch();
    return () => {
      this.#searching--;
    };
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    while (this.#searching > 0) {
      await this.#clock.sleep(lookEveryMs);
      if (this.#searching > 0) this.#tell();
    }
    this.#isWatching = false;
  }

  #tell(): void {
    this.#engine.pace(this.#waitingMs() > behindMs);
  }
}
