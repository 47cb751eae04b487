// The lines that a policy test gives, as the blocks that the input of its source would hand to the pipeline.
// Promises: lines of one record are joined by the joiner of the running agent, silence between two times included; texts
// with line feeds are so many lines where the source is a file, and one line elsewhere. Memory is that of one record.
// It does not begin before the input's own work: encodings are given as UTF-8.
import { timesOf, type PolicyTest } from '../config/policy/policy-tests.ts';
import type { Source } from '../config/policy/sources/sources.ts';
import { createFraming } from './frame/create-framing.ts';
import { bufferBytesMax, LineBuffers } from './inputs/line-buffers.ts';
import { linesAsBlock } from './lines-as-block.ts';
import type { FoundLines, LineBlock } from './ports.ts';

export interface GivenRecords {
  readonly block: LineBlock;
  /** Where in `given` each record of the block begins. */
  readonly givenAt: readonly number[];
}

/** When the first line of every test is read; a whole minute, as good as any. */
export const testBeginsMs = Date.UTC(2026, 0, 1);

interface TimedLine {
  readonly text: string;
  readonly givenAt: number;
  readonly atMs: number;
}

/** Blocks share their memory: each is good until the next. */
export function* givenRecords({ given }: PolicyTest, source: Source): Generator<GivenRecords> {
  const buffers = new LineBuffers();
  buffers.growTo(bufferBytesMax);
  if (source.type !== 'file') {
    for (const line of timedLines(given)) yield one(buffers, line);
    return;
  }
  const { multiline, records } = source;
  const ofSource = createFraming({ encoding: 'utf-8', multiline, ...(records ? { records } : {}) });
  const framing = ofSource.ofFile?.() ?? ofSource;
  const decoded = (): FoundLines => framing.decode(buffers, { lineFeed: 'byte', isFileStart: false });
  const { quietMs = Number.POSITIVE_INFINITY } = framing;
  let filled = 0;
  let begunAt = 0;
  let lastMs = 0;
  const joined = (isWhole: boolean): number =>
    buffers.join(framing, { from: buffers.split(0, filled), to: filled, lineFeed: 'byte', isWhole });
  for (const line of timedLines(given)) {
    if (filled > 0 && line.atMs - lastMs >= quietMs) {
      joined(true);
      yield { block: linesAsBlock(decoded(), testBeginsMs + lastMs + quietMs), givenAt: [begunAt] };
      filled = 0;
    }
    if (filled === 0) begunAt = line.givenAt;
    const lineStart = filled;
    filled += buffers.bytes.write(`${line.text}\n`, filled);
    lastMs = line.atMs;
    const rest = joined(false);
    if (buffers.count > 0) {
      const begins = Array.from({ length: buffers.count }, (_, record) => (record === 0 ? begunAt : line.givenAt));
      yield { block: linesAsBlock(decoded(), testBeginsMs + line.atMs), givenAt: begins };
    }
    if (rest >= lineStart) begunAt = line.givenAt;
    buffers.bytes.copyWithin(0, rest, filled);
    filled -= rest;
  }
  if (filled === 0) return;
  joined(true);
  yield { block: linesAsBlock(decoded(), testBeginsMs + lastMs + (framing.quietMs ?? 0)), givenAt: [begunAt] };
}

function one(buffers: LineBuffers, { text, givenAt, atMs }: TimedLine): GivenRecords {
  buffers.reset();
  buffers.add(0, buffers.bytes.write(text), 0);
  return { block: linesAsBlock(buffers, testBeginsMs + atMs), givenAt: [givenAt] };
}

/** Every single line. A text written with `|` ends in a line feed that is its end, not a line. */
function* timedLines(given: PolicyTest['given']): Generator<TimedLine> {
  let beforeMs = 0;
  for (const [givenAt, entry] of given.entries()) {
    const { atMs, everyMs, lastMs } = timesOf(entry, beforeMs);
    const [text, times] = typeof entry === 'string' ? [entry, 1] : [entry.line, entry.times];
    for (let i = 0; i < times; i++) yield { text: withoutEnd(text), givenAt, atMs: atMs + i * everyMs };
    beforeMs = lastMs;
  }
}

export function withoutEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
