// The lines of a simulated site and the files they stand in: files grow, are rotated, truncated and deleted, and go back
// with their machine. Every line is different, so that a row in the store says which line it is.
import type { Random } from '../../proto/runtime/clock.ts';

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

/** One log file that is rotated: the newest file last. */
export class LogFolder {
  files: LogFile[] = [];
  #lastInode = 0;

  append(line: Line): void {
    const file = this.files.at(-1) ?? this.rotate();
    file.bytes = Buffer.concat([file.bytes, Buffer.from(`${line.text}\n`)]);
    file.lines = [...file.lines, line];
    file.ends = [...file.ends, file.bytes.length];
  }

  rotate(): LogFile {
    const file: LogFile = { inode: ++this.#lastInode, bytes: Buffer.alloc(0), lines: [], ends: [] };
    this.files.push(file);
    return file;
  }

  /** In place, without a copy: what was not read is gone. */
  truncate(): void {
    const file = this.files.at(-1);
    if (file) Object.assign(file, { bytes: Buffer.alloc(0), lines: [], ends: [] });
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
