// The agent's status as metrics. Labels are sources, lanes and reasons, all of them bounded by the policy; never a file, a
// peer or an error's text.
import { readdirSync } from 'node:fs';
import { exposition, type Family, type Sample } from './metrics/exposition.ts';
import type { AgentStatus, DeliveryStatus, LaneReport, OtherHubStatus, SourceReport } from './tell-status.ts';

/** Reasons for which one source drops lines; further ones are told together. */
const reasonsMax = 16;

/** The whole answer to a scrape. What is of one of the other hubs carries its name as `other_hub`. */
export function tellMetrics(status: AgentStatus): string {
  const { otherHubs } = status;
  const others = otherHubs.filter((other): other is OtherHubStatus & DeliveryStatus => other.connection !== undefined);
  const ofOthers = others.map((other) => ({ hub: other.name, families: deliveryFamilies(other) }));
  const ofHubs = deliveryFamilies(status).map((family) => ({
    ...family,
    samples: [...family.samples, ...ofOthers.flatMap(({ hub, families }) => samplesOf(family.name, hub, families))],
  }));
  const enrolled = otherHubs.map(({ name, connection }): Sample => ({ labels: { other_hub: name }, value: connection ? 1 : 0 }));
  return exposition([
    ...agentFamilies(status),
    gauge('atalaia_agent_other_hub_enrolled', 'Whether the agent has enrolled with this one of otherHubs.', enrolled),
    ...ofHubs,
    ...processFamilies(status),
  ]);
}

/** What there is of each hub. */
function deliveryFamilies(status: DeliveryStatus): Family[] {
  return [...uplinkFamilies(status), ...sourceFamilies(status), ...ledgerFamilies(status), ...laneFamilies(status)];
}

function samplesOf(name: string, hub: string, families: readonly Family[]): Sample[] {
  const samples = families.find((family) => family.name === name)?.samples ?? [];
  return samples.map(({ labels, value }) => ({ labels: { ...labels, other_hub: hub }, value }));
}

function agentFamilies({ version, certificateExpires, testsFailed, uptimeMs }: AgentStatus): Family[] {
  return [
    gauge('atalaia_agent_info', 'The version that runs; always 1.', [{ labels: { version }, value: 1 }]),
    gauge('atalaia_agent_uptime_seconds', 'Since the agent started.', [{ value: uptimeMs / 1_000 }]),
    gauge('atalaia_agent_certificate_expiry_timestamp_seconds', "When the agent's certificate ends.", [
      { value: Date.parse(certificateExpires) / 1_000 },
    ]),
    gauge('atalaia_agent_policy_failing_tests', 'Tests that the policy in force fails.', [{ value: testsFailed.length }]),
  ];
}

function uplinkFamilies({ connection }: DeliveryStatus): Family[] {
  const {
    state,
    hubClockOffsetMs,
    batchesSent,
    batchesAcked,
    bytesSent,
    bytesAcked,
    reconnects,
    lastAckMs,
    inFlightBatches,
    creditBatches,
  } = connection;
  return [
    gauge('atalaia_agent_uplink_connected', 'Whether the agent is connected to its hub.', [{ value: state === 'connected' ? 1 : 0 }]),
    counter('atalaia_agent_uplink_sent_batches_total', 'Batches sent, repeats included.', [{ value: batchesSent }]),
    counter('atalaia_agent_uplink_acked_batches_total', 'Batches that the hub made durable.', [{ value: batchesAcked }]),
    counter('atalaia_agent_uplink_sent_bytes_total', 'Bytes of batches sent, repeats included.', [{ value: bytesSent }]),
    counter('atalaia_agent_uplink_acked_bytes_total', 'Bytes of batches that the hub made durable.', [{ value: bytesAcked }]),
    counter('atalaia_agent_uplink_reconnects_total', 'Connections that were opened again.', [{ value: reconnects }]),
    gauge('atalaia_agent_uplink_last_ack_timestamp_seconds', 'When the hub last acknowledged; 0 before the first.', [
      { value: lastAckMs / 1_000 },
    ]),
    gauge('atalaia_agent_uplink_in_flight_batches', 'Batches sent and not yet acknowledged.', [{ value: inFlightBatches }]),
    gauge('atalaia_agent_uplink_credit_batches', 'Batches that the hub would take now.', [{ value: creditBatches }]),
    gauge(
      'atalaia_agent_hub_clock_offset_seconds',
      "The hub's clock less the agent's, at the last greeting.",
      hubClockOffsetMs === undefined ? [] : [{ value: hubClockOffsetMs / 1_000 }],
    ),
  ];
}

function sourceFamilies({ sources }: DeliveryStatus): Family[] {
  const of = perSource(sources);
  return [
    counter(
      'atalaia_agent_source_read_lines_total',
      'Lines read since the source was opened.',
      of(({ linesRead }) => linesRead),
    ),
    counter(
      'atalaia_agent_source_read_bytes_total',
      'Bytes read since the source was opened.',
      of(({ bytesRead }) => bytesRead),
    ),
    gauge(
      'atalaia_agent_source_lag_bytes',
      'Bytes that are there and not yet read.',
      of(({ lagBytes }) => lagBytes),
    ),
    gauge(
      'atalaia_agent_source_last_read_timestamp_seconds',
      'When the last line was read; 0 before the first.',
      of(({ lastReadMs }) => lastReadMs / 1_000),
    ),
    gauge(
      'atalaia_agent_source_problem',
      'Whether the source has a problem, which status tells.',
      of(({ problem }) => (problem === '' ? 0 : 1)),
    ),
    counter(
      'atalaia_agent_source_unparsed_lines_total',
      'Lines not in the format of a trim, passed as they were.',
      of((one) => one.linesUnparsed ?? 0),
    ),
  ];
}

function ledgerFamilies({ sources }: DeliveryStatus): Family[] {
  const of = perSource(sources);
  return [
    counter(
      'atalaia_agent_ledger_read_lines_total',
      'Lines read and buffered: filtered, dropped and kept together.',
      of(({ ladder }) => ladder.read),
    ),
    counter(
      'atalaia_agent_ledger_filtered_lines_total',
      'Lines that the filter dropped.',
      of(({ ladder }) => ladder.filtered),
    ),
    counter(
      'atalaia_agent_ledger_dropped_lines_total',
      'Lines dropped for a reason other than the filter.',
      sources.flatMap(droppedSamples),
    ),
    counter(
      'atalaia_agent_ledger_kept_lines_total',
      'Lines kept, to be sent.',
      of(({ ladder }) => ladder.kept),
    ),
    counter(
      'atalaia_agent_ledger_trimmed_lines_total',
      'Lines that a trim changed.',
      of(({ ladder }) => ladder.trimmed),
    ),
    counter(
      'atalaia_agent_ledger_cut_lines_total',
      'Lines cut at the limit of a line.',
      of(({ ladder }) => ladder.cut),
    ),
    counter(
      'atalaia_agent_ledger_read_bytes_total',
      'Bytes read and buffered, before filter and trim.',
      of(({ ladder }) => ladder.bytesRead),
    ),
    counter(
      'atalaia_agent_ledger_kept_bytes_total',
      'Bytes kept, behind filter and trim.',
      of(({ ladder }) => ladder.bytesKept),
    ),
  ];
}

function perSource(sources: readonly SourceReport[]): (value: (source: SourceReport) => number) => Sample[] {
  return (value) => sources.map((source) => ({ labels: { source: source.sourceId }, value: value(source) }));
}

function droppedSamples({ sourceId, ladder: { dropped } }: SourceReport): Sample[] {
  const reasons = Object.entries(dropped).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const others = reasons.slice(reasonsMax).reduce((sum, [, lines]) => sum + lines, 0);
  const told = [...reasons.slice(0, reasonsMax), ...(others > 0 ? [['others', others] as const] : [])];
  return told.map(([reason, value]) => ({ labels: { source: sourceId, reason }, value }));
}

function laneFamilies({ lanes }: DeliveryStatus): Family[] {
  const of = (value: (lane: LaneReport) => number): Sample[] => lanes.map((lane) => ({ labels: { lane: lane.lane }, value: value(lane) }));
  return [
    gauge(
      'atalaia_agent_buffer_batches',
      'Batches that wait for the hub.',
      of(({ batches }) => batches),
    ),
    gauge(
      'atalaia_agent_buffer_bytes',
      'Bytes that the lane takes on disk.',
      of(({ bytes }) => bytes),
    ),
    gauge(
      'atalaia_agent_buffer_limit_bytes',
      'Bytes that the lane may take.',
      of(({ bytesMax }) => bytesMax),
    ),
    gauge(
      'atalaia_agent_buffer_full',
      'Whether the lane or its disk is full.',
      of(({ isFull }) => (isFull ? 1 : 0)),
    ),
    gauge(
      'atalaia_agent_buffer_oldest_age_seconds',
      'Age of the oldest batch that waits, or at least so old; 0 when none does.',
      of((one) => (one.oldestAgeMs ?? 0) / 1_000),
    ),
    counter(
      'atalaia_agent_buffer_lost_batches_total',
      'Batches dropped or damaged, each told to the hub.',
      of(({ lostBatches }) => lostBatches),
    ),
    counter(
      'atalaia_agent_buffer_sealed_batches_total',
      'Batches sealed in this epoch of the lane.',
      of(({ ladder }) => ladder.sealed),
    ),
  ];
}

function processFamilies({ rssBytes, uptimeMs }: AgentStatus): Family[] {
  const { user, system } = process.cpuUsage();
  const openFiles = openDescriptors();
  return [
    counter('process_cpu_seconds_total', 'User and system CPU time of the process.', [{ value: (user + system) / 1e6 }]),
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', [{ value: rssBytes }]),
    gauge('process_start_time_seconds', 'When the process started.', [{ value: Math.round((Date.now() - uptimeMs) / 1_000) }]),
    gauge('process_open_fds', 'Open file descriptors of the process.', openFiles === undefined ? [] : [{ value: openFiles }]),
  ];
}

/** Undefined where the system has no such folder. */
function openDescriptors(): number | undefined {
  try {
    // The one that reads the folder is among them.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}
