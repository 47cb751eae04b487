// How far the hub's clock is from ours, and how long a word and its answer take.
// Measured at Welcome and at every heartbeat's answer: the hub's time, against the middle between asking and hearing. The
// measure with the shortest round trip of the last ones counts (as NTP's clock filter has it), because what made a round
// trip long, a queue, stood on one side of it. Kept against the monotonic clock, so that a correction of our own clock
// shows at once; a hub whose clock was corrected makes the measures disagree, and the old ones are forgotten.
import type { Clock } from '../../proto/runtime/clock.ts';

interface Measure {
  /** Hub's clock minus our monotonic one. */
  readonly hubMs: number;
  readonly roundTripMs: number;
}

const measuresMax = 8;
/** Beyond both round trips; less may be rounding and scheduling. */
const disagreeMs = 1_000;

export class ClockOffset {
  readonly #clock: Clock;
  #measures: Measure[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `askedMs`: monotonic, when the question left. */
  heard(hubClockMs: number, askedMs: number): void {
    const now = this.#clock.monotonicMs();
    const roundTripMs = now - askedMs;
    const measure = { hubMs: hubClockMs - (askedMs + now) / 2, roundTripMs };
    const agrees = (old: Measure): boolean => Math.abs(old.hubMs - measure.hubMs) <= (old.roundTripMs + roundTripMs) / 2 + disagreeMs;
    this.#measures = [...this.#measures.filter(agrees), measure].slice(-measuresMax);
  }

  /** Another hub has another clock. */
  forget(): void {
    this.#measures = [];
  }

  /** Hub's clock minus ours; undefined before the first measure. */
  offsetMs(): number | undefined {
    const best = this.#best();
    return best && Math.round(best.hubMs + this.#clock.monotonicMs() - this.#clock.nowMs());
  }

  roundTripMs(): number | undefined {
    const best = this.#best();
    return best && Math.round(best.roundTripMs * 10) / 10;
  }

  #best(): Measure | undefined {
    return this.#measures.reduce<Measure | undefined>((best, one) => (best && best.roundTripMs <= one.roundTripMs ? best : one), undefined);
  }
}
