// What the micro-benchmarks share: their options and how rounds become figures.
// Promises: the figure is that of the quickest round of several, for everything else on the machine only adds to it.
import { memoryUsage, cpuUsage, stdout } from 'node:process';
import { rounded, type ScenarioResult } from './scenario.ts';

export interface MicroOptions {
  /** Lines to use instead of generated ones. */
  readonly file: string | undefined;
  readonly events: number;
  readonly rounds: number;
  readonly seed: number;
  readonly readAtMs: number;
}

const defaults: MicroOptions = { file: undefined, events: 30_000, rounds: 5, seed: 1, readAtMs: Date.UTC(2026, 10, 24, 10, 30) };

export function microOptions(options: Partial<MicroOptions>): MicroOptions {
  return { ...defaults, ...options };
}

/** User and system CPU of the process, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = cpuUsage();
  return user + system;
}

/** `costs`: CPU microseconds an event, by round. */
export function measured(scenario: string, costs: readonly number[], notes: string): ScenarioResult {
  const best = Math.min(...costs);
  return {
    scenario,
    events_per_s: rounded(1e6 / best),
    cpu_us_per_event: rounded(best),
    rss_mb: rounded(memoryUsage.rss() / 1e6),
    notes,
  };
}

export function printed(results: readonly ScenarioResult[]): void {
  for (const result of results) stdout.write(`${JSON.stringify(result)}\n`);
}
