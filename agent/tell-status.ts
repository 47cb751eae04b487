// What `status` tells: identity, connection, the ladder of each lane, sources, positions, rates and the last error.
// For people and scripts; no promise of delivery rests on it. Never holds a line's content or a secret.
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import type { LaneBuffer } from './buffer/lane-buffer.ts';
import type { Collector } from './collector.ts';
import type { RingStatus } from './originals/original-ring.ts';
import type { UplinkReport } from './uplink/uplink-status.ts';

export interface StatusParts {
  readonly agentId: string;
  readonly version: string;
  readonly hub: string;
  readonly collector: Collector;
  readonly buffers: ReadonlyMap<LaneName, LaneBuffer>;
  readonly uplink: () => UplinkReport;
  readonly certificateExpiresMs: () => number;
  readonly lastError: () => string;
  readonly originals: () => readonly RingStatus[];
  readonly rates: RateMeter;
  readonly startedMs: number;
  readonly clock: Clock;
}

/** Newest first; a status is for looking at, `buffer inspect` lists them all. */
const positionsMax = 200;

export function tellStatus(parts: StatusParts): unknown {
  const { agentId, version, hub, collector, buffers, uplink, clock, rates } = parts;
  const connection = uplink();
  const sources = collector.sources();
  return {
    agentId,
    version,
    hub,
    uptimeMs: clock.nowMs() - parts.startedMs,
    certificateExpires: new Date(parts.certificateExpiresMs()).toISOString(),
    policyHash: Buffer.from(collector.policyHash).toString('hex'),
    connection,
    read: { lines: sum(sources.map(({ linesRead }) => linesRead)), bytes: sum(sources.map(({ bytesRead }) => bytesRead)) },
    lanes: [...buffers.values()].map((buffer) => {
      const { nextSequence, ackedSequence, ...status } = buffer.status();
      const lines = sum(buffer.positions().map(({ counters }) => counters.linesRead - counters.linesFiltered));
      return { ...status, buffered: { sequence: nextSequence - 1, lines }, committed: { sequence: ackedSequence } };
    }),
    lagBytes: sum(sources.map(({ lagBytes }) => lagBytes)),
    rates: rates.read(),
    sources,
    positions: [...buffers.values()]
      .flatMap((buffer) => buffer.positions())
      .reverse()
      .slice(0, positionsMax)
      .map(({ stream, offset, lineNumber, cursor }) => ({
        source: stream.sourceId,
        stream: stream.streamId,
        path: stream.path,
        offset,
        lineNumber,
        cursor,
      })),
    originals: parts.originals(),
    lastError: parts.lastError() || connection.lastError,
    rssBytes: process.memoryUsage.rss(),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const sampleIntervalMs = 2_000;
const samplesMax = 6;

interface Sample {
  readonly atMs: number;
  readonly lines: number;
  readonly bytes: number;
  readonly acked: number;
}

/** Lines, bytes and acks a second over the last ten seconds or so. */
export class RateMeter {
  readonly #take: () => Sample;
  #samples: Sample[] = [];

  constructor(take: () => Omit<Sample, 'atMs'>, clock: Clock) {
    this.#take = () => ({ atMs: clock.monotonicMs(), ...take() });
  }

  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    for await (const _ of ticks(sampleIntervalMs, { clock, signal })) this.#samples = [...this.#samples, this.#take()].slice(-samplesMax);
  }

  read(): { readonly linesPerSecond: number; readonly bytesPerSecond: number; readonly batchesAckedPerSecond: number } {
    const now = this.#take();
    const then = this.#samples[0] ?? now;
    const seconds = Math.max(0.001, (now.atMs - then.atMs) / 1_000);
    // A new policy begins to count anew.
    const per = (newer: number, older: number): number => Math.round((Math.max(0, newer - older) / seconds) * 10) / 10;
    return {
      linesPerSecond: per(now.lines, then.lines),
      bytesPerSecond: per(now.bytes, then.bytes),
      batchesAckedPerSecond: per(now.acked, then.acked),
    };
  }
}
