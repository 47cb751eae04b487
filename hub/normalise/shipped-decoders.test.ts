// Every shipped decoder against the samples in its own file, and what all of them promise together.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldsReadBy, fieldsWrittenBy, loadDecoders } from '../../config/decoders/load-decoders.ts';
import { EventRow, rowToObject } from '../../config/fields/row.ts';
import { createNormaliser, normaliseLimits } from './create-normaliser.ts';

const decoders = loadDecoders();
const normaliser = createNormaliser(decoders);
const readAt = '2026-11-24T12:00:00Z';

function decode(line: string, { type = '', zone = '', at = readAt } = {}): { event: Record<string, unknown>; row: EventRow } {
  const row = new EventRow();
  normaliser.normalise({ text: line, readAtMs: Date.parse(at), typeHint: type, timeZone: zone }, row);
  return { event: { ...rowToObject(row), '@timestamp': new Date(row.timeMs).toISOString() }, row };
}

describe.each(decoders.map((decoder) => [decoder.id, decoder] as const))('%s', (_id, decoder) => {
  test.each(decoder.samples.map((sample) => [sample.line.slice(0, 80), sample] as const))('reads %s', (_line, sample) => {
    const { event } = decode(sample.line, { type: sample.type ?? '', zone: sample.zone ?? '', at: sample.readAt ?? readAt });

    const got = Object.fromEntries(Object.keys(sample.expect).map((name) => [name, event[name] ?? null]));
    expect(got).toEqual(sample.expect);
  });
});

test('a line that nothing recognises is kept whole as a plain event', () => {
  const { event, row } = decode('just some words, nothing more');

  expect(row.decoder).toBe('plain');
  expect(row.problem).toBe('');
  expect(event).toEqual({ '@timestamp': '2026-11-24T12:00:00.000Z', message: 'just some words, nothing more' });
});

test('cut JSON is kept whole and says so', () => {
  const { event, row } = decode('{"event_type":"alert","src_ip":"203.0.1');

  expect(row.problem).toMatch(/does not parse/);
  expect(event['message']).toBe('{"event_type":"alert","src_ip":"203.0.1');
});

test('a line over the limit is not decoded, and says so', () => {
  const { row } = decode(`Nov 24 10:00:00 web1 sshd[1]: ${'x'.repeat(normaliseLimits.lineCharsMax)}`);

  expect(row.decoder).toBe('plain');
  expect(row.problem).toMatch(/longer than/);
});

test('JSON nested a hundred thousand deep does not stop anything', () => {
  const deep = `{"event_type":"alert","timestamp":"2026-11-24T10:00:00Z","alert":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

  expect(decode(deep).row.timeMs).toBeGreaterThan(0);
});

test('a line cannot hide fields of a later line, however their names are spelled', () => {
  const line = (name: string) => `{"event_type":"alert","timestamp":"2026-11-24T10:00:00Z","${name}":"192.0.2.1"}`;
  decode(line(String.raw`\\u0073`));

  const { event } = decode(line(String.raw`\u0073rc_ip`));

  expect(event['source.ip']).toBe('192.0.2.1');
});

test('a name from the object prototype in JSON is only a name', () => {
  const { row } = decode('{"event_type":"alert","timestamp":"2026-11-24T10:00:00Z","__proto__":{"src_ip":"192.0.2.1"},"constructor":1}');

  expect(row.decoder).toBe('suricata-eve');
  expect(rowToObject(row)['source.ip']).toBeUndefined();
});

const pieces = [
  ...decoders.flatMap(({ samples }) => samples.map(({ line }) => line)),
  '<34>1 ',
  '[',
  ']',
  '"',
  '\\',
  '=',
  ' from ',
  ' port ',
  'pam_unix(',
  '{"MESSAGE":',
  '\u0000',
  '\ufffd',
  '\n',
  'IN= OUT= SRC= DST= ',
];

test('no text whatever makes it throw, and every line gives an event with a time', () => {
  const mutated = fc
    .tuple(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 5 }),
      fc.nat(),
      fc.nat(),
      fc.string({ maxLength: 5 }),
    )
    .map(([parts, from, length, put]) => {
      const text = parts.join('');
      const at = text.length === 0 ? 0 : from % text.length;
      return text.slice(0, at) + put + text.slice(at + (length % 8));
    });
  fc.assert(
    fc.property(
      mutated,
      fc.constantFrom('', 'nginx', 'apache', 'auth', 'suricata', 'journal', 'zeek', 'audit', 'nobody-knows'),
      (line, type) => {
        const { row } = decode(line, { type, zone: 'Europe/Lisbon' });
        expect(Number.isFinite(row.timeMs)).toBe(true);
        expect(row.raw).toBe(line);
        expect(row.decoder).not.toBe('');
        expect(new Set(row.used).size).toBe(row.used.length);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a decoder says which raw fields it reads and which fields it writes', () => {
  const eve = decoders.find(({ id }) => id === 'suricata-eve');
  const ssh = decoders.find(({ id }) => id === 'openssh');

  expect(fieldsReadBy(eve!)).toEqual(expect.arrayContaining(['alert.signature_id', 'event_type', 'src_ip', 'timestamp']));
  expect(fieldsWrittenBy(eve!)).toEqual(expect.arrayContaining(['rule.id', 'source.address', 'event.severity']));
  expect(fieldsReadBy(ssh!)).toEqual(['_text']);
  expect(fieldsWrittenBy(ssh!)).toEqual(expect.arrayContaining(['event.action', 'source.address', 'user.name']));
});
