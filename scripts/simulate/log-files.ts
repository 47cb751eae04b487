// The lines of a simulated site and the files they stand in: files grow, are rotated, truncated and deleted, and go back
// with their machine. Datagrams wait in the system for a reader, and die with it. Every line is different, so that a row
// in the store says which line it is. Who reads waits for a change: thousands of polls that find nothing try nothing.
import type { Random } from '../../proto/runtime/clock.ts';
import { Wake } from '../../proto/runtime/wake.ts';

export type SourceKind = 'file' | 'datagram';

export interface Line {
  readonly text: string;
  readonly machine: string;
  readonly source: SourceKind;
  readonly isNoise: boolean;
  readonly isPoison: boolean;
  /** Value after ATTACK; empty for a harmless line. */
  readonly attacker: string;
  /** The buffer said that it is durable. */
  isBuffered: boolean;
}

export class LineBook {
  readonly byText = new Map<string, Line>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  write(machine: string, source: SourceKind, poisonShare: number): Line {
    const draw = this.#random.unit();
    const isPoison = draw < poisonShare;
    const isNoise = !isPoison && draw < 0.15;
    const attacker = !isPoison && !isNoise && draw < 0.35 ? `203.0.113.${1 + Math.floor(this.#random.unit() * 3)}` : '';
    const kind = isNoise ? 'noise' : isPoison ? 'app KILLER' : attacker === '' ? 'app' : `app ATTACK ${attacker}`;
    const text = `n=${this.byText.size} host=${machine} from=${source} kind=${kind}`;
    const line: Line = { text, machine, source, isNoise, isPoison, attacker, isBuffered: false };
    this.byText.set(text, line);
    return line;
  }
}

export interface LogFile {
  readonly inode: number;
  bytes: Buffer;
  lines: readonly Line[];
  /** Byte offset behind each line. */
  ends: readonly number[];
}

/** Counts changes, so that one that comes between looking and waiting is not slept over. */
class Changes {
  #count = 0;
  readonly #wake = new Wake();

  get count(): number {
    return this.#count;
  }

  note(): void {
    this.#count++;
    this.#wake.wake();
  }

  /** Resolves when there were others than these, or when the signal aborts. */
  async after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#count === seen) await this.#wake.wait(signal);
  }
}

/** What arrived and nobody has taken yet. */
export class Datagrams {
  readonly changes = new Changes();
  #waiting: Line[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  arrive(line: Line): void {
    this.#waiting.push(line);
    this.changes.note();
  }

  take(countMax: number): readonly Line[] {
    return this.#waiting.splice(0, countMax);
  }

  clear(): void {
    this.#waiting = [];
  }
}

/** One log file that is rotated: the newest file last. */
export class LogFolder {
  readonly changes = new Changes();
  files: LogFile[] = [];
  #lastInode = 0;

  append(line: Line): void {
    const file = this.files.at(-1) ?? this.rotate();
    file.bytes = Buffer.concat([file.bytes, Buffer.from(`${line.text}\n`)]);
    file.lines = [...file.lines, line];
    file.ends = [...file.ends, file.bytes.length];
    this.changes.note();
  }

  rotate(): LogFile {
    const file: LogFile = { inode: ++this.#lastInode, bytes: Buffer.alloc(0), lines: [], ends: [] };
    this.files.push(file);
    this.changes.note();
    return file;
  }

  /** In place, without a copy: what was not read is gone. */
  truncate(): void {
    const file = this.files.at(-1);
    if (file) Object.assign(file, { bytes: Buffer.alloc(0), lines: [], ends: [] });
    this.changes.note();
  }

  deleteOldest(): void {
    if (this.files.length > 1) this.files.shift();
  }

  copy(): LogFolder {
    const copy = new LogFolder();
    copy.files = this.files.map((file) => ({ ...file }));
    copy.#lastInode = this.#lastInode;
    return copy;
  }

  lines(): Line[] {
    return this.files.flatMap(({ lines }) => lines);
  }
}
