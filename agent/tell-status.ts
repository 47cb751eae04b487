// What `status` tells: identity, connection, the ladder of each source and lane, positions, rates and the last error.
// For people, scripts and metrics; no promise of delivery rests on it. Never holds a line's content or a secret.
// Ladders balance: lines of a source (source-ladder.ts); batches of a lane, sealed = acked + waiting + lostWaiting, in its epoch.
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import type { LaneBuffer } from './buffer/lane-buffer.ts';
import type { Collector } from './collector.ts';
import type { LoggedError } from './open-log.ts';
import type { RingStatus } from './originals/original-ring.ts';
import { linesKept } from './buffer/lost-lines.ts';
import type { BufferStatus, SourceStatus, StreamPosition } from './ports.ts';
import { laddersOf, noLadder, type SourceLadder } from './source-ladder.ts';
import { tellsLag, type Flow, type SourceAges, type StatusRates } from './status-rates.ts';
import type { UplinkReport } from './uplink/uplink-status.ts';

/** Of what goes to one hub. */
export interface DeliveryParts {
  readonly agentId: string;
  readonly hub: string;
  readonly collector: Collector;
  readonly buffers: ReadonlyMap<LaneName, LaneBuffer>;
  readonly uplink: () => UplinkReport;
  readonly certificateExpiresMs: () => number;
  readonly rates: StatusRates;
  readonly clock: Clock;
}

export interface StatusParts extends DeliveryParts {
  readonly version: string;
  readonly lastError: () => LoggedError | undefined;
  readonly originals: () => readonly RingStatus[];
  readonly startedMs: number;
  readonly otherHubs: readonly OtherHubStatus[];
}

/** `linesRead` and `bytesRead` count since the source was opened; the rates are of the last minute. */
export interface SourceReport extends Omit<SourceStatus, 'lagBytes'>, Flow, SourceAges {
  /** There and not read; null where the source does not tell. */
  readonly lagBytes: number | null;
  /** How long ago the last line was read; null when none was. */
  readonly lastReadAgeMs: number | null;
  /** By the source's own times, up to where its lines are buffered: a journal's; null elsewhere. */
  readonly bufferedUpTo: string | null;
  readonly ladder: SourceLadder;
}

export interface LaneReport extends Omit<BufferStatus, 'ackedSequence' | 'nextSequence'> {
  /** In batches of this epoch: sealed = acked + waiting + lostWaiting. */
  readonly ladder: { readonly sealed: number; readonly acked: number; readonly waiting: number; readonly lostWaiting: number };
  readonly buffered: { readonly sequence: number; readonly lines: number };
  readonly committed: { readonly sequence: number };
  /** Age of the oldest batch that waits; null when none does. At least so old where it is from an earlier start. */
  readonly oldestAgeMs: number | null;
  readonly isOldestAtLeast: boolean;
  readonly growthBytesPerSecond: number;
  /** At the growth of the last minute; null while it does not grow. */
  readonly fullInMs: number | null;
}

/** What goes to one hub. */
export interface DeliveryStatus {
  readonly agentId: string;
  readonly hub: string;
  readonly certificateExpires: string;
  readonly policyHash: string;
  /** Tests of the policy in force that fail. */
  readonly testsFailed: readonly string[];
  readonly connection: UplinkReport;
  readonly read: { readonly lines: number; readonly bytes: number };
  readonly lanes: readonly LaneReport[];
  readonly lagBytes: number;
  readonly rates: Flow & { readonly batchesAckedPerSecond: number };
  readonly sources: readonly SourceReport[];
  readonly positions: readonly object[];
}

/** One of the other hubs; nothing but name and problem where this agent has not enrolled with it. */
export type OtherHubStatus = { readonly name: string; readonly problem: string } & Partial<DeliveryStatus>;

/** The first hub's, and what concerns the whole process. */
export interface AgentStatus extends DeliveryStatus {
  readonly version: string;
  readonly uptimeMs: number;
  readonly otherHubs: readonly OtherHubStatus[];
  readonly originals: readonly RingStatus[];
  readonly lastError: { readonly text: string; readonly at: string | null; readonly remedy: string } | null;
  readonly rssBytes: number;
}

/** Newest first; a status is for looking at, `buffer inspect` lists them all. */
const positionsMax = 200;

export function tellStatus(parts: StatusParts): AgentStatus {
  const { version, clock, startedMs, otherHubs } = parts;
  return {
    ...tellDelivery(parts),
    version,
    uptimeMs: clock.nowMs() - startedMs,
    otherHubs,
    originals: parts.originals(),
    lastError: lastErrorOf(parts),
    rssBytes: process.memoryUsage.rss(),
  };
}

export function tellDelivery(parts: DeliveryParts): DeliveryStatus {
  const { agentId, hub, collector, buffers, uplink, clock, rates } = parts;
  const positions = [...buffers.values()].flatMap((buffer) => buffer.places());
  const ladders = laddersOf(buffers, uplink().lastSent);
  const sources = collector.sources().map((source): SourceReport => {
    const lastReadAgeMs = source.lastReadMs === 0 ? null : Math.max(0, clock.nowMs() - source.lastReadMs);
    const ladder = ladders.get(source.sourceId) ?? noLadder;
    const lagBytes = tellsLag(source) ? source.lagBytes : null;
    const bufferedUpTo = source.type === 'journald' ? journalTimeOf(positions, source.sourceId) : null;
    return { ...source, lagBytes, ...rates.of(source), lastReadAgeMs, bufferedUpTo, ...rates.agesOf(source, ladder), ladder };
  });
  return {
    agentId,
    hub,
    certificateExpires: new Date(parts.certificateExpiresMs()).toISOString(),
    policyHash: Buffer.from(collector.policyHash).toString('hex'),
    testsFailed: collector.testsFailed,
    connection: uplink(),
    read: { lines: sum(sources.map(({ linesRead }) => linesRead)), bytes: sum(sources.map(({ bytesRead }) => bytesRead)) },
    lanes: [...buffers.values()].map((buffer) => laneReport(buffer, rates)),
    lagBytes: sum(sources.map(({ lagBytes }) => lagBytes ?? 0)),
    rates: rates.whole(sources, uplink().batchesAcked),
    sources,
    positions: positions
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
  };
}

function laneReport(buffer: LaneBuffer, rates: StatusRates): LaneReport {
  const { nextSequence, ackedSequence, ...status } = buffer.status();
  const lines = sum(buffer.places().map(({ counters }) => linesKept(counters)));
  const sealed = nextSequence - 1;
  const lostWaiting = Math.max(0, sealed - ackedSequence - status.batches);
  return {
    ...status,
    ...rates.ofLane(buffer.status()),
    ladder: { sealed, acked: ackedSequence, waiting: status.batches, lostWaiting },
    buffered: { sequence: sealed, lines },
    committed: { sequence: ackedSequence },
  };
}

/** When a journal's entry was written: its cursor says it. */
function journalTimeOf(positions: readonly StreamPosition[], sourceId: string): string | null {
  const cursor = positions.findLast(({ stream }) => stream.sourceId === sourceId)?.cursor ?? '';
  const microseconds = /(?:^|;)t=([0-9a-f]{1,15})(?:;|$)/.exec(cursor)?.[1];
  return microseconds === undefined ? null : new Date(Number.parseInt(microseconds, 16) / 1_000).toISOString();
}

function lastErrorOf({ lastError, uplink }: StatusParts): AgentStatus['lastError'] {
  const logged = lastError();
  const text = logged?.text ?? uplink().lastError;
  if (text === '') return null;
  // Our errors say the remedy behind a semicolon.
  const remedy = /; ([^;]+)$/.exec(text)?.[1] ?? 'atalaia-agent doctor says what is wrong and what to do';
  return { text, at: logged ? new Date(logged.atMs).toISOString() : null, remedy };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
