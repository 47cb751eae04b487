import { expect, test } from 'vitest';
import { tellMetrics } from './tell-metrics.ts';
import type { AgentStatus, SourceReport } from './tell-status.ts';
import { newUplinkStatus } from './uplink/uplink-status.ts';

const source: SourceReport = {
  sourceId: 'fw',
  type: 'syslog',
  linesRead: 10,
  bytesRead: 100,
  lagBytes: 0,
  lastReadMs: 1_500,
  problem: 'a path: /var/log/"secret"',
  lastReadAgeMs: 1,
  linesPerSecond: 1,
  bytesPerSecond: 1,
  unreadAgeMs: 1_500,
  uncommittedAgeMs: null,
  bufferedUpTo: null,
  ladder: {
    read: 40,
    filtered: 4,
    dropped: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`reason-${String(i).padStart(2, '0')}`, 1])),
    kept: 16,
    committed: 9,
    waiting: 4,
    sent: 2,
    lost: 2,
    unsure: 1,
    trimmed: 3,
    cut: 0,
    bytesRead: 400,
    bytesKept: 160,
  },
};
const status: AgentStatus = {
  agentId: 'a',
  version: '0.1.0',
  hub: 'wss://hub.example.org:7443',
  uptimeMs: 60_000,
  certificateExpires: '2026-12-01T00:00:00.000Z',
  policyHash: '',
  testsFailed: ['one'],
  connection: { ...newUplinkStatus(), addresses: [], bytesPerSecondMax: null, hubClockOffsetMs: -2_500, roundTripMs: 3 },
  read: { lines: 10, bytes: 100 },
  lanes: [],
  lagBytes: 0,
  rates: { linesPerSecond: 1, bytesPerSecond: 1, batchesAckedPerSecond: 0 },
  sources: [source],
  positions: [{ path: '/var/log/some-file' }],
  otherHubs: [],
  originals: [],
  lastError: { text: 'an error', at: null, remedy: 'none' },
  rssBytes: 1_000,
};

function valueOf(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

test('every family has help, type and base units; counters end in _total, gauges do not', () => {
  const text = tellMetrics(status, 'text');

  const families = [
    ...text.matchAll(/^# HELP (\S+) \S.*\n# TYPE \1 (counter|gauge)\n(?:\1(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? \S+\n)+/gm),
  ];
  expect(families.map(([family]) => family).join('')).toBe(text);
  for (const [, name = '', type] of families) expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
  expect(text).not.toMatch(/_(ms|milliseconds|kib|mib)\b/);
});

test('the numbers are those of status, in seconds, and the ledger balances', () => {
  const text = tellMetrics(status, 'text');
  const of = (name: string): number => valueOf(text, `atalaia_agent_ledger_${name}_lines_total{source="fw"}`) ?? NaN;
  const dropped = [...text.matchAll(/^atalaia_agent_ledger_dropped_lines_total\{.*\} (\d+)$/gm)].map(([, lines]) => Number(lines));

  const waiting = valueOf(text, 'atalaia_agent_ledger_waiting_lines{source="fw"}') ?? NaN;
  const unsure = valueOf(text, 'atalaia_agent_ledger_unsure_lines{source="fw"}') ?? NaN;

  expect(of('kept')).toBe(of('committed') + waiting + of('lost') + unsure);
  expect(valueOf(text, 'atalaia_agent_source_unread_age_seconds{source="fw"}')).toBe(1.5);
  expect(text).not.toContain('uncommitted_age');
  expect(of('read')).toBe(of('filtered') + dropped.reduce((sum, lines) => sum + lines, 0) + of('kept'));
  expect(valueOf(text, 'atalaia_agent_hub_clock_offset_seconds')).toBe(-2.5);
  expect(valueOf(text, 'atalaia_agent_source_last_read_timestamp_seconds{source="fw"}')).toBe(1.5);
  expect(valueOf(text, 'atalaia_agent_policy_failing_tests')).toBe(1);
});

test('labels are bounded and tell neither files nor errors', () => {
  const text = tellMetrics(status, 'text');

  expect(text.match(/^atalaia_agent_ledger_dropped_lines_total\{/gm)).toHaveLength(17);
  expect(valueOf(text, 'atalaia_agent_ledger_dropped_lines_total{source="fw",reason="others"}')).toBe(4);
  expect(text).not.toMatch(/some-file|secret|an error|hub\.example/);
});

test('what is of another hub carries its name, one that was never enrolled with is told', () => {
  const { agentId, hub, certificateExpires, policyHash, testsFailed, connection, read, lanes, lagBytes, rates, sources, positions } =
    status;
  const told = { agentId, hub, certificateExpires, policyHash, testsFailed, read, lanes, lagBytes, rates, sources, positions };
  const partner = { name: 'partner', problem: '', ...told, connection: { ...connection, state: 'connected' as const, batchesAcked: 7 } };

  const text = tellMetrics({ ...status, otherHubs: [partner, { name: 'later', problem: 'not enrolled' }] }, 'text');

  expect(valueOf(text, 'atalaia_agent_other_hub_enrolled{other_hub="partner"}')).toBe(1);
  expect(valueOf(text, 'atalaia_agent_other_hub_enrolled{other_hub="later"}')).toBe(0);
  expect(valueOf(text, 'atalaia_agent_uplink_connected')).toBe(0);
  expect(valueOf(text, 'atalaia_agent_uplink_connected{other_hub="partner"}')).toBe(1);
  expect(valueOf(text, 'atalaia_agent_uplink_acked_batches_total{other_hub="partner"}')).toBe(7);
  expect(valueOf(text, 'atalaia_agent_ledger_kept_lines_total{source="fw",other_hub="partner"}')).toBe(16);
  expect(text.match(/^# TYPE atalaia_agent_uplink_connected /gm)).toHaveLength(1);
});
