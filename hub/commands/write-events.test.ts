import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../ports.ts';
import { writeEvents, type EventFormat } from './write-events.ts';

const event: StoredEvent = {
  id: 'e1',
  timeMs: Date.UTC(2026, 10, 24, 12),
  createdMs: 0,
  ingestedMs: 0,
  fields: { 'host.name': 'web1', 'event.dataset': 'openssh', message: 'Failed password for root' },
  raw: '=cmd|"x"\u001b[2J\u202e',
};

function written(format: EventFormat, events: readonly StoredEvent[] = [event]): string {
  let text = '';
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString();
      done();
    },
  });
  writeEvents(events, format, output);
  return text;
}

test('a table shows time, host, data set and message', () => {
  expect(written('table')).toBe('2026-11-24T12:00:00.000Z  web1  openssh  Failed password for root\n');
});

test('a line cannot move the cursor, turn the text round or start a formula in a spreadsheet', () => {
  const { message: _, ...fields } = event.fields;
  expect(written('table', [{ ...event, fields }])).toContain('=cmd|"x"\\u001b[2J\\u202e');
  expect(written('csv')).toBe(
    '@timestamp,host.name,event.dataset,message\n"2026-11-24T12:00:00.000Z","web1","openssh","\'=cmd|""x""\\u001b[2J\\u202e"\n',
  );
});

test('JSON lines hold every field and the raw line', () => {
  expect(JSON.parse(written('jsonl'))).toEqual({
    id: 'e1',
    '@timestamp': '2026-11-24T12:00:00.000Z',
    ...event.fields,
    'event.original': event.raw,
  });
});
