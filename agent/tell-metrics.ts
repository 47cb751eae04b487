// The agent's status as metrics. Labels are sources, lanes and reasons, all of them bounded by the policy; never a file, a
// peer or an error's text.
import { readdirSync } from 'node:fs';
import { counter, exposition, gauge, type ExpositionFormat, type Family, type Sample } from './metrics/exposition.ts';
import { ledgerFamilies, sourceFamilies } from './tell-source-metrics.ts';
import type { AgentStatus, DeliveryStatus, LaneReport, OtherHubStatus } from './tell-status.ts';

/** The whole answer to a scrape. What is of one of the other hubs carries its name as `other_hub`. */
export function tellMetrics(status: AgentStatus, format: ExpositionFormat): string {
  const { otherHubs } = status;
  const others = otherHubs.filter((other): other is OtherHubStatus & DeliveryStatus => other.connection !== undefined);
  const ofOthers = others.map((other) => ({ hub: other.name, families: deliveryFamilies(other) }));
  const ofHubs = deliveryFamilies(status).map((family) => ({
    ...family,
    samples: [...family.samples, ...ofOthers.flatMap(({ hub, families }) => samplesOf(family.name, hub, families))],
  }));
  const enrolled = otherHubs.map(({ name, connection }): Sample => ({ labels: { other_hub: name }, value: connection ? 1 : 0 }));
  const families = [
    ...agentFamilies(status),
    gauge('atalaia_agent_other_hub_enrolled', 'Whether the agent has enrolled with this one of otherHubs: 1 or 0.', enrolled),
    ...ofHubs,
    ...processFamilies(status),
  ];
  return exposition(families, format);
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
    { name: 'atalaia_agent_info', help: 'The version that runs; always 1.', type: 'info', samples: [{ labels: { version }, value: 1 }] },
    gauge('atalaia_agent_uptime_seconds', 'Seconds since the agent started.', [{ value: uptimeMs / 1_000 }]),
    gauge('atalaia_agent_certificate_expiry_timestamp_seconds', "When the agent's certificate ends, in seconds since 1970.", [
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
    gauge('atalaia_agent_uplink_connected', 'Whether the agent is connected to its hub: 1 or 0.', [
      { value: state === 'connected' ? 1 : 0 },
    ]),
    counter('atalaia_agent_uplink_sent_batches_total', 'Batches sent, repeats included.', [{ value: batchesSent }]),
    counter('atalaia_agent_uplink_acked_batches_total', 'Batches that the hub made durable.', [{ value: batchesAcked }]),
    counter('atalaia_agent_uplink_sent_bytes_total', 'Bytes of batches sent, repeats included.', [{ value: bytesSent }]),
    counter('atalaia_agent_uplink_acked_bytes_total', 'Bytes of batches that the hub made durable.', [{ value: bytesAcked }]),
    counter('atalaia_agent_uplink_reconnects_total', 'Connections that were opened again.', [{ value: reconnects }]),
    gauge('atalaia_agent_uplink_last_ack_timestamp_seconds', 'When the hub last acknowledged, in seconds since 1970; 0 before the first.', [
      { value: lastAckMs / 1_000 },
    ]),
    gauge('atalaia_agent_uplink_in_flight_batches', 'Batches sent and not yet acknowledged.', [{ value: inFlightBatches }]),
    gauge('atalaia_agent_uplink_credit_batches', 'Batches that the hub would take now.', [{ value: creditBatches }]),
    gauge(
      'atalaia_agent_hub_clock_offset_seconds',
      "The hub's clock less the agent's, in seconds.",
      hubClockOffsetMs === undefined ? [] : [{ value: hubClockOffsetMs / 1_000 }],
    ),
  ];
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
      'Whether the lane or its disk is full: 1 or 0.',
      of(({ isFull }) => (isFull ? 1 : 0)),
    ),
    gauge(
      'atalaia_agent_buffer_oldest_age_seconds',
      'Age of the oldest batch that waits, in seconds, or at least so old; 0 when none does.',
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
    counter('process_cpu_seconds_total', 'User and system CPU time of the process, in seconds.', [{ value: (user + system) / 1e6 }]),
    gauge('process_resident_memory_bytes', 'Resident memory of the process, in bytes.', [{ value: rssBytes }]),
    gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', [
      { value: Math.round((Date.now() - uptimeMs) / 1_000) },
    ]),
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
