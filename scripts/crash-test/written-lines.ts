// Writes numbered lines into files that are rotated meanwhile, and remembers every line of every source.
// Promises: a line's number stands once in its text; a rotation happens between two lines and takes none away (the copy of
// a copytruncate is whole before the file is emptied); now and then a line is written in two halves.
// Lines carry random text that does not compress, so that a short run fills generations.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Serial } from '../../proto/runtime/serial.ts';
import type { AttackLine, Part } from './attacks.ts';
import type { SourceCounts } from './live-book.ts';
import { fileNames, fileSources, noiseMark, type FileName, type SourceName } from './sources.ts';

export interface WrittenLine {
  readonly number: number;
  readonly source: SourceName;
  /** As the store has to hold it. */
  readonly text: string;
  readonly timeMs: number;
  readonly part: Part | undefined;
  /** Filtered by the policy. */
  readonly isNoise: boolean;
  /** What keeps its order: a generation of a file, a connection. */
  readonly run: string;
}

type TextOf = (at: string, token: string) => string;

const paddingBytes = 360;

export class WrittenLines {
  readonly folder: string;
  readonly lines: WrittenLine[] = [];
  readonly #random: { readonly bytes: (count: number) => Uint8Array };
  readonly #serial = new Serial();
  readonly #generations = new Map<FileName, number>();
  #lastMs = 0;
  readonly #met = new Set<FileName>();
  #ofGoneFiles: ReadonlySet<string> = new Set();

  constructor(folder: string, random: { readonly bytes: (count: number) => Uint8Array }) {
    this.folder = folder;
    this.#random = random;
  }

  /** Writing and rotating take turns through this. */
  hold(turn: () => Promise<void>): Promise<void> {
    return this.#serial.run(turn);
  }

  /** Gives a line its number and remembers it; whoever asks sends it. */
  note(source: SourceName, run: string, textOf: TextOf, more: Partial<Pick<WrittenLine, 'part' | 'isNoise'>> = {}): WrittenLine {
    const number = this.lines.length;
    const timeMs = Math.max(Date.now(), this.#lastMs);
    this.#lastMs = timeMs;
    const text = textOf(new Date(timeMs).toISOString().replace('Z', '+00:00'), tokenOf(number));
    const line = { number, source, text, timeMs, part: undefined, isNoise: false, run, ...more };
    this.lines.push(line);
    return line;
  }

  padding(): string {
    return Buffer.from(this.#random.bytes(paddingBytes)).toString('base64');
  }

  /** An everyday line; `half` is called between its halves. */
  write(
    source: FileName,
    { isNoise = false, half }: { readonly isNoise?: boolean; readonly half?: () => Promise<void> } = {},
  ): Promise<void> {
    return this.#put(source, everyday(source, this.padding(), isNoise), { isNoise, half });
  }

  async attack(lines: readonly AttackLine[]): Promise<void> {
    for (const { source, text, part } of lines) await this.#put(source, text, { part });
  }

  rotate(source: FileName, how: 'rename' | 'copytruncate'): void {
    const path = this.#path(source);
    if (!existsSync(path)) return;
    this.#shift(source);
    if (how === 'rename') renameSync(path, `${path}.1`);
    else {
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
    }
    this.#generations.set(source, this.#generation(source) + 1);
    if (!fileSources[source].isCompressed || !existsSync(`${path}.2`)) return;
    const { atime, mtime } = statSync(`${path}.2`);
    writeFileSync(`${path}.2.gz`, gzipSync(readFileSync(`${path}.2`)));
    // As gzip does it.
    utimesSync(`${path}.2.gz`, atime, mtime);
    rmSync(`${path}.2`);
  }

  /** Everything written so far leaves the disk; `known` are the streams that the agent has told of until then. */
  removeFiles(known: Iterable<string>): void {
    this.#ofGoneFiles = new Set(known);
    this.#met.clear();
    for (const file of readdirSync(this.folder)) rmSync(join(this.folder, file));
    for (const source of fileNames) this.#generations.set(source, this.#generation(source) + 1);
  }

  /**
   * Whether the agent has buffered something of a file that was written since the last time all were removed. What is
   * rotated away before, under a name that no glob names, cannot be told from what was there before the agent came: it is
   * promised to nobody (agent/inputs/DECISION-file-identity.md).
   */
  isMet(source: FileName): boolean {
    return this.#met.has(source);
  }

  /** What an agent tells that is up. */
  meet(positions: SourceCounts['positions']): void {
    for (const source of fileNames)
      if (positions.some((position) => position.source === source && !this.#ofGoneFiles.has(position.stream))) this.#met.add(source);
  }

  /** What was rotated away, after it was drained. */
  removeRotated(): void {
    for (const file of readdirSync(this.folder)) if (/\.\d+(?:\.gz)?$/.test(file)) rmSync(join(this.folder, file));
  }

  async #put(
    source: FileName,
    textOf: TextOf,
    { half, ...more }: { readonly part?: Part; readonly isNoise?: boolean; readonly half?: (() => Promise<void>) | undefined },
  ): Promise<void> {
    const { text } = this.note(source, `${source} ${this.#generation(source)}`, textOf, more);
    const path = this.#path(source);
    const bytes = Buffer.from(asWritten(source, text, path), nodeEncoding[fileSources[source].encoding]);
    if (!half) return appendFileSync(path, bytes);
    // A record whose second half is late would be two records: it is cut where only a line's end is missing.
    const cut = source === 'records' || source === 'audit' ? bytes.length - 1 : Math.floor(bytes.length / 2);
    appendFileSync(path, bytes.subarray(0, cut));
    await half();
    appendFileSync(path, bytes.subarray(cut));
  }

  #generation(source: FileName): number {
    return this.#generations.get(source) ?? 0;
  }

  #path(source: FileName): string {
    return join(this.folder, fileSources[source].file);
  }

  #shift(source: FileName): void {
    const path = this.#path(source);
    const highest = readdirSync(this.folder).filter((file) => file.startsWith(`${fileSources[source].file}.`)).length;
    for (let number = highest; number >= 1; number--)
      for (const end of ['', '.gz'])
        if (existsSync(`${path}.${number}${end}`)) renameSync(`${path}.${number}${end}`, `${path}.${number + 1}${end}`);
  }
}

const nodeEncoding = { 'utf-8': 'utf8', 'latin-1': 'latin1', 'utf-16le': 'utf16le' } as const;

function everyday(source: FileName, padding: string, isNoise: boolean): TextOf {
  switch (source) {
    case 'eve':
      return (at, token) => JSON.stringify({ timestamp: at, event_type: 'stats', note: `${token} ${padding}`, stats: { uptime: 1 } });
    case 'records':
      return (at, token) => `${at} crash1 crashd[1]: ${token} failed\n\tat ${padding}\n\tat the end`;
    case 'latin':
      return (at, token) => `${at} crash1 crashd[1]: ${token} façade Größe ñ ${padding}`;
    case 'wide':
      return (at, token) => `${at} crash1 crashd[1]: ${token} façade 塔 ${padding}`;
    case 'zeek':
      return (at, token) => JSON.stringify({ _path: 'notes', ts: Date.parse(at) / 1_000, note: `${token} ${padding}` });
    case 'audit':
      return (at, token) => {
        // As auditd writes it, three digits also at a whole second: without them it is no record of an event.
        const stamp = `msg=audit(${(Date.parse(at) / 1_000).toFixed(3)}:${Number(token.slice(4)) + 1})`;
        return `type=CONFIG_CHANGE_TEST ${stamp}: note=${token}\ntype=PROCTITLE ${stamp}: proctitle="${padding}"`;
      };
    default:
      return (at, token) => `${at} crash1 ${isNoise ? noiseMark : 'crashd[1]'}: ${token} ${padding}`;
  }
}

const zeekHeader = [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  '#path\tnotes',
  '#fields\tts\tnote',
  '#types\ttime\tstring',
]
  .map((line) => `${line}\n`)
  .join('');

/** What the source's program writes for the line that the store is to hold: Zeek a row, and a header before the first. */
function asWritten(source: FileName, text: string, path: string): string {
  if (source !== 'zeek') return `${text}\n`;
  const { ts, note }: { readonly ts: number; readonly note: string } = JSON.parse(text);
  const isBegun = existsSync(path) && statSync(path).size > 0;
  return `${isBegun ? '' : zeekHeader}${ts}\t${note}\n`;
}

function tokenOf(number: number): string {
  return `line${String(number).padStart(7, '0')}`;
}

export function numberIn(text: string): number | undefined {
  const found = /\bline(\d{7})\b/.exec(text);
  return found ? Number(found[1]) : undefined;
}
