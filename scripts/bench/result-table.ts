// Results as a table for people: one row a scenario, one column for each figure that any of them measured.
import type { ScenarioResult } from './scenario.ts';

export const figureNames = [
  'mb_per_s',
  'events_per_s',
  'cpu_s_per_gb',
  'cpu_us_per_event',
  'rss_mb',
  'p50_ms',
  'p99_ms',
  'bytes_per_event',
] as const;

const headings: Readonly<Record<(typeof figureNames)[number], string>> = {
  mb_per_s: 'MB/s',
  events_per_s: 'events/s',
  cpu_s_per_gb: 'CPU-s/GB',
  cpu_us_per_event: 'CPU-µs/event',
  rss_mb: 'RSS MB',
  p50_ms: 'p50 ms',
  p99_ms: 'p99 ms',
  bytes_per_event: 'bytes/event',
};

export function resultTable(results: readonly ScenarioResult[]): string {
  const used = figureNames.filter((name) => results.some((result) => result[name] !== undefined));
  const rows = [
    ['scenario', ...used.map((name) => headings[name])],
    ...results.map((result) => [result.scenario, ...used.map((name) => shown(result[name]))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
  const notes = results.flatMap(({ scenario, notes }) => (notes === undefined ? [] : [`${scenario}: ${notes}`]));
  return `${[...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`;
}

function shown(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en-US');
}
