// What fails again and again while it lasts, in the log: once when it begins, again when it fails for another reason or after
// ten minutes (with how often it was tried), and once when it is over. A disk that is full all night must not fill the log.
import type { Clock } from '../proto/runtime/clock.ts';
import { errorCode } from '../proto/runtime/errors.ts';

export interface LastingTroubleLog {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

interface Told {
  readonly reason: string;
  readonly sinceMs: number;
  readonly toldMs: number;
  readonly untoldTimes: number;
}

const tellAgainMs = 600_000;
/** So long without failing is over; less is a pause between two failures. */
const overAfterMs = 10_000;

export class LastingTrouble {
  readonly #log: LastingTroubleLog;
  readonly #clock: Clock;
  #told: Told | undefined;

  constructor(log: LastingTroubleLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Another reason is another code, or another text where there is no code. */
  failed(error: unknown, fields: object, text: string): void {
    const nowMs = this.#clock.monotonicMs();
    const reason = `${text} ${errorCode(error) ?? (error instanceof Error ? error.message : String(error))}`;
    const before = this.#told;
    if (before?.reason === reason && nowMs - before.toldMs < tellAgainMs) {
      this.#told = { ...before, untoldTimes: before.untoldTimes + 1 };
      return;
    }
    const again = before && before.untoldTimes > 0 ? { timesSinceTold: before.untoldTimes } : {};
    this.#log.error({ ...fields, error, ...again }, text);
    this.#told = { reason, sinceMs: before?.sinceMs ?? nowMs, toldMs: nowMs, untoldTimes: 0 };
  }

  /** To be called when it is tried again: says so when it then does not fail until the signal aborts, or for ten seconds. */
  async goesWell(signal: AbortSignal, fields: object, text: string): Promise<void> {
    if (!this.#told) return;
    await this.#clock.sleep(overAfterMs, signal).catch(() => undefined);
    if (signal.aborted || !this.#told) return;
    this.#log.info({ ...fields, lastedMs: Math.round(this.#clock.monotonicMs() - this.#told.sinceMs) }, text);
    this.#told = undefined;
  }
}
