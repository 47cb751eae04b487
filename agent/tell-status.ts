// What `status` tells: identity, connection, the ladder of each source and lane, positions, rates and the last error.
// For people, scripts and metrics; no promise of delivery rests on it. Never holds a line's content or a secret.
// The ladder balances: lines of a source read = filtered + dropped + kept, since its streams began and as far as they are
// buffered; batches of a lane sealed = acked + waiting + lostWaiting, in its epoch.
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import type { LaneBuffer } from './buffer/lane-buffer.ts';
import type { Collector } from './collector.ts';
import type { LoggedError } from './open-log.ts';
import type { RingStatus } from './originals/original-ring.ts';
import type { BufferStatus, SourceStatus, StreamCounters, StreamPosition } from './ports.ts';
import type { Flow, StatusRates } from './status-rates.ts';
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

/** Lines of a source since its streams began, as far as they are buffered. */
export interface SourceLadder {
  readonly read: number;
  readonly filtered: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** What is left: buffered, to be sent. */
  readonly kept: number;
  readonly trimmed: number;
  readonly cut: number;
  readonly bytesRead: number;
  readonly bytesKept: number;
}

/** `linesRead` and `bytesRead` count since the source was opened; the rates are of the last minute. */
export interface SourceReport extends SourceStatus, Flow {
  /** How long ago the last line was read; null when none was. */
  readonly lastReadAgeMs: number | null;
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
  const positions = [...buffers.values()].flatMap((buffer) => buffer.positions());
  const ladders = laddersOf(positions);
  const sources = collector.sources().map((source): SourceReport => {
    const lastReadAgeMs = source.lastReadMs === 0 ? null : Math.max(0, clock.nowMs() - source.lastReadMs);
    return { ...source, ...rates.of(source), lastReadAgeMs, ladder: ladders.get(source.sourceId) ?? noLadder };
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
    lagBytes: sum(sources.map(({ lagBytes }) => lagBytes)),
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
  const lines = sum(buffer.positions().map(({ counters }) => counters.linesRead - counters.linesFiltered));
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

const noLadder: SourceLadder = { read: 0, filtered: 0, dropped: {}, kept: 0, trimmed: 0, cut: 0, bytesRead: 0, bytesKept: 0 };

function laddersOf(positions: readonly StreamPosition[]): ReadonlyMap<string, SourceLadder> {
  const ladders = new Map<string, SourceLadder>();
  for (const { stream, counters } of positions)
    ladders.set(stream.sourceId, withCounters(ladders.get(stream.sourceId) ?? noLadder, counters));
  return ladders;
}

function withCounters(ladder: SourceLadder, counters: StreamCounters): SourceLadder {
  const dropped: Record<string, number> = { ...ladder.dropped };
  for (const [reason, lines] of Object.entries(counters.linesDropped)) dropped[reason] = (dropped[reason] ?? 0) + lines;
  const read = ladder.read + counters.linesRead;
  const filtered = ladder.filtered + counters.linesFiltered;
  return {
    read,
    filtered,
    dropped,
    kept: read - filtered - sum(Object.values(dropped)),
    trimmed: ladder.trimmed + counters.linesTrimmed,
    cut: ladder.cut + counters.linesCut,
    bytesRead: ladder.bytesRead + counters.bytesRead,
    bytesKept: ladder.bytesKept + counters.bytesKept,
  };
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
