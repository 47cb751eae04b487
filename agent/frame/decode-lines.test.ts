import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { LineBuffers } from '../inputs/line-buffers.ts';
import { createFraming, type FramingWish } from './create-framing.ts';

type Encoding = FramingWish['encoding'];

interface Decoded {
  readonly lines: string[];
  readonly offsets: number[];
  readonly cut: readonly number[];
  readonly rest: number;
}

function decode(bytes: Buffer, encoding: Encoding): Decoded {
  const framing = createFraming({ encoding });
  const lineFeed = framing.lineFeed(bytes) ?? 'byte';
  const buffers = new LineBuffers();
  buffers.growTo(bytes.length);
  bytes.copy(buffers.bytes);
  const rest = buffers.split(0, bytes.length, lineFeed);
  const { starts, ends, sourceStarts, count, cut, bytes: out } = framing.decode(buffers, { lineFeed, isFileStart: true });
  const each = Array.from({ length: count }, (_, i) => i);
  return { lines: each.map((i) => out.toString('utf8', starts[i], ends[i])), offsets: each.map((i) => sourceStarts[i]!), cut, rest };
}

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const text = 'Grüße\r\n日本 𝄞\nਊ \u0a00\u010a\n';

test.each<[string, Encoding, Buffer, number[]]>([
  ['UTF-16 little endian', 'utf-16le', Buffer.from(text, 'utf16le'), [0, 14, 26]],
  ['UTF-16 big endian', 'utf-16be', bigEndian(text), [0, 14, 26]],
  ['UTF-16 by its mark, little endian', 'utf-16', Buffer.from(`\ufeff${text}`, 'utf16le'), [0, 16, 28]],
  ['UTF-16 by its mark, big endian', 'utf-16', bigEndian(`\ufeff${text}`), [0, 16, 28]],
  ['UTF-16 without a mark', 'utf-16', Buffer.from(text, 'utf16le'), [0, 14, 26]],
])('%s becomes UTF-8 lines with the offsets of the source', (_, encoding, bytes, offsets) => {
  expect(decode(bytes, encoding)).toEqual({ lines: ['Grüße', '日本 𝄞', 'ਊ \u0a00\u010a'], offsets, cut: [], rest: bytes.length });
});

test('latin-1 becomes UTF-8, ASCII as it is', () => {
  expect(decode(Buffer.from('Gr\xfc\xdfe\nplain\n', 'latin1'), 'latin-1').lines).toEqual(['Grüße', 'plain']);
  expect(decode(Buffer.from('plain\n', 'latin1'), 'latin-1').lines).toEqual(['plain']);
});

test('UTF-8 that is not valid keeps its bytes', () => {
  const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x00, 0xc3, 0x0a]);
  const framing = createFraming({ encoding: 'utf-8' });
  const buffers = new LineBuffers();
  bytes.copy(buffers.bytes);
  buffers.split(0, bytes.length);

  expect(framing.decode(buffers, { lineFeed: 'byte', isFileStart: true })).toBe(buffers);
});

test('half a surrogate pair becomes the replacement character and stops nothing', () => {
  expect(decode(Buffer.from([0x3d, 0xd8, 0x61, 0x00, 0x0a, 0x00, 0x62, 0x00, 0x0a, 0x00]), 'utf-16le').lines).toEqual(['\ufffda', 'b']);
});

test('half a unit at the end waits for its other half', () => {
  expect(decode(Buffer.from([0x61, 0x00, 0x0a, 0x00, 0x62]), 'utf-16le')).toMatchObject({ lines: ['a'], rest: 4 });
});

test('what grows beyond the line limit is cut between characters and marked', () => {
  const decoded = decode(Buffer.from(`${'\xe9'.repeat(limits.lineBytesMax - 10)}\nnext\n`, 'latin1'), 'latin-1');

  expect(decoded.cut).toEqual([0]);
  expect(decoded.lines.map((line) => Buffer.byteLength(line))).toEqual([limits.lineBytesMax, 4]);
  expect(decoded.lines[0]).not.toContain('\ufffd');
});

test.each<Encoding>(['latin-1', 'utf-16', 'utf-16le', 'utf-16be'])(
  'any bytes as %s give valid UTF-8 and go on at a line end',
  (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        const { lines, offsets, rest } = decode(Buffer.from(any), encoding);

        for (const line of lines) expect(Buffer.from(line).toString('utf8')).toBe(line);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(rest).toBeLessThanOrEqual(any.length);
      }),
    );
  },
);
