// A journald input that is read for a test, until enough lines came.
import { sourceOf } from './live-reading.ts';
import { systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import type { StreamPosition } from '../../ports.ts';
import { JournaldInput } from '../journald-input.ts';

export interface ReadEntries {
  readonly texts: string[];
  readonly cut: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly position: StreamPosition;
}

/** Time passes as soon as somebody waits for it; `onSleep` hears how often that was. */
export function eagerClock(onSleep: (times: number) => void = () => undefined): Clock {
  let [nowMs, times] = [1_795_514_400_000, 0];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      onSleep(++times);
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export function journalInput(program: string, { startAt = 'start', warnings = [] as string[], clock = eagerClock() } = {}): JournaldInput {
  const log = { debug: () => undefined, info: () => undefined, warn: (_: object, text: string) => void warnings.push(text) };
  return new JournaldInput({ source: sourceOf('journald', { startAt }), clock, random: systemRandom, log, program });
}

/** Blocks until `count` lines came; the rest of a block comes with them. */
export async function readEntries(input: JournaldInput, resume: readonly StreamPosition[], count: number): Promise<ReadEntries> {
  const stop = new AbortController();
  const texts: string[] = [];
  const dropped: Record<string, number> = {};
  let cut = 0;
  let position: StreamPosition | undefined;
  for await (const block of input.read(resume, AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]))) {
    for (let i = 0; i < block.count; i++) texts.push(block.bytes.toString('utf8', block.starts[i], block.ends[i]));
    for (const [reason, lines] of Object.entries(block.dropped ?? {})) dropped[reason] = (dropped[reason] ?? 0) + lines;
    cut += block.cut.length;
    const { stream, endOffset: offset, endLineNumber: lineNumber, tailHash, tailBytes, cursor } = block;
    const counters = { linesRead: 0, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 0, bytesKept: 0, linesDropped: {} };
    position = { stream, offset, lineNumber, tailHash, tailBytes, cursor, counters };
    if (texts.length >= count) stop.abort();
  }
  if (!position) throw new Error('nothing was read');
  return { texts, cut, dropped, position };
}
