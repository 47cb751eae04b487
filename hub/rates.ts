// Live rates from the counters, sampled once in five seconds: a quarter of an hour for the overview's curve, the last
// sample per agent for the fleet. Bounded rings; nothing is kept over a restart.
import type { Clock } from '../proto/runtime/clock.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import type { RatePoint } from './console/api/shapes.ts';
import type { AgentSums, HubCounters } from './counters.ts';

const sampleMs = 5_000;
const pointsMax = 180;

export interface AgentRate {
  readonly linesPerSecond: number;
  /** As they came over the wire. */
  readonly bytesPerSecond: number;
}

export class Rates {
  readonly #counters: HubCounters;
  readonly #clock: Clock;
  readonly #points: RatePoint[] = [];
  #agents = new Map<string, AgentRate>();
  #before: { atMs: number; lines: number; rawBytes: number; agents: Map<string, AgentSums> };

  constructor(counters: HubCounters, clock: Clock) {
    this.#counters = counters;
    this.#clock = clock;
    this.#before = this.#sums();
  }

  async run(signal: AbortSignal): Promise<void> {
    for await (const _ of ticks(sampleMs, { clock: this.#clock, signal })) this.sample();
  }

  sample(): void {
    const before = this.#before;
    const now = this.#sums();
    const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1_000);
    this.#points.push({
      timeMs: this.#clock.nowMs(),
      eventsPerSecond: (now.lines - before.lines) / seconds,
      bytesPerSecond: (now.rawBytes - before.rawBytes) / seconds,
    });
    if (this.#points.length > pointsMax) this.#points.shift();
    this.#agents = new Map(
      [...now.agents].map(([agentId, sums]) => {
        const was = before.agents.get(agentId) ?? { lines: 0, bytes: 0 };
        return [agentId, { linesPerSecond: (sums.lines - was.lines) / seconds, bytesPerSecond: (sums.bytes - was.bytes) / seconds }];
      }),
    );
    this.#before = now;
  }

  points(): readonly RatePoint[] {
    // A host that slept has old points and no new ones.
    const oldestMs = this.#clock.nowMs() - sampleMs * pointsMax;
    return this.#points.filter(({ timeMs }) => timeMs >= oldestMs);
  }

  of(agentId: string): AgentRate {
    return this.#agents.get(agentId) ?? { linesPerSecond: 0, bytesPerSecond: 0 };
  }

  #sums(): { atMs: number; lines: number; rawBytes: number; agents: Map<string, AgentSums> } {
    const { lines, rawBytes, agents } = this.#counters;
    const copies = new Map([...agents].map(([agentId, sums]) => [agentId, { ...sums }]));
    return { atMs: this.#clock.monotonicMs(), lines, rawBytes, agents: copies };
  }
}
