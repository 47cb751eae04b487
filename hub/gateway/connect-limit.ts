// How often one agent may connect: a bucket of tokens per agent, so that one that loops does not keep the journal's marks
// and everybody's Welcome busy. Limit: as many buckets as agents; a full table forgets the buckets that are full again.
import type { Clock } from '../../proto/runtime/clock.ts';

const burst = 20;
const refillMs = 1_000;
const bucketsMax = 20_000;

export class ConnectLimit {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 when it may connect, else how long to wait. */
  take(agentId: string): number {
    const now = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(agentId) ?? { tokens: burst, atMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.atMs) / refillMs);
    bucket.atMs = now;
    if (!this.#buckets.has(agentId)) this.#makeRoom(now);
    this.#buckets.set(agentId, bucket);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) * refillMs) + burst * refillMs;
    bucket.tokens--;
    return 0;
  }

  #makeRoom(now: number): void {
    if (this.#buckets.size < bucketsMax) return;
    for (const [agentId, bucket] of this.#buckets) {
      if (bucket.tokens + (now - bucket.atMs) / refillMs >= burst) this.#buckets.delete(agentId);
    }
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= bucketsMax && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
