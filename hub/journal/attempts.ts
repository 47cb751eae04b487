// How often work on each journal write was begun, and which line was being tried when it ended (poison, DELIVERY.md 26).
// Promises: a note is synced before it resolves, in a small file of its own; freed writes are forgotten.
// Keeps notes of the newest 2,048 writes: more than lie between two snapshots of the correlator.
import { SlotFile } from '../../proto/durable/slot-file.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import { Serial } from '../../proto/runtime/serial.ts';

export interface AttemptNote {
  readonly write: number;
  readonly attempts: number;
  readonly entry?: number;
  readonly index?: number;
}

const notesMax = 2_048;
const slotBytes = 64 * 1024;

export class Attempts {
  readonly #file: SlotFile;
  readonly #serial = new Serial();
  #notes: Map<number, AttemptNote>;

  private constructor(file: SlotFile, notes: readonly AttemptNote[]) {
    this.#file = file;
    this.#notes = new Map(notes.map((note) => [note.write, note]));
  }

  static async open(disk: Disk, path: string): Promise<Attempts> {
    const { file, content } = await SlotFile.open(disk, path, slotBytes);
    return new Attempts(file, content ? decode(content) : []);
  }

  /** Without a line: work begins once more. With a line: that line is tried next. Returns how often it was begun before. */
  begin(write: number, line?: { readonly entry: number; readonly index: number }): Promise<number> {
    return this.#serial.run(async () => {
      const before = this.#notes.get(write)?.attempts ?? 0;
      const attempts = line && before > 0 ? before : before + 1;
      this.#notes.set(write, { write, attempts, ...line });
      if (this.#notes.size > notesMax) this.#notes.delete(Math.min(...this.#notes.keys()));
      await this.#file.write(encode([...this.#notes.values()]));
      return attempts - 1;
    });
  }

  of(write: number): number {
    return this.#notes.get(write)?.attempts ?? 0;
  }

  all(): AttemptNote[] {
    return [...this.#notes.values()].sort((a, b) => a.write - b.write);
  }

  /** Written with the next note. */
  forget(upTo: number): void {
    for (const write of this.#notes.keys()) if (write <= upTo) this.#notes.delete(write);
  }
}

/** Runs of writes with equal attempts are one row: mostly the file is a few rows long. */
function encode(notes: AttemptNote[]): Uint8Array {
  const rows: (number | undefined)[][] = [];
  for (const { write, attempts, entry, index } of notes.sort((a, b) => a.write - b.write)) {
    const last = rows.at(-1);
    const goesOn = entry === undefined && last?.length === 3 && last[1] === write - 1 && last[2] === attempts;
    if (goesOn) last[1] = write;
    else rows.push(entry === undefined ? [write, write, attempts] : [write, write, attempts, entry, index]);
  }
  return Buffer.from(JSON.stringify(rows));
}

function decode(content: Uint8Array): AttemptNote[] {
  // Ours, behind a checksum.
  const rows = JSON.parse(Buffer.from(content).toString()) as number[][];
  return rows.flatMap(([from = 0, to = 0, attempts = 0, entry, index]) =>
    Array.from({ length: to - from + 1 }, (_, place) => ({
      write: from + place,
      attempts,
      ...(entry === undefined || index === undefined ? {} : { entry, index }),
    })),
  );
}
