// What the agent knows of each source, as metrics: reading, and the ledger of its lines from rung to rung.
import { counter, gauge, type Family, type Sample } from './metrics/exposition.ts';
import type { DeliveryStatus, SourceReport } from './tell-status.ts';

/** Reasons for which one source drops lines; further ones are told together. */
const reasonsMax = 16;

export function sourceFamilies({ sources }: DeliveryStatus): Family[] {
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
      'Bytes that are there and not yet read; absent where the source does not tell.',
      of(({ lagBytes }) => lagBytes),
    ),
    gauge(
      'atalaia_agent_source_unread_age_seconds',
      'Age of the oldest line that is there and not read, in seconds, or at least so old; 0 when there is none, absent where the source does not tell.',
      of(({ unreadAgeMs }) => inSeconds(unreadAgeMs)),
    ),
    gauge(
      'atalaia_agent_source_uncommitted_age_seconds',
      'Age of the oldest line that is buffered and not acknowledged by the hub, in seconds, or at least so old; 0 when there is none.',
      of(({ uncommittedAgeMs }) => inSeconds(uncommittedAgeMs)),
    ),
    gauge(
      'atalaia_agent_source_last_read_timestamp_seconds',
      'When the last line was read, in seconds since 1970; 0 before the first.',
      of(({ lastReadMs }) => lastReadMs / 1_000),
    ),
    gauge(
      'atalaia_agent_source_problem',
      'Whether the source has a problem, which status tells: 1 or 0.',
      of(({ problem }) => (problem === '' ? 0 : 1)),
    ),
    counter(
      'atalaia_agent_source_unparsed_lines_total',
      'Lines not in the format of a trim, passed as they were.',
      of((one) => one.linesUnparsed ?? 0),
    ),
  ];
}

export function ledgerFamilies({ sources }: DeliveryStatus): Family[] {
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
      'Lines that are left: committed, waiting, lost and unsure together.',
      of(({ ladder }) => ladder.kept),
    ),
    ...rungFamilies(of),
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

/** What became of the lines kept. */
function rungFamilies(of: PerSource): Family[] {
  return [
    counter(
      'atalaia_agent_ledger_committed_lines_total',
      'Lines that the hub has acknowledged; absent while that is not known.',
      of(({ ladder }) => ladder.committed),
    ),
    gauge(
      'atalaia_agent_ledger_waiting_lines',
      'Lines that are buffered and that the hub has not acknowledged; absent while that is not known.',
      of(({ ladder }) => ladder.waiting),
    ),
    gauge(
      'atalaia_agent_ledger_sent_lines',
      'Of the waiting lines, those on their way to the hub.',
      of(({ ladder }) => ladder.sent),
    ),
    counter(
      'atalaia_agent_ledger_lost_lines_total',
      'Lines dropped from a full buffer, told to the hub as lost; absent while that is not known.',
      of(({ ladder }) => ladder.lost),
    ),
    gauge(
      'atalaia_agent_ledger_unsure_lines',
      'Lines that were committed or lost before damage, a roll-back or a deleted buffer; the hub knows which.',
      of(({ ladder }) => ladder.unsure),
    ),
  ];
}

type PerSource = (value: (source: SourceReport) => number | null) => Sample[];

/** What is not known has no sample. */
function perSource(sources: readonly SourceReport[]): PerSource {
  return (value) =>
    sources.flatMap((source) => {
      const known = value(source);
      return known === null ? [] : [{ labels: { source: source.sourceId }, value: known }];
    });
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function droppedSamples({ sourceId, ladder: { dropped } }: SourceReport): Sample[] {
  const reasons = Object.entries(dropped).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const others = reasons.slice(reasonsMax).reduce((sum, [, lines]) => sum + lines, 0);
  const told = [...reasons.slice(0, reasonsMax), ...(others > 0 ? [['others', others] as const] : [])];
  return told.map(([reason, value]) => ({ labels: { source: sourceId, reason }, value }));
}
