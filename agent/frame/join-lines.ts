// Lines that belong together (a stack trace, a dump) as one record, which is one line from here on.
// Promises: a record is the source's own bytes from its first line to its last, line feeds within included, so nothing is
// copied; the same bytes give the same records however they come, silence (isWhole) apart; an unfinished record is not
// handed out, so that a position never stands inside one, and a reader that is killed reads it again from its start.
// A record beyond the limits ends before the line that would pass them and is marked as cut; that line begins the next
// record: nothing is left out.
import type { Multiline } from '../../config/policy/sources/file-source.ts';
import { compileLinePattern, linePatternLimits, type LinePattern } from '../../config/policy/sources/line-pattern.ts';
import { assert } from '../../proto/runtime/errors.ts';
import type { FoundLines, Framing, LineFeed, LineRest } from '../ports.ts';
import type { LineDecoder } from './decode-lines.ts';

export function createJoiner(multiline: Multiline, decoder: LineDecoder): Framing['join'] {
  const { start, continuation } = multiline;
  const matches = patternOf(start ?? continuation ?? '');
  const isStart = start !== undefined;
  const seenBytes = decoder.sourceBytesFor(linePatternLimits.seenBytesMax);
  const begins = (bytes: Buffer, from: number, to: number, lineFeed: LineFeed): boolean => {
    if (decoder.isUtf8) return matches(bytes, from, to) === isStart;
    const text = Buffer.from(decoder.text(bytes, { start: from, end: Math.min(to, from + seenBytes), lineFeed }).replace(/^\ufeff/, ''));
    return matches(text, 0, text.length) === isStart;
  };
  return (lines, rest) => joinLines(lines, rest, { multiline, begins, seenBytes });
}

/** The policy was checked: a pattern that does not compile is our own mistake. */
function patternOf(pattern: string): LinePattern {
  const compiled = compileLinePattern(pattern);
  assert(typeof compiled !== 'string', `pattern ${pattern}`);
  return compiled;
}

interface Rules {
  readonly multiline: Pick<Multiline, 'maxLines' | 'maxBytes'>;
  readonly begins: (bytes: Buffer, from: number, to: number, lineFeed: LineFeed) => boolean;
  /** So much of a line that has no end yet is enough to judge it. */
  readonly seenBytes: number;
}

function joinLines(lines: FoundLines, rest: LineRest, { multiline, begins, seenBytes }: Rules): ReturnType<Framing['join']> {
  const { bytes, starts, ends, sourceStarts, count } = lines;
  const wasCut = new Set(lines.cut);
  const cut: number[] = [];
  let records = 0;
  let first = 0;
  const isFull = (next: number, endOfNext: number): boolean =>
    next - first >= multiline.maxLines || endOfNext - (starts[first] ?? 0) > multiline.maxBytes;
  const close = (next: number, isCut: boolean): void => {
    if (isCut || hasAny(wasCut, first, next)) cut.push(records);
    starts[records] = starts[first] ?? 0;
    ends[records] = ends[next - 1] ?? 0;
    sourceStarts[records] = sourceStarts[first] ?? 0;
    records += 1;
    first = next;
  };
  for (let line = 1; line < count; line++) {
    const isBeginning = begins(bytes, starts[line] ?? 0, ends[line] ?? 0, rest.lineFeed);
    if (isBeginning || isFull(line, ends[line] ?? 0)) close(line, !isBeginning);
  }
  if (first < count) {
    const seen = rest.to - rest.from;
    if (rest.isWhole) close(count, false);
    // The next line has no end yet, but enough of it is there to judge it.
    else if (seen >= seenBytes) {
      const isBeginning = begins(bytes, rest.from, rest.to, rest.lineFeed);
      if (isBeginning || isFull(count, rest.to)) close(count, !isBeginning);
    }
  }
  return { count: records, cut, end: first < count ? (starts[first] ?? 0) : rest.from };
}

function hasAny(marks: ReadonlySet<number>, from: number, to: number): boolean {
  if (marks.size === 0) return false;
  for (let at = from; at < to; at++) if (marks.has(at)) return true;
  return false;
}
