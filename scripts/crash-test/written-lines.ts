// Writes numbered lines into files that are rotated meanwhile, and remembers every one of them.
// Promises: a line's number stands once in its text; a rotation happens between two lines and takes none away (the copy of
// a copytruncate is whole before the file is emptied); now and then a line is written in two halves.
// Lines carry random text that does not compress, so that a short run fills generations.
import { appendFileSync, copyFileSync, existsSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Serial } from '../../proto/runtime/serial.ts';
import type { AttackLine, Part } from './attacks.ts';

export type SourceName = 'auth' | 'eve';

export interface WrittenLine {
  readonly number: number;
  readonly source: SourceName;
  readonly text: string;
  readonly timeMs: number;
  readonly part: Part | undefined;
}

export const sourceFiles: Readonly<Record<SourceName, string>> = { auth: 'auth.log', eve: 'eve.json' };
const paddingBytes = 360;

export class WrittenLines {
  readonly folder: string;
  readonly lines: WrittenLine[] = [];
  readonly #random: { readonly bytes: (count: number) => Uint8Array };
  readonly #serial = new Serial();
  #lastMs = 0;

  constructor(folder: string, random: { readonly bytes: (count: number) => Uint8Array }) {
    this.folder = folder;
    this.#random = random;
  }

  /** Writing and rotating take turns through this. */
  hold(turn: () => Promise<void>): Promise<void> {
    return this.#serial.run(turn);
  }

  /** An everyday line; `half` is called between its halves. */
  write(source: SourceName, half?: () => Promise<void>): Promise<void> {
    const padding = Buffer.from(this.#random.bytes(paddingBytes)).toString('base64');
    const text = (at: string, token: string): string =>
      source === 'auth'
        ? `${at} crash1 crashd[1]: ${token} ${padding}`
        : JSON.stringify({ timestamp: at, event_type: 'stats', note: `${token} ${padding}`, stats: { uptime: 1 } });
    return this.#put({ source, text, part: undefined }, half);
  }

  async attack(lines: readonly AttackLine[]): Promise<void> {
    for (const line of lines) await this.#put(line);
  }

  rename(source: SourceName): void {
    this.#shift(source);
    const path = this.#path(source);
    if (existsSync(path)) renameSync(path, `${path}.1`);
  }

  copyTruncate(source: SourceName): void {
    const path = this.#path(source);
    if (!existsSync(path)) return;
    this.#shift(source);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  }

  /** Everything written so far leaves the disk. */
  removeFiles(): void {
    for (const file of readdirSync(this.folder)) rmSync(join(this.folder, file));
  }

  /** What was rotated away, after it was drained. */
  removeRotated(): void {
    for (const file of readdirSync(this.folder)) if (/\.\d+$/.test(file)) rmSync(join(this.folder, file));
  }

  async #put({ source, text, part }: Omit<AttackLine, 'part'> & { part: Part | undefined }, half?: () => Promise<void>): Promise<void> {
    const number = this.lines.length;
    const timeMs = Math.max(Date.now(), this.#lastMs);
    this.#lastMs = timeMs;
    const written = text(new Date(timeMs).toISOString().replace('Z', '+00:00'), tokenOf(number));
    this.lines.push({ number, source, text: written, timeMs, part });
    const path = this.#path(source);
    if (!half) return appendFileSync(path, `${written}\n`);
    const cut = Math.floor(written.length / 2);
    appendFileSync(path, written.slice(0, cut));
    await half();
    appendFileSync(path, `${written.slice(cut)}\n`);
  }

  #path(source: SourceName): string {
    return join(this.folder, sourceFiles[source]);
  }

  #shift(source: SourceName): void {
    const path = this.#path(source);
    const highest = readdirSync(this.folder).filter((file) => file.startsWith(`${sourceFiles[source]}.`)).length;
    for (let number = highest; number >= 1; number--)
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
  }
}

function tokenOf(number: number): string {
  return `line${String(number).padStart(7, '0')}`;
}

export function numberIn(text: string): number | undefined {
  const found = /\bline(\d{7})\b/.exec(text);
  return found ? Number(found[1]) : undefined;
}
