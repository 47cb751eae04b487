// How fast things went in the last minute, and how old the oldest is that waits: sampled, for `status` and metrics.
// Promises: bounded memory (a minute of samples; marks as age-marks.ts says); what was counted anew (a policy that took over, a new epoch) gives a rate of 0, never one below.
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import { AgeMarks } from './age-marks.ts';
import type { BufferStatus, SourceStatus } from './ports.ts';
import type { SourceLadder } from './source-ladder.ts';

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
  /** By source. */
  readonly ladders: ReadonlyMap<string, Pick<SourceLadder, 'kept' | 'waiting'>>;
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

const sampleIntervalMs = 5_000;
/** A minute. */
const samplesMax = 12;
const laneMarksMax = 2_048;
const sourceMarksMax = 256;

/** Whether a source says what is there and not read: a journal and the kernel's log do not. */
export function tellsLag({ type }: SourceStatus): boolean {
  return type !== 'journald' && type !== 'kmsg';
}

/** Of the oldest line; 0 when nothing waits, null where that is not known. At least so old, perhaps older: see AgeMarks. */
export interface SourceAges {
  /** There, and not read. */
  readonly unreadAgeMs: number | null;
  /** Read and buffered, and the hub has not acknowledged it. */
  readonly uncommittedAgeMs: number | null;
}

export class StatusRates {
  readonly #clock: Clock;
  readonly #look: () => Sampled;
  #samples: readonly Sample[] = [];
  readonly #sealed = new AgeMarks(laneMarksMax);
  readonly #present = new AgeMarks(sourceMarksMax);
  readonly #kept = new AgeMarks(sourceMarksMax);

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
    const { sources, lanes, batchesAcked, ladders } = this.#look();
    const sample: Sample = {
      atMs: this.#clock.monotonicMs(),
      sources: new Map(sources.map(({ sourceId, linesRead, bytesRead }) => [sourceId, { lines: linesRead, bytes: bytesRead }])),
      whole: wholeOf(sources),
      laneBytes: new Map(lanes.map(({ lane, bytes }) => [lane, bytes])),
      batchesAcked,
    };
    this.#samples = [...this.#samples, sample].slice(-samplesMax - 1);
    for (const { lane, nextSequence, ackedSequence } of lanes)
      this.#sealed.note(lane, sample.atMs, { amount: nextSequence - 1, done: ackedSequence });
    for (const source of sources) {
      const { sourceId } = source;
      this.#present.note(sourceId, sample.atMs, presentOf(source));
      const { kept, waiting } = ladders.get(sourceId) ?? { kept: 0, waiting: 0 };
      this.#kept.note(sourceId, sample.atMs, { amount: kept, done: kept - (waiting ?? kept) });
    }
    for (const marks of [this.#present, this.#kept]) marks.keepOnly(new Set(sources.map(({ sourceId }) => sourceId)));
  }

  of({ sourceId, linesRead, bytesRead }: SourceStatus): Flow {
    return this.#flow({ lines: linesRead, bytes: bytesRead }, (then) => then.sources.get(sourceId));
  }

  whole(
    sources: readonly Pick<SourceStatus, 'linesRead' | 'bytesRead'>[],
    batchesAcked: number,
  ): Flow & { readonly batchesAckedPerSecond: number } {
    const acked = this.#flow({ lines: batchesAcked, bytes: 0 }, (then) => ({ lines: then.batchesAcked, bytes: 0 }));
    return { ...this.#flow(wholeOf(sources), (then) => then.whole), batchesAckedPerSecond: acked.linesPerSecond };
  }

  agesOf(source: SourceStatus, { kept, waiting }: Pick<SourceLadder, 'kept' | 'waiting'>): SourceAges {
    const { sourceId, lagBytes } = source;
    const nowMs = this.#clock.monotonicMs();
    const unread = lagBytes === 0 ? 0 : this.#present.ageOf(sourceId, presentOf(source).done, nowMs).ageMs;
    const uncommitted = waiting === null ? null : waiting === 0 ? 0 : this.#kept.ageOf(sourceId, kept - waiting, nowMs).ageMs;
    return { unreadAgeMs: tellsLag(source) ? unread : null, uncommittedAgeMs: uncommitted };
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
    const fullInMs =
      growthBytesPerSecond > 0 && batches > 0 ? Math.round((Math.max(0, bytesMax - bytes) / growthBytesPerSecond) * 1_000) : null;
    // It was sealed after the last mark that the hub has whole, and no later than the next.
    const { ageMs, isAtLeast } = this.#sealed.ageOf(lane, ackedSequence, this.#clock.monotonicMs());
    const oldestAgeMs = batches === 0 ? null : ageMs;
    return { oldestAgeMs, isOldestAtLeast: batches > 0 && isAtLeast, growthBytesPerSecond, fullInMs };
  }

  /** What was not there at the first sample of the minute began after it. */
  #flow(now: Counted, pick: (sample: Sample) => Counted | undefined): Flow {
    const [sample] = this.#samples;
    if (!sample) return { linesPerSecond: 0, bytesPerSecond: 0 };
    const then = pick(sample) ?? { lines: 0, bytes: 0 };
    const seconds = this.#secondsSince(sample);
    const per = (newer: number, older: number): number => rounded(Math.max(0, newer - older) / seconds);
    return { linesPerSecond: per(now.lines, then.lines), bytesPerSecond: per(now.bytes, then.bytes) };
  }

  #secondsSince({ atMs }: Sample): number {
    return Math.max(1, (this.#clock.monotonicMs() - atMs) / 1_000);
  }
}

/** Of a file the lag is behind what was read, of a live source it was received and waits in memory. */
function presentOf({ type, bytesRead, lagBytes }: SourceStatus): { readonly amount: number; readonly done: number } {
  return type === 'file' ? { amount: bytesRead + lagBytes, done: bytesRead } : { amount: bytesRead, done: bytesRead - lagBytes };
}

function wholeOf(sources: readonly Pick<SourceStatus, 'linesRead' | 'bytesRead'>[]): Counted {
  return {
    lines: sources.reduce((sum, { linesRead }) => sum + linesRead, 0),
    bytes: sources.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
