// The file that an agent reads in a scenario: generated lines, or those of the files that were named, over and over.
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { BenchWish } from './scenario.ts';
import { streamOf } from './stream/mixed-stream.ts';

export interface InputFile {
  readonly path: string;
  readonly lines: number;
  readonly bytes: number;
}

const chunkBytes = 1024 * 1024;

export async function writeInput(path: string, wish: Pick<BenchWish, 'seed' | 'corpus'>, megabytes: number): Promise<InputFile> {
  const file = createWriteStream(path);
  const bytesWanted = megabytes * 1_000_000;
  const source = wish.corpus.length > 0 ? await linesOf(wish.corpus) : streamOf('suricata', { ...wish, startMs: Date.now(), stepMs: 0.05 });
  let lines = 0;
  let bytes = 0;
  let chunk = '';
  for (const line of source) {
    chunk += `${line}\n`;
    lines++;
    const isEnough = bytes + chunk.length >= bytesWanted;
    if (chunk.length < chunkBytes && !isEnough) continue;
    bytes += Buffer.byteLength(chunk);
    if (!file.write(chunk)) await once(file, 'drain');
    chunk = '';
    if (isEnough) break;
  }
  file.end();
  await once(file, 'close');
  return { path, lines, bytes };
}

/** How many lines of a file do not hold the text. */
export async function linesWithout(path: string, text: string): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) if (!line.includes(text)) count++;
  return count;
}

/** All lines of the files, again from the start when they end. */
async function linesOf(files: readonly string[]): Promise<Iterable<string>> {
  const kept: string[] = [];
  for (const file of files)
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) if (line !== '') kept.push(line);
  if (kept.length === 0) throw new Error(`--corpus: ${files.join(', ')} hold no lines`);
  return (function* () {
    for (;;) yield* kept;
  })();
}
