import { assert, array, constantFrom, dictionary, oneof, property, string, stringMatching, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { EntryShortener } from './shorten-entry.ts';

function shortened(entry: object | string, pieceBytes = 4_096): string {
  const from = Buffer.from(typeof entry === 'string' ? entry : JSON.stringify(entry));
  const output = Buffer.alloc(limits.lineBytesMax);
  const shortener = new EntryShortener();
  for (let at = 0; at < from.length; at += pieceBytes) shortener.take(from.subarray(at, at + pieceBytes), output);
  return output.toString('utf8', 0, shortener.written);
}

const long = 'é"\\\n'.repeat(500_000);
const author = { _PID: '811', __CURSOR: 's=1;i=2', _COMM: 'sshd' };

test.each([
  ['a text', { MESSAGE: long, ...author }],
  ['bytes that are no text', { MESSAGE: [...Buffer.from(long.slice(0, 900_000))], ...author }],
  ['a field given twice', { MESSAGE: ['first', long, 'third'], ...author }],
  [
    'a thousand long fields',
    { ...Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`FIELD_${n}`, 'x'.repeat(4_000)])), ...author },
  ],
])('of an entry with %s all that stands behind it is kept, as JSON', (_, entry) => {
  const line = shortened(entry);

  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(limits.lineBytesMax);
  expect(JSON.parse(line)).toMatchObject(author);
});

test('what is kept of a long text is its beginning', () => {
  const { MESSAGE } = JSON.parse(shortened({ MESSAGE: long, ...author })) as { MESSAGE: string };

  expect(long.startsWith(MESSAGE)).toBe(true);
  expect(MESSAGE.length).toBeGreaterThan(50_000);
});

test('an entry that is short is left as it is, in whatever pieces it comes', () => {
  const value = oneof(string({ unit: 'binary' }), array(oneof(string(), constantFrom('"', '\\', '\u0000')), { maxLength: 5 }));
  assert(
    property(dictionary(stringMatching(/^[A-Z_]{1,9}$/), value), constantFrom(1, 2, 3, 7, 4_096), (entry, pieceBytes) => {
      expect(shortened(entry, pieceBytes)).toBe(JSON.stringify(entry));
    }),
  );
});

test('an entry with more fields than journald allows takes no more than a line', () => {
  const entry = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`FIELD_${n}`, 'x'.repeat(40)]));

  expect(Buffer.byteLength(shortened(entry))).toBeLessThanOrEqual(limits.lineBytesMax);
});

test('bytes that are no JSON at all never take more than a line', () => {
  const mixed = oneof(
    uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    constantFrom('"', '[', ']', '{', '}', ',', '\\', `"${'x'.repeat(300_000)}`, '0,'.repeat(200_000)).map((text) => Buffer.from(text)),
  );
  assert(
    property(array(mixed, { maxLength: 30 }), (parts) => {
      const output = Buffer.alloc(limits.lineBytesMax);
      const shortener = new EntryShortener();
      for (const part of parts) shortener.take(part, output);

      expect(shortener.written).toBeLessThanOrEqual(limits.lineBytesMax);
    }),
    { numRuns: 50 },
  );
});
