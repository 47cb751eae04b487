// Lines in columns: written, compressed, inflated and walked, and the same to protobufjs.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { zstdCompressSync } from 'node:zlib';
import { limits } from '../delivery.ts';
import { deflateLines, inflateLines, releaseLines } from './inflate-lines.ts';
import { LinesReader } from './lines-reader.ts';
import { LinesWriter } from './lines-writer.ts';
import { plain, relay } from './testing/reference.ts';

interface PlainLine {
  readonly stream: number;
  readonly readAtMs: number;
  readonly offset: number;
  readonly text: Buffer;
  readonly isCut: boolean;
}

const line: fc.Arbitrary<PlainLine> = fc.record({
  stream: fc.nat({ max: 2 }),
  readAtMs: fc.constantFrom(0, 1_764_000_000_000, 1_764_000_000_200),
  offset: fc.oneof(fc.nat({ max: 10_000 }), fc.maxSafeNat()),
  text: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  isCut: fc.boolean(),
});

function write(writer: LinesWriter, lines: readonly PlainLine[]): Buffer {
  writer.reset();
  for (const { stream, readAtMs, offset, text, isCut } of lines) {
    writer.beginRun(stream, readAtMs);
    writer.line(text, 0, text.length, offset);
    if (isCut) writer.markCut();
  }
  return writer.bytes();
}

function walk(reader: LinesReader): PlainLine[] {
  const lines: PlainLine[] = [];
  while (reader.next()) {
    const { stream, readAtMs, sourceOffset, isCut, bytes, start, end } = reader;
    lines.push({ stream, readAtMs, offset: sourceOffset, text: Buffer.from(bytes.subarray(start, end)), isCut });
  }
  return lines;
}

/** The meaning of a Lines message, read the slow way from protobufjs. */
function meaning(bytes: Uint8Array): PlainLine[] {
  const lines: PlainLine[] = [];
  for (const { stream = 0, readAtMs, firstOffset, text, lengths, offsetSteps, cut } of relay.Lines.decode(bytes).runs) {
    let at = 0;
    let offset = Number(plain(firstOffset ?? 0));
    (lengths ?? []).forEach((length, i) => {
      offset += offsetSteps?.[i] ?? 0;
      const bytesOfLine = Buffer.from((text ?? new Uint8Array(0)).subarray(at, at + length));
      lines.push({
        stream: stream ?? 0,
        readAtMs: Number(plain(readAtMs ?? 0)),
        offset,
        text: bytesOfLine,
        isCut: cut?.includes(i) ?? false,
      });
      at += length;
    });
    expect(at).toBe(text?.length ?? 0);
  }
  return lines;
}

test('lines come out as they went in, through our reader and through protobufjs', () => {
  const writer = new LinesWriter();
  const reader = new LinesReader();
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const promised = write(writer, lines).length;
      const bytes = writer.bytes();

      const opened = reader.open(bytes, { lineCount: lines.length, streams: { length: 3 } });

      expect(opened).toEqual({ ok: true, value: lines.length });
      expect(walk(reader)).toEqual(lines);
      expect(meaning(bytes)).toEqual(lines);
      expect(promised).toBe(bytes.length);
    }),
  );
});

test('what protobufjs writes, our reader reads', () => {
  const bytes = relay.Lines.encode({
    runs: [{ stream: 1, readAtMs: 5, firstOffset: 100, text: Buffer.from('abcd'), lengths: [1, 0, 3], offsetSteps: [0, 2, 9], cut: [2] }],
  }).finish();
  const reader = new LinesReader();

  const opened = reader.open(Buffer.from(bytes), { lineCount: 3, streams: { length: 2 } });

  expect(opened.ok).toBe(true);
  expect(walk(reader).map(({ offset, text, isCut }) => [offset, text.toString(), isCut])).toEqual([
    [100, 'a', false],
    [102, '', false],
    [111, 'bcd', true],
  ]);
});

test('damaged lines are refused whole and never throw', () => {
  const reader = new LinesReader();
  const bytes = Buffer.from(
    write(new LinesWriter(), [
      { stream: 0, readAtMs: 1, offset: 0, text: Buffer.from('first line'), isCut: true },
      { stream: 1, readAtMs: 1, offset: 0, text: Buffer.from('second'), isCut: false },
    ]),
  );
  const damage = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length));
  fc.assert(
    fc.property(damage, fc.uint8Array({ maxLength: 60 }), ([at, value, end], noise) => {
      const copy = Buffer.from(bytes);
      copy[at] = value;

      for (const hostile of [copy, copy.subarray(0, end), Buffer.from(noise)]) {
        const opened = reader.open(hostile, { lineCount: 2, streams: { length: 2 } });
        const lines = walk(reader);
        expect(lines.length).toBe(opened.ok ? 2 : 0);
        for (const { text } of lines) expect(text.length).toBeLessThanOrEqual(hostile.length);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['a run of a stream that the batch does not have', { stream: 2, text: Buffer.from('a'), lengths: [1], offsetSteps: [0] }],
  ['lengths beyond the text', { text: Buffer.from('a'), lengths: [2], offsetSteps: [0] }],
  ['lengths that leave text over', { text: Buffer.from('abc'), lengths: [1], offsetSteps: [0] }],
  ['a step too few', { text: Buffer.from('ab'), lengths: [1, 1], offsetSteps: [0] }],
  ['a cut line that is not there', { text: Buffer.from('a'), lengths: [1], offsetSteps: [0], cut: [1] }],
  ['fewer lines than declared', { text: Buffer.from(''), lengths: [], offsetSteps: [] }],
])('%s makes the batch refused', (_name, run) => {
  const bytes = Buffer.from(relay.Lines.encode({ runs: [run] }).finish());

  const opened = new LinesReader().open(bytes, { lineCount: run.lengths.length || 1, streams: { length: 2 } });

  expect(opened).toMatchObject({ ok: false, reason: 'limit' });
});

test('a writer says when a batch is full, before a limit is passed', () => {
  const writer = new LinesWriter();
  const long = Buffer.alloc(limits.lineBytesMax, 'x');
  let written = 0;
  writer.beginRun(0, 1);

  while (writer.hasRoom(long.length)) writer.line(long, 0, long.length, written++ * long.length);

  expect(written).toBe(3);
  expect(writer.bytes().length).toBeLessThanOrEqual(limits.batchRawBytesMax);
});

test('lines survive compression, and a zip bomb is refused before it takes memory', () => {
  const bytes = Buffer.from('a line\n'.repeat(1_000));
  const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));

  expect(inflateLines({ lines: deflateLines(bytes, 3), rawBytes: bytes.length, lineCount: 1 })).toEqual({ ok: true, value: bytes });
  expect(inflateLines({ lines: bomb, rawBytes: 1_000, lineCount: 1 })).toMatchObject({ ok: false, reason: 'too-large' });
  expect(inflateLines({ lines: bomb, rawBytes: 64 * 1024 * 1024, lineCount: 1 })).toMatchObject({ ok: false, reason: 'limit' });
});

test('compressed lines of another size than declared, cut or not zstd at all, are refused', () => {
  const lines = deflateLines(Buffer.from('a line'.repeat(100)), 3);

  expect(inflateLines({ lines, rawBytes: 601, lineCount: 1 })).toMatchObject({ ok: false, reason: 'truncated' });
  expect(inflateLines({ lines: lines.subarray(0, 10), rawBytes: 600, lineCount: 1 })).toMatchObject({ ok: false, reason: 'truncated' });
  expect(inflateLines({ lines: Buffer.from('plain text'), rawBytes: 10, lineCount: 1 })).toMatchObject({ ok: false, reason: 'truncated' });
});

test('memory of a large batch goes back at once, that of a small one is shared and stays', () => {
  const [large, small] = [300_000, 300].map((length) => {
    const inflated = inflateLines({ lines: deflateLines(Buffer.alloc(length, 'x'), 1), rawBytes: length, lineCount: 1 });
    return inflated.ok ? inflated.value : Buffer.alloc(0);
  });
  const neighbour = Buffer.from('another buffer of the pool');

  for (const lines of [large, small]) if (lines) releaseLines(lines);

  expect(large?.buffer.detached).toBe(true);
  expect(small?.length).toBe(300);
  expect(neighbour.toString()).toBe('another buffer of the pool');
});
