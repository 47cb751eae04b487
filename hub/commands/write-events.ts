// Events for a terminal or a pipe: JSON lines whole, CSV with the raw line, the table with the message where there is one.
// Lines are written by attackers: control characters are shown, not sent to the terminal, and a CSV cell that a
// spreadsheet would run is quoted with an apostrophe.
import type { StoredEvent } from '../ports.ts';

export type EventFormat = 'jsonl' | 'csv' | 'table';

const columns = ['@timestamp', 'host.name', 'event.dataset', 'message'] as const;

export function writeEvents(events: readonly StoredEvent[], format: EventFormat, output: NodeJS.WritableStream): void {
  if (format === 'csv') output.write(`${columns.join(',')}\n`);
  for (const event of events) output.write(`${lineOf(event, format)}\n`);
}

function lineOf(event: StoredEvent, format: EventFormat): string {
  const time = new Date(event.timeMs).toISOString();
  if (format === 'jsonl') return JSON.stringify({ id: event.id, '@timestamp': time, ...event.fields, 'event.original': event.raw });
  const from = [time, shown(event.fields['host.name']), shown(event.fields['event.dataset'])];
  if (format === 'csv') return [...from, visible(event.raw)].map(csvCell).join(',');
  return [...from, shown(event.fields.message ?? event.raw)].join('  ');
}

function shown(value: StoredEvent['fields'][string] | undefined): string {
  return value === undefined ? '' : visible(String(value));
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Control characters and those that turn the direction of text, as \u escapes. */
function visible(text: string): string {
  return text.replaceAll(controls, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
