// Scans `key=value key="quoted value"` text (separators are the decoder's) and hands each wanted value to its writers.
// Promises: linear, never throws, at most 512 pairs; keys nobody wants cost a look-up and nothing else. A word without the
// assign mark is a flag with the value `true`.
import type { EventRow } from '../../config/fields/row.ts';
import type { Write } from './write-field.ts';
import type { TimeContext } from './time-parts.ts';

const pairsMax = 512;

export interface PairShape {
  readonly between: string;
  readonly assign: string;
  /** Of a key that comes again the first value counts, not the last. */
  readonly isFirst: boolean;
}

export type PairWrites = ReadonlyMap<string, readonly Write[]>;

interface Target {
  readonly row: EventRow;
  readonly context: TimeContext;
}

/** Returns how many pairs it saw, flags not counted. */
export function readPairs(text: string, shape: PairShape, writes: PairWrites, { row, context }: Target): number {
  const { between, assign, isFirst } = shape;
  const seen = isFirst ? new Set<string>() : undefined;
  let at = 0;
  let pairs = 0;
  for (let count = 0; count < pairsMax && at < text.length; count++) {
    while (text.charCodeAt(at) === 32) at++;
    const mark = text.indexOf(assign, at);
    const gap = text.indexOf(between, at);
    if (gap >= 0 && (mark < 0 || gap < mark)) {
      if (gap > at) writeAll(writes.get(text.slice(at, gap)), 'true', row, context);
      at = gap + between.length;
      continue;
    }
    if (mark < 0) {
      if (at < text.length) writeAll(writes.get(text.slice(at).trim()), 'true', row, context);
      break;
    }
    const key = text.slice(at, mark).trim();
    const wanted = seen?.has(key) ? undefined : writes.get(key);
    if (wanted) seen?.add(key);
    const start = mark + assign.length;
    const quoted = text.charCodeAt(start) === 34;
    const end = quoted ? closingQuote(text, start + 1) : endOf(text, start, between);
    if (wanted) writeAll(wanted, quoted ? unquote(text.slice(start + 1, end)) : text.slice(start, end), row, context);
    pairs++;
    const after = quoted ? text.indexOf(between, end) : end;
    at = after < 0 ? text.length : after + between.length;
  }
  return pairs;
}

function endOf(text: string, start: number, between: string): number {
  const end = text.indexOf(between, start);
  return end < 0 ? text.length : end;
}

function closingQuote(text: string, start: number): number {
  for (let end = start; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 92) end++;
    else if (code === 34) return end;
  }
  return text.length;
}

function unquote(value: string): string {
  return value.includes('\\') ? value.replace(/\\(["\\])/g, '$1') : value;
}

function writeAll(wanted: readonly Write[] | undefined, value: string, row: EventRow, context: TimeContext): void {
  if (wanted) for (const write of wanted) write(row, value, context);
}
