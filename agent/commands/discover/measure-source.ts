// How large a source is and how fast it grows: by the times that its own lines carry, or by a look of some seconds.
// Promises: reads the beginning and the end of each file, bounded, and of many files only the largest.
import type { HostRoot } from './host-root.ts';
import { timeOf } from './line-time.ts';

const sampleBytes = 64 * 1024;
const measuredMax = 16;
/** A shorter span says nothing about a day: an installation fills a log in a minute. */
const spanMsMin = 300_000;

export interface FileSeen {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface Rate {
  readonly bytesPerSecond: number;
  readonly linesPerSecond: number;
  readonly by: 'its times' | 'watching';
}

export interface Measure {
  readonly files: number;
  readonly bytes: number;
  readonly modifiedMs: number | undefined;
  readonly rate: Rate | undefined;
  /** Whole lines of its newest file, at most 64 KiB. */
  readonly sample: readonly string[];
}

export function measureFiles(host: HostRoot, files: readonly FileSeen[], nowMs: number): Measure {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const newest = files.reduce<FileSeen | undefined>((one, file) => (one && one.modifiedMs >= file.modifiedMs ? one : file), undefined);
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, measuredMax);
  const measured = largest.map((file) => ({ file, sampled: sampleOf(host, file, nowMs) }));
  const rates = measured.flatMap(({ sampled }) => sampled.rate ?? []);
  const rate: Rate | undefined =
    rates.length === 0
      ? undefined
      : {
          bytesPerSecond: sum(rates.map((one) => one.bytesPerSecond)),
          linesPerSecond: sum(rates.map((one) => one.linesPerSecond)),
          by: 'its times',
        };
  const sample = measured.find(({ file }) => file === newest)?.sampled.lines ?? (newest ? sampleOf(host, newest, nowMs).lines : []);
  return { files: files.length, bytes, modifiedMs: newest?.modifiedMs, rate, sample };
}

interface Sampled {
  readonly lines: readonly string[];
  readonly rate: Omit<Rate, 'by'> | undefined;
}

function sampleOf(host: HostRoot, { path, bytes }: FileSeen, nowMs: number): Sampled {
  if (bytes === 0) return { lines: [], rate: undefined };
  const from = Math.max(0, bytes - sampleBytes);
  const tail = host.part(path, from, sampleBytes)?.toString('utf8').split('\n') ?? [];
  const lines = tail.slice(from > 0 ? 1 : 0).filter((line) => line !== '');
  const head = from === 0 ? lines : (host.part(path, 0, sampleBytes)?.toString('utf8').split('\n') ?? []);
  const [first, last] = [firstTime(head, nowMs), firstTime([...lines].reverse(), nowMs)];
  if (first === undefined || last === undefined || last - first < spanMsMin) return { lines, rate: undefined };
  const lineBytes = Math.max(1, sum(lines.map((line) => Buffer.byteLength(line) + 1)) / lines.length);
  const bytesPerSecond = bytes / ((last - first) / 1_000);
  return { lines, rate: { bytesPerSecond, linesPerSecond: bytesPerSecond / lineBytes } };
}

/** Of the first lines that have one: a stack trace may stand at either end. */
function firstTime(lines: readonly string[], nowMs: number): number | undefined {
  for (const line of lines.slice(0, 50)) {
    const time = timeOf(line, nowMs);
    if (time !== undefined) return time;
  }
  return undefined;
}

/** What was added between two looks. Bytes of a file that shrank are all new. */
export function rateBetween(
  before: readonly FileSeen[],
  after: readonly FileSeen[],
  { ms, lineBytes }: { readonly ms: number; readonly lineBytes: number },
): Rate {
  const sizes = new Map(before.map(({ path, bytes }) => [path, bytes]));
  const added = sum(after.map(({ path, bytes }) => (bytes >= (sizes.get(path) ?? 0) ? bytes - (sizes.get(path) ?? 0) : bytes)));
  const bytesPerSecond = added / (ms / 1_000);
  return { bytesPerSecond, linesPerSecond: bytesPerSecond / lineBytes, by: 'watching' };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
