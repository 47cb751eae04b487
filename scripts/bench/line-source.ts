// Lines for the micro-benchmarks: those of a file, or the generated mixed stream when none is given.
// Promises: at most `events` lines, kept in memory as the bytes that a batch would hold; a file with fewer is repeated.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { mixedStream } from './stream/mixed-stream.ts';

export interface LineSourceOptions {
  /** A file of lines; the generated stream when left out. */
  readonly file?: string;
  readonly events: number;
  readonly seed: number;
}

const startMs = Date.UTC(2026, 10, 24, 10);

export function linesOf({ file, events, seed }: LineSourceOptions): readonly Buffer[] {
  const read = file === undefined ? generated(events, seed) : readFileSync(file, 'utf8').split('\n').filter(Boolean);
  if (read.length === 0) throw new Error(`bench: ${file} holds no lines`);
  const bytes = read.slice(0, events).map((line) => Buffer.from(line));
  return Array.from({ length: events }, (_, at) => bytes[at % bytes.length] ?? Buffer.alloc(0));
}

function generated(events: number, seed: number): string[] {
  return mixedStream({ seed, startMs, stepMs: 1 })
    .take(events)
    .map(({ text }) => text)
    .toArray();
}
