// How fast things went in the last minute, and how old the oldest batch of a lane is: sampled, for `status` and metrics.
// Promises: bounded memory (a minute of samples; at most marksMax marks of when which sequence was sealed, thinned evenly);
// what was counted anew (a policy that took over, a new epoch) gives a rate of 0, never one below.
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import type { BufferStatus, SourceStatus } from './ports.ts';

/** Per second, over the last minute. */
export interface Flow {
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
}

interface Counted {
  readonly lines: number;
  readonly bytes: number;
}

export interface Sampled {
  readonly sources: readonly SourceStatus[];
  readonly lanes: readonly BufferStatus[];
  readonly batchesAcked: number;
}

interface Sample {
  readonly atMs: number;
  readonly sources: ReadonlyMap<string, Counted>;
  readonly whole: Counted;
  readonly laneBytes: ReadonlyMap<LaneName, number>;
  readonly batchesAcked: number;
}

interface Mark {
  readonly atMs: number;
  /** Sealed by then. */
  readonly sequence: number;
}

const sampleIntervalMs = 5_000;
/** A minute. */
const samplesMax = 12;
const marksMax = 2_048;

export class StatusRates {
  readonly #clock: Clock;
  readonly #look: () => Sampled;
  #samples: readonly Sample[] = [];
  readonly #marks = new Map<LaneName, Mark[]>();

  constructor(look: () => Sampled, clock: Clock) {
    this.#look = look;
    this.#clock = clock;
  }

  /** Samples until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.sample();
    for await (const _ of ticks(sampleIntervalMs, { clock: this.#clock, signal })) this.sample();
  }

  sample(): void {
    const { sources, lanes, batchesAcked } = this.#look();
    const sample: Sample = {
      atMs: this.#clock.monotonicMs(),
      sources: new Map(sources.map(({ sourceId, linesRead, bytesRead }) => [sourceId, { lines: linesRead, bytes: bytesRead }])),
      whole: wholeOf(sources),
      laneBytes: new Map(lanes.map(({ lane, bytes }) => [lane, bytes])),
      batchesAcked,
    };
    this.#samples = [...this.#samples, sample].slice(-samplesMax - 1);
    for (const lane of lanes) this.#mark(lane, sample.atMs);
  }

  of({ sourceId, linesRead, bytesRead }: SourceStatus): Flow {
    return this.#flow({ lines: linesRead, bytes: bytesRead }, (then) => then.sources.get(sourceId));
  }

  whole(sources: readonly SourceStatus[], batchesAcked: number): Flow & { readonly batchesAckedPerSecond: number } {
    const acked = this.#flow({ lines: batchesAcked, bytes: 0 }, (then) => ({ lines: then.batchesAcked, bytes: 0 }));
    return { ...this.#flow(wholeOf(sources), (then) => then.whole), batchesAckedPerSecond: acked.linesPerSecond };
  }

  ofLane({ lane, bytes, bytesMax, batches, ackedSequence }: BufferStatus): {
    readonly oldestAgeMs: number | null;
    readonly isOldestAtLeast: boolean;
    readonly growthBytesPerSecond: number;
    readonly fullInMs: number | null;
  } {
    const then = this.#samples.find(({ laneBytes }) => laneBytes.has(lane));
    const seconds = then ? this.#secondsSince(then) : 1;
    const growthBytesPerSecond = rounded((bytes - (then?.laneBytes.get(lane) ?? bytes)) / seconds);
    const fullInMs = growthBytesPerSecond > 0 ? Math.round((Math.max(0, bytesMax - bytes) / growthBytesPerSecond) * 1_000) : null;
    const marks = this.#marks.get(lane) ?? [];
    // It was sealed after the last mark that the hub has whole, and no later than the next.
    const place = marks.findIndex(({ sequence }) => sequence > ackedSequence);
    const mark = place < 0 ? marks.at(-1) : marks[place];
    const oldestAgeMs = batches === 0 ? null : mark ? Math.round(this.#clock.monotonicMs() - mark.atMs) : 0;
    return { oldestAgeMs, isOldestAtLeast: batches > 0 && place === 0, growthBytesPerSecond, fullInMs };
  }

  #mark({ lane, nextSequence, ackedSequence }: BufferStatus, atMs: number): void {
    const sequence = nextSequence - 1;
    const known = this.#marks.get(lane) ?? [];
    const last = known.at(-1);
    // A new epoch counts anew.
    if (!last || sequence < last.sequence) {
      this.#marks.set(lane, [{ atMs, sequence }]);
      return;
    }
    if (sequence === last.sequence) return;
    const needed = known.filter((mark, at) => mark.sequence > ackedSequence || at === known.length - 1);
    const thinned = needed.length < marksMax ? needed : needed.filter((_, at) => at % 2 === 0);
    this.#marks.set(lane, [...thinned, { atMs, sequence }]);
  }

  #flow(now: Counted, pick: (sample: Sample) => Counted | undefined): Flow {
    const sample = this.#samples.find((one) => pick(one) !== undefined);
    const then = sample && pick(sample);
    if (!then) return { linesPerSecond: 0, bytesPerSecond: 0 };
    const seconds = this.#secondsSince(sample);
    const per = (newer: number, older: number): number => rounded(Math.max(0, newer - older) / seconds);
    return { linesPerSecond: per(now.lines, then.lines), bytesPerSecond: per(now.bytes, then.bytes) };
  }

  #secondsSince({ atMs }: Sample): number {
    return Math.max(1, (this.#clock.monotonicMs() - atMs) / 1_000);
  }
}

function wholeOf(sources: readonly SourceStatus[]): Counted {
  return {
    lines: sources.reduce((sum, { linesRead }) => sum + linesRead, 0),
    bytes: sources.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
