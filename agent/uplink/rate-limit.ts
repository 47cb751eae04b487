// How fast batches may leave: a token bucket over the bytes of the wire, whose rate follows the time of day.
// Promises: over any time no more leaves than rate × time, the burst of one second and one batch; a batch larger than the
// burst leaves as soon as nothing is owed, and its surplus is owed; a new window is in force within a second, sessions
// go on meanwhile. Only batches are held back: acks, Hellos and heartbeats are small, and a connection without them dies.
// One RateLimit may serve several uplinks, which then share it. What is sent again after a cut counts again.
import type { BandwidthConfig } from '../../config/uplink-config.ts';
import type { LaneName } from '../../proto/delivery.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { limitsByTime, type LimitAt } from './rate-windows.ts';

/** Whoever is held back asks again after this at the latest: a window may have opened or closed. */
const askAgainMsMax = 1_000;
const tlsRecordBytesMax = 16_384;
/** Header, authentication tag and content type of TLS 1.3. */
const tlsRecordOverhead = 22;

export class RateLimit {
  readonly #clock: Clock;
  readonly #limitAt: LimitAt;
  readonly #exceptFirst: boolean;
  /** What may leave at once; below zero what is owed. */
  #tokens = 0;
  #refilledMs: number;

  constructor(config: BandwidthConfig, clock: Clock) {
    this.#clock = clock;
    this.#limitAt = limitsByTime(config);
    this.#exceptFirst = config.exceptFirst;
    this.#refilledMs = clock.monotonicMs();
  }

  /** In force now; undefined: none. */
  bytesPerSecond(): number | undefined {
    return this.#limitAt(this.#clock.nowMs());
  }

  /** How long a batch of this lane has to wait before it may leave; ask again then. 0: now. */
  waitMs(lane: LaneName): number {
    const rate = this.bytesPerSecond();
    this.#refill(rate);
    if (rate === undefined || (lane === 'first' && this.#exceptFirst)) return 0;
    if (rate === 0) return askAgainMsMax;
    if (this.#tokens >= 0) return 0;
    return Math.min(askAgainMsMax, Math.max(1, Math.ceil((-this.#tokens / rate) * 1_000)));
  }

  /** A frame of this size left. */
  sent(lane: LaneName, frameBytes: number): void {
    if (this.bytesPerSecond() === undefined || (lane === 'first' && this.#exceptFirst)) return;
    this.#tokens -= wireBytes(frameBytes);
  }

  #refill(rate: number | undefined): void {
    const now = this.#clock.monotonicMs();
    const seconds = (now - this.#refilledMs) / 1_000;
    this.#refilledMs = now;
    // Where there is no limit nothing is owed, and nothing is saved up for when there is one.
    this.#tokens = rate === undefined ? 0 : Math.min(rate, this.#tokens + rate * seconds);
  }
}

/** A binary frame as TCP carries it: WebSocket header with mask, in TLS records. */
export function wireBytes(frameBytes: number): number {
  const header = frameBytes < 126 ? 6 : frameBytes < 65_536 ? 8 : 14;
  const framed = frameBytes + header;
  return framed + Math.ceil(framed / tlsRecordBytesMax) * tlsRecordOverhead;
}
