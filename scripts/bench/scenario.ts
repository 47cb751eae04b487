// What a scenario measures, and what it is given.
// The names of figures are a contract for whoever compares runs (README): leave out what was not measured, never write 0.

/** Keys of one JSON object of the results, beside `scenario`. */
export interface Figures {
  readonly mb_per_s?: number;
  readonly events_per_s?: number;
  readonly cpu_s_per_gb?: number;
  readonly cpu_us_per_event?: number;
  readonly rss_mb?: number;
  readonly p50_ms?: number;
  readonly p99_ms?: number;
  readonly bytes_per_event?: number;
}

export interface ScenarioResult extends Figures {
  readonly scenario: string;
  /** What else a reader should know: sizes, shares, what stood in for what. */
  readonly notes?: string;
}

export interface BenchWish {
  /** Input of the agent scenarios. */
  readonly megabytes: number;
  readonly backlogMegabytes: number;
  /** Events of the hub scenarios. */
  readonly events: number;
  /** Seconds of the scenarios that run for a time. */
  readonly seconds: number;
  readonly agents: number;
  readonly seed: number;
  /** Files to be used instead of generated lines. */
  readonly corpus: readonly string[];
  /** Commands of other collectors for agent.peers, with {file} and {port} in them. */
  readonly peers: readonly string[];
  /** A folder of Sigma rules to be loaded beside the shipped ones. */
  readonly rules: string | undefined;
  /** Where data folders are made; removed afterwards. */
  readonly folder: string;
  readonly tell: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly run: (wish: BenchWish) => Promise<readonly ScenarioResult[]>;
}

/** At most three significant places behind the point: more would be a claim that no run repeats. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
