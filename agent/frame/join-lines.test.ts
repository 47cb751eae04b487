import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineBuffers } from '../inputs/line-buffers.ts';
import { createFraming, type FramingWish } from './create-framing.ts';

const multiline = { start: '^\\d', continuation: undefined, timeout: 1_000, maxLines: 100, maxBytes: 64 * 1024 };

interface Joined {
  readonly records: string[];
  readonly cut: readonly number[];
  /** What was left unfinished. */
  readonly rest: string;
}

function join(text: string, wish: Partial<FramingWish['multiline']> = {}, isWhole = false): Joined {
  const framing = createFraming({ encoding: 'utf-8', multiline: { ...multiline, ...wish } });
  const bytes = Buffer.from(text);
  const buffers = new LineBuffers();
  buffers.growTo(bytes.length);
  bytes.copy(buffers.bytes);
  const from = buffers.split(0, bytes.length);
  const end = buffers.join(framing, { from, to: bytes.length, lineFeed: 'byte', isWhole });
  const records = Array.from({ length: buffers.count }, (_, i) => buffers.bytes.toString('utf8', buffers.starts[i], buffers.ends[i]));
  return { records, cut: buffers.cut, rest: bytes.toString('utf8', end) };
}

test.each([
  ['a line that matches `start` begins a record', '1 first\n  at a\n  at b\n2 second\n', {}, ['1 first\n  at a\n  at b'], '2 second\n'],
  [
    'a line that matches `continuation` does not',
    'first\n\tat a\nsecond\n',
    { start: undefined, continuation: '^\\s' },
    ['first\n\tat a'],
    'second\n',
  ],
  ['what comes before the first start is a record too', 'torn\nrest\n1 a\n2 b\n', {}, ['torn\nrest', '1 a'], '2 b\n'],
  ['carriage returns within stay, that of the last line goes', '1 a\r\n b\r\n2\n', {}, ['1 a\r\n b'], '2\n'],
  ['empty lines belong to their record', '1 a\n\n\n2\n', {}, ['1 a\n\n'], '2\n'],
  ['a half line behind decides nothing', '1 a\n b\n2', {}, [], '1 a\n b\n2'],
])('%s', (...[, text, wish, records, rest]) => {
  expect(join(text, wish)).toEqual({ records, cut: [], rest });
});

test('after silence an unfinished record is whole, a half line is not', () => {
  expect(join('1 a\n b\nhalf', {}, true)).toEqual({ records: ['1 a\n b'], cut: [], rest: 'half' });
});

test('a long line behind decides before its end is there', () => {
  expect(join(`1 a\n b\n2${'x'.repeat(5_000)}`).records).toEqual(['1 a\n b']);
  expect(join(`1 a\n b\n ${'x'.repeat(5_000)}`).records).toEqual([]);
});

describe('a record beyond a limit ends early, is marked, and nothing of it is left out', () => {
  test('lines', () => {
    const joined = join('1 a\n b\n c\n d\n2 e\n3 f\n', { maxLines: 2 });

    expect(joined).toEqual({ records: ['1 a\n b', ' c\n d', '2 e'], cut: [0], rest: '3 f\n' });
  });

  test('bytes', () => {
    const line = ` ${'x'.repeat(500)}`;
    const joined = join(`1\n${line}\n${line}\n${line}\n2\n3\n`, { maxBytes: 1_024 });

    expect(joined.records).toEqual([`1\n${line}\n${line}`, line, '2']);
    expect(joined.cut).toEqual([0]);
  });

  test('a record whose next line is still being written', () => {
    const joined = join(`1\n ${'x'.repeat(5_000)}`, { maxBytes: 4_096 });

    expect(joined).toMatchObject({ records: ['1'], cut: [0] });
  });
});

test('whatever the lines and however they come, the same records, and together the same bytes', () => {
  const line = fc.constantFrom('1 start', '2 start', ' more', '', '\tat x', 'no space', '3');
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 40 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      fc.integer({ min: 2, max: 6 }),
      (lines, cuts, maxLines) => {
        const text = lines.map((one) => `${one}\n`).join('');
        const whole = join(text, { maxLines }, true);

        // The same bytes, arriving piece by piece, with what is unfinished seen again each time.
        const records: string[] = [];
        let begun = 0;
        for (const end of [...cuts.toSorted((a, b) => a - b).map((cut) => Math.min(cut, text.length)), text.length]) {
          const part = join(text.slice(begun, end), { maxLines });
          records.push(...part.records);
          begun = end - Buffer.byteLength(part.rest);
        }
        records.push(...join(text.slice(begun), { maxLines }, true).records);

        expect(records).toEqual(whole.records);
        expect(whole.records.map((record) => `${record}\n`).join('')).toBe(text);
      },
    ),
    { numRuns: 500 },
  );
});

test('a record in UTF-16 is joined by what it says, not by its bytes', () => {
  const framing = createFraming({ encoding: 'utf-16', multiline });
  const bytes = Buffer.from('\ufeff1 é\n  ü\n2 x\n', 'utf16le');
  const buffers = new LineBuffers();
  buffers.growTo(bytes.length);
  bytes.copy(buffers.bytes);
  const lineFeed = framing.lineFeed(bytes);
  const from = buffers.split(0, bytes.length, lineFeed);
  buffers.join(framing, { from, to: bytes.length, lineFeed: 'utf-16le', isWhole: true });
  const decoded = framing.decode(buffers, { lineFeed: 'utf-16le', isFileStart: true });

  expect(Array.from({ length: decoded.count }, (_, i) => decoded.bytes.toString('utf8', decoded.starts[i], decoded.ends[i]))).toEqual([
    '1 é\n  ü',
    '2 x',
  ]);
});
