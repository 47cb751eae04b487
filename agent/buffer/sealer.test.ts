import * as fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { readBody } from '../../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../../proto/framing/inflate-lines.ts';
import { LinesReader } from '../../proto/framing/lines-reader.ts';
import type { StreamEntry } from '../../proto/framing/messages.ts';
import type { LineBlock, SealedBody } from '../ports.ts';
import { Sealer, type KeptLines, type Sealing } from './sealer.ts';

const options = { policyHash: new Uint8Array(32).fill(1), level: 1 };

/** Lines of a file as an input reads them; every `step`-th is kept. */
function blockOf(
  lines: readonly string[],
  place: { offset?: number; lineNumber?: number; readAtMs?: number; streamId?: string; step?: number } = {},
) {
  const { offset = 0, lineNumber = 0, readAtMs = 60_000_000, streamId = 's1', step = 1 } = place;
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const starts = new Uint32Array(lines.length);
  const ends = new Uint32Array(lines.length);
  let at = 0;
  lines.forEach((line, index) => {
    starts[index] = at;
    ends[index] = at + Buffer.byteLength(line);
    at = (ends[index] ?? 0) + 1;
  });
  const block: LineBlock = {
    stream: { sourceId: 'web', streamId, file: undefined, path: '/var/log/web.log', typeHint: '', timeZone: '', labels: { tier: 'front' } },
    readAtMs,
    bytes,
    count: lines.length,
    starts,
    ends,
    baseOffset: offset,
    sourceStarts: starts,
    cut: [],
    endOffset: offset + bytes.length,
    endLineNumber: lineNumber + lines.length,
    tailHash: Uint8Array.of(9),
    tailBytes: 1,
    cursor: '',
    bytesRead: bytes.length,
  };
  const indexes = Uint32Array.from({ length: Math.ceil(lines.length / step) }, (_, place) => place * step);
  const kept: KeptLines = {
    count: indexes.length,
    bytes,
    starts: indexes.map((index) => starts[index] ?? 0),
    ends: indexes.map((index) => ends[index] ?? 0),
    indexes,
    linesTrimmed: 0,
    isTrimmed: false,
  };
  return { block, kept };
}

async function bodiesOf(sealings: readonly Sealing[]): Promise<SealedBody[]> {
  return (await Promise.all(sealings)).flat();
}

interface Opened {
  readonly lines: string[];
  readonly offsets: number[];
  readonly cut: boolean[];
  readonly streams: readonly StreamEntry[];
}

function open({ body }: SealedBody): Opened {
  const decoded = readBody(body);
  if (!decoded.ok) throw new Error('the body cannot be read');
  const inflated = inflateLines(decoded.value);
  if (!inflated.ok) throw new Error('the lines cannot be inflated');
  const reader = new LinesReader();
  if (!reader.open(inflated.value, decoded.value).ok) throw new Error('the lines cannot be read');
  const opened: Opened = { lines: [], offsets: [], cut: [], streams: decoded.value.streams };
  while (reader.next()) {
    opened.lines.push(reader.bytes.toString('utf8', reader.start, reader.end));
    opened.offsets.push(reader.sourceOffset);
    opened.cut.push(reader.isCut);
  }
  return opened;
}

test('inside a block of decoded lines a position has no proof by bytes: they are not those of the file', async () => {
  const { block, kept } = blockOf(Array.from({ length: 1_500 }, (_, i) => `${i} ${'x'.repeat(1_000)}`));
  const inside = async (more: Partial<LineBlock>): Promise<number | undefined> => {
    const bodies = await bodiesOf(new Sealer(options, []).add({ ...block, ...more }, kept));
    return bodies[0]?.positions[0]?.tailBytes;
  };

  expect([await inside({}), await inside({ isDecoded: true })]).toEqual([1_024, 0]);
});

test('lines, their offsets, the position behind them and the counts arrive as they were', async () => {
  const sealer = new Sealer(options, []);
  const { block, kept } = blockOf(['one', 'two', 'three'], { offset: 100, lineNumber: 10, step: 2 });

  const due = sealer.add(block, kept);
  const [body] = await bodiesOf([...due, ...sealer.seal()]);

  expect(body?.lineCount).toBe(2);
  const opened = open(body!);
  expect(opened).toMatchObject({ lines: ['one', 'three'], offsets: [100, 108], cut: [false, false] });
  expect(opened.streams).toMatchObject([
    { streamId: 's1', endOffset: 114, endLineNumber: 13, counters: { linesRead: 3, linesFiltered: 1, bytesRead: 14, bytesKept: 8 } },
  ]);
  expect(body?.positions).toMatchObject([{ offset: 114, lineNumber: 13, tailBytes: 1, counters: { linesRead: 3 } }]);
});

test('what the input had to drop counts as read and as dropped, by reason, over blocks without lines too', async () => {
  const sealer = new Sealer(options, []);
  const { block, kept } = blockOf(['one', 'two', 'three'], { step: 2 });

  void sealer.add({ ...block, dropped: { kernel: 4 } }, kept);
  void sealer.add({ ...block, count: 0, bytesRead: 0, dropped: { kernel: 1, 'rate-limit': 2 } }, { ...kept, count: 0 });
  const [body] = await bodiesOf(sealer.seal());

  const counters = { linesRead: 10, linesFiltered: 1, linesDropped: { kernel: 5, 'rate-limit': 2 } };
  expect(open(body!)).toMatchObject({ lines: ['one', 'three'], streams: [{ counters }] });
  expect(body?.positions).toMatchObject([{ counters }]);
});

test('lines that the filter dropped by reason are counted by it and not as filtered', async () => {
  const sealer = new Sealer(options, []);
  const { block, kept } = blockOf(['one', 'two', 'three', 'four'], { step: 2 });

  void sealer.add(block, { ...kept, droppedBetween: (from, to) => (from <= 3 && to > 3 ? { limited: 1 } : {}) });
  const [body] = await bodiesOf(sealer.seal());

  expect(body?.positions).toMatchObject([{ counters: { linesRead: 4, linesFiltered: 1, linesDropped: { limited: 1 } } }]);
});

test('a block that was filtered away whole still carries its position and counts', async () => {
  const sealer = new Sealer(options, []);
  const { block, kept } = blockOf(['noise']);

  const [body] = await bodiesOf([...sealer.add(block, { ...kept, count: 0 }), ...sealer.seal()]);

  expect(body).toMatchObject({ lineCount: 0, rawBytes: 0, positions: [{ offset: 6, counters: { linesRead: 1, linesFiltered: 1 } }] });
});

test('counters go on from what the buffer remembers', async () => {
  const first = new Sealer(options, []);
  const before = blockOf(['a', 'b']);
  const [stored] = await bodiesOf([...first.add(before.block, before.kept), ...first.seal()]);
  const after = blockOf(['c'], { offset: 4, lineNumber: 2 });

  const second = new Sealer(options, stored?.positions ?? []);
  const [body] = await bodiesOf([...second.add(after.block, after.kept), ...second.seal()]);

  expect(body?.positions).toMatchObject([{ lineNumber: 3, counters: { linesRead: 3, bytesRead: 6 } }]);
});

test('a batch holds lines of one minute of reading', async () => {
  const sealer = new Sealer(options, []);
  const early = blockOf(['a'], { readAtMs: 119_999 });
  const late = blockOf(['b'], { readAtMs: 120_000, offset: 2, lineNumber: 1 });

  const due = [...sealer.add(early.block, early.kept), ...sealer.add(late.block, late.kept), ...sealer.seal()];

  expect((await bodiesOf(due)).map((body) => open(body).lines)).toEqual([['a'], ['b']]);
});

test('lines that hardly compress are cut into bodies that fit, in order, each with its own position', async () => {
  const lines = Array.from({ length: 1_200 }, () => randomBytes(1_500).toString('base64'));
  const sealer = new Sealer(options, []);
  const { block, kept } = blockOf(lines);

  const bodies = await bodiesOf([...sealer.add(block, kept), ...sealer.seal()]);

  expect(bodies.length).toBeGreaterThan(3);
  expect(bodies.every(({ body }) => body.length <= limits.batchBytesMax)).toBe(true);
  expect(bodies.flatMap((body) => open(body).lines)).toEqual(lines);
  let read = 0;
  for (const { lineCount, positions } of bodies) {
    read += lineCount;
    expect(positions[0]).toMatchObject({ offset: read * 2_001, lineNumber: read, counters: { linesRead: read, bytesRead: read * 2_001 } });
  }
  expect(bodies.at(-1)?.positions[0]?.offset).toBe(block.endOffset);
});

test('a single line that cannot be made to fit is shortened and marked as cut', async () => {
  const line = randomBytes(760_000)
    .toString('base64')
    .slice(0, limits.lineBytesMax - 100);
  const sealer = new Sealer(options, []);
  const { block, kept } = blockOf([line]);

  const bodies = await bodiesOf([...sealer.add(block, kept), ...sealer.seal()]);

  expect(bodies).toHaveLength(1);
  const opened = open(bodies[0]!);
  expect(opened.cut).toEqual([true]);
  expect(line.startsWith(opened.lines[0] ?? 'x')).toBe(true);
});

test('however blocks and streams follow on each other, every line arrives once, in order, with offsets that match', async () => {
  const texts = fc.array(
    fc.string({ unit: 'grapheme-ascii', maxLength: 3_000 }).filter((text) => !text.includes('\n')),
    { minLength: 1, maxLength: 20 },
  );
  const blocks = fc.array(fc.record({ streamId: fc.constantFrom('a', 'b', 'c'), lines: texts, repeats: fc.integer({ min: 1, max: 40 }) }), {
    maxLength: 8,
  });
  const property = fc.asyncProperty(blocks, async (blocks) => {
    const sealer = new Sealer(options, []);
    const sources = new Map<string, { text: string; lines: string[] }>();
    const due: Sealing[] = [];
    for (const { streamId, lines, repeats } of blocks) {
      const source = sources.get(streamId) ?? { text: '', lines: [] };
      sources.set(streamId, source);
      const many = Array.from({ length: repeats }, () => lines).flat();
      const { block, kept } = blockOf(many, { streamId, offset: source.text.length, lineNumber: source.lines.length });
      source.text += many.map((line) => `${line}\n`).join('');
      source.lines.push(...many);
      due.push(...sealer.add(block, kept));
    }
    due.push(...sealer.seal());

    const ends = new Map<string, number>();
    for (const sealed of await bodiesOf(due)) {
      const opened = open(sealed);
      expect(opened.lines.length).toBe(sealed.lineCount);
      for (const { streamId, endOffset, endLineNumber, counters } of opened.streams) {
        expect(endOffset).toBeGreaterThanOrEqual(ends.get(streamId) ?? 0);
        expect(counters).toMatchObject({ linesRead: endLineNumber, bytesRead: endOffset });
        ends.set(streamId, endOffset);
      }
    }
    for (const [streamId, { text }] of sources) expect(ends.get(streamId)).toBe(text.length);
  });
  await fc.assert(property, { numRuns: 40 });
});

test('batches that are compressed beside each other keep their own lines', async () => {
  const sealer = new Sealer(options, []);
  const rounds = Array.from({ length: 12 }, (_, round) => Array.from({ length: 50 }, (__, line) => `round ${round} line ${line}`));

  const sealings = rounds.flatMap((lines, round) => {
    const { block, kept } = blockOf(lines, { offset: round * 1_000 });
    return [...sealer.add(block, kept), ...sealer.seal()];
  });
  const first = await bodiesOf(sealings.slice(0, 6));
  // Written into the memory that the first six have left.
  const again = blockOf(['later'], { offset: 90_000 });
  const later = await bodiesOf([...sealer.add(again.block, again.kept), ...sealer.seal()]);
  const rest = await bodiesOf(sealings.slice(6));

  expect([...first, ...rest].map((body) => open(body).lines)).toEqual(rounds);
  expect(later.map((body) => open(body).lines)).toEqual([['later']]);
});

test('lines that carry one place in the source stay in one batch, however large the block', async () => {
  const lines = Array.from({ length: 240 }, (_, line) => `${line} ${randomBytes(8_000).toString('base64')}`);
  const { block, kept } = blockOf(lines);
  // Records of events that overlapped: twelve places of twenty lines each.
  const sourceStarts = block.starts.map((_, line) => block.starts[line - (line % 20)] ?? 0);
  const sealer = new Sealer(options, []);

  const bodies = await bodiesOf([...sealer.add({ ...block, sourceStarts }, kept), ...sealer.seal()]);

  const batches = bodies.map((body) => open(body).lines.map((line) => Number(line.split(' ')[0])));
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.map((numbers) => (numbers[0] ?? 0) % 20)).toEqual(batches.map(() => 0));
  expect(batches.flat()).toEqual(lines.map((_, line) => line));
});

test('what the block of a file carries as its cursor holds for every place in it, a journal’s only behind it', async () => {
  const file = { device: 1, inode: 2, fingerprint: new Uint8Array(32), fingerprintBytes: 1 };
  const { block, kept } = blockOf(Array.from({ length: 400 }, () => randomBytes(6_000).toString('base64')));
  const cursors = async (one: LineBlock): Promise<string[]> => {
    const sealer = new Sealer(options, []);
    const bodies = await bodiesOf([...sealer.add(one, kept), ...sealer.seal()]);
    return bodies.map(({ positions }) => positions[0]?.cursor ?? 'none');
  };

  const ofFile = await cursors({ ...block, stream: { ...block.stream, file }, cursor: 'header=0' });
  const ofJournal = await cursors({ ...block, cursor: 's=1;i=9' });

  expect(ofFile.length).toBeGreaterThan(1);
  expect(new Set(ofFile)).toEqual(new Set(['header=0']));
  expect(ofJournal.slice(0, -1).every((cursor) => cursor === '')).toBe(true);
  expect(ofJournal.at(-1)).toBe('s=1;i=9');
});
