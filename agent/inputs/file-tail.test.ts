import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { createFraming } from '../frame/create-framing.ts';
import { FileTail } from './file-tail.ts';
import { PlainFile } from './followed-bytes.ts';
import { LineBuffers } from './line-buffers.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-tail-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

interface Line {
  readonly offset: number;
  readonly text: string;
}

async function tailOf(path: string): Promise<FileTail> {
  const handle = await open(path);
  const { dev: device, ino: inode } = await handle.stat();
  const source = { sourceId: 's', typeHint: '', timeZone: 'UTC', labels: {} };
  let streams = 0;
  const place = { streamId: 'first', offset: 0, lineNumber: 0 };
  return FileTail.open({
    file: { bytes: new PlainFile(handle, true), device, inode },
    path,
    isCompressed: false,
    place,
    framing: createFraming({ encoding: 'utf-8' }),
    source,
    newStreamId: () => `stream ${++streams}`,
    onRestart: () => undefined,
  });
}

async function readAll(tail: FileTail, buffers: LineBuffers, last: boolean): Promise<Line[]> {
  const lines: Line[] = [];
  for (;;) {
    const step = await tail.next(buffers, { nowMs: 1, monotonicMs: 1, last });
    if (step.is === 'end') return lines;
    if (step.is !== 'lines') continue;
    const { block } = step;
    for (let i = 0; i < block.count; i++) {
      lines.push({
        offset: block.baseOffset + block.sourceStarts[i]!,
        text: block.bytes.toString('latin1', block.starts[i], block.ends[i]),
      });
    }
    expect(block.endOffset).toBe(block.baseOffset + block.bytesRead);
  }
}

function naive(content: Buffer): Line[] {
  const lines: Line[] = [];
  let offset = 0;
  for (const text of content.toString('latin1').split('\n')) {
    lines.push({ offset, text });
    offset += text.length + 1;
  }
  const last = lines.at(-1);
  if (last?.text === '') lines.pop();
  // CR belongs to the line end only where a line feed follows.
  return lines.map((line, i) =>
    line === last && i === lines.length - 1 && !content.toString('latin1').endsWith('\n')
      ? line
      : { ...line, text: line.text.replace(/\r$/, '') },
  );
}

test('however a file grows, the same lines come with the same offsets', async () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r\n', '\0', '\u00ff\u00fe', 'half', '\r', '', 'x'.repeat(2_000), `${'y'.repeat(900)}\n`),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
      const path = join(folder, `grown-${files++}`);
      writeFileSync(path, '');
      const tail = await tailOf(path);
      const buffers = new LineBuffers();
      const lines: Line[] = [];

      for (const text of pieces) {
        appendFileSync(path, Buffer.from(text, 'latin1'));
        lines.push(...(await readAll(tail, buffers, false)));
      }
      lines.push(...(await readAll(tail, buffers, true)));
      await tail.rest(false);

      expect(lines).toEqual(naive(Buffer.from(pieces.join(''), 'latin1')));
    }),
    { numRuns: 60 },
  );
});

test('lines around the limit come whole, longer ones cut and marked, and the next line is right', async () => {
  const path = join(folder, 'long');
  const max = limits.lineBytesMax;
  const lengths = [max - 1, max, max + 1, max + 1_500, 3 * max, 10];
  const body = lengths.map((length, i) => String.fromCharCode(97 + i).repeat(length)).join('\r\n');
  writeFileSync(path, `short\n${body}\n`);
  const tail = await tailOf(path);

  const lines = await readAll(tail, new LineBuffers(), false);
  await tail.rest(false);

  expect(lines.map(({ text }) => [text.charAt(0), text.length])).toEqual([
    ['s', 5],
    ...lengths.map((length, i) => [String.fromCharCode(97 + i), Math.min(length, max)]),
  ]);
  expect(lines.at(-1)?.offset).toBe(6 + lengths.slice(0, -1).reduce((sum, length) => sum + length + 2, 0));
});

test('an over-long line that is still being written is handed out once, when it ends', async () => {
  const path = join(folder, 'growing');
  writeFileSync(path, 'z'.repeat(limits.lineBytesMax + 10_000));
  const tail = await tailOf(path);
  const buffers = new LineBuffers();

  expect(await readAll(tail, buffers, false)).toEqual([]);
  appendFileSync(path, 'z'.repeat(100_000));
  expect(await readAll(tail, buffers, false)).toEqual([]);
  appendFileSync(path, 'z\nnext\n');
  const lines = await readAll(tail, buffers, false);
  await tail.rest(false);

  expect(lines.map(({ text }) => text.length)).toEqual([limits.lineBytesMax, 4]);
});

test.each(['shorter', 'as long as before, other text', 'much longer than the file was, and other text'])(
  'a file rewritten with something %s is read from its start as a new stream',
  async (text) => {
    const path = join(folder, `rewritten-${files++}`);
    writeFileSync(path, 'one line\nanother line, a bit longer\n');
    const tail = await tailOf(path);
    const buffers = new LineBuffers();
    await readAll(tail, buffers, false);

    truncateSync(path, 0);
    writeFileSync(path, `${text}\n`.padStart(text.startsWith('as') ? 36 : 0, '.'));
    const step = await tail.next(buffers, { nowMs: 1, monotonicMs: 1, last: false });
    const lines = await readAll(tail, buffers, false);
    await tail.rest(false);

    expect(step).toMatchObject({ is: 'restarted', left: { offset: 36, stream: { streamId: 'first' } } });
    expect(tail.streamId).toBe('stream 1');
    expect(lines).toMatchObject([{ offset: 0, text: expect.stringContaining(text) }]);
  },
);
