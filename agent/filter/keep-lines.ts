// Filter and trim of one source as one pass over a block: which lines stay, and what is left of them.
// Promises: lines keep their order; what the sealer gets are places in one buffer that is reused at the next block;
// without a filter and a trim a block passes without a copy. Nothing is allocated per line.
import { randomBytes } from 'node:crypto';
import { chooseLines, type ChooseLine, filtered, kept, verdicts } from '../../config/policy/choose-lines.ts';
import type { Policy } from '../../config/policy/policy.ts';
import { createTrimmer, type KeyOf, type Trimmer } from '../../config/policy/trim/trimmer.ts';
import type { LineBlock } from '../ports.ts';
import { readKeyFile } from './read-key-file.ts';

/** Line i is bytes[starts[i], ends[i]) and was line indexes[i] of the block. Good until the next block. */
export interface KeptBlock {
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly indexes: Uint32Array;
  readonly linesTrimmed: number;
  readonly isTrimmed: boolean;
  /** Lines that a trim could not read and that pass as they were; a line counts once for each such trim. */
  readonly linesUnparsed: number;
  /** Lines of the block in [from, to) that were dropped by reason; those that a `drop` filtered are not among them. */
  readonly droppedBetween?: (from: number, to: number) => Readonly<Record<string, number>>;
}

export interface LineKeeper {
  keep(block: LineBlock): KeptBlock;
}

/** Limits and collapses take lines for alike by a hash that nobody outside this process can foresee. */
const hashKey = randomBytes(8);

/** Throws KEY_FILE_REFUSED when a trim's key cannot be read. */
export function createLineKeeper(policy: Policy, sourceId: string, keyOf: KeyOf = readKeyFile): LineKeeper {
  const choose = chooseLines(policy.filter, sourceId, hashKey);
  const trimmers = policy.trim.filter(({ source }) => source === sourceId).map((spec) => createTrimmer(spec, keyOf));
  const room = new Room();
  return {
    keep: (block) => {
      room.reset(block.count);
      if (choose) chooseInto(room, block, choose);
      else room.takeAll(block);
      return trimmers.length === 0 ? room.untrimmed(block) : trimmed(room, block, trimmers);
    },
  };
}

function chooseInto(room: Room, { bytes, starts, ends, count, readAtMs }: LineBlock, choose: ChooseLine): void {
  for (let line = 0; line < count; line++) {
    const start = starts[line] ?? 0;
    const end = ends[line] ?? 0;
    const verdict = choose(bytes, start, end, readAtMs);
    if (verdict === kept) room.take(line, start, end);
    else if (verdict !== filtered) room.drop(line, verdict);
  }
}

/** The first trimmer reads the block, the others what the one before them wrote. */
function trimmed(room: Room, block: LineBlock, trimmers: readonly Trimmer[]): KeptBlock {
  const { starts, ends, count } = room;
  let from = block.bytes;
  let linesTrimmed = 0;
  let linesUnparsed = 0;
  for (const [turn, trimmer] of trimmers.entries()) {
    const place = { out: room.outFor(turn, room.byteLength()), at: 0 };
    const unparsedBefore = trimmer.unparsedLines();
    for (let i = 0; i < count; i++) {
      const start = starts[i] ?? 0;
      const end = ends[i] ?? 0;
      // Masks and pseudonyms may need more than the block had.
      const needed = place.at + trimmer.roomFor(end - start);
      if (needed > place.out.length) place.out = room.grownOut(turn, needed, place.at);
      const written = trimmer.trim(from, start, end, place);
      if (trimmer.isChanged() && !room.isTrimmed(i)) {
        room.markTrimmed(i);
        linesTrimmed += 1;
      }
      starts[i] = place.at;
      place.at += written;
      ends[i] = place.at;
    }
    from = place.out;
    linesUnparsed += trimmer.unparsedLines() - unparsedBefore;
  }
  return { ...room.untrimmed(block), bytes: from, linesTrimmed, linesUnparsed, isTrimmed: true };
}

const startLines = 1_024;

/** Memory that grows to the largest block seen and is used again. */
class Room {
  starts = new Uint32Array(startLines);
  ends = new Uint32Array(startLines);
  indexes = new Uint32Array(startLines);
  count = 0;
  #marks = new Uint8Array(startLines);
  readonly #outs: Buffer[] = [];

  /** Dropped lines in their order, and the verdict on each. */
  #dropped = new Uint32Array(0);
  #verdicts = new Uint8Array(0);
  #droppedCount = 0;

  reset(lines: number): void {
    this.count = 0;
    this.#droppedCount = 0;
    if (lines > this.starts.length) {
      const length = Math.max(lines, this.starts.length * 2);
      this.starts = new Uint32Array(length);
      this.ends = new Uint32Array(length);
      this.indexes = new Uint32Array(length);
      this.#marks = new Uint8Array(length);
    } else this.#marks.fill(0, 0, lines);
  }

  take(line: number, start: number, end: number): void {
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.indexes[this.count] = line;
    this.count += 1;
  }

  drop(line: number, verdict: number): void {
    if (this.#dropped.length < this.starts.length) {
      this.#dropped = new Uint32Array(this.starts.length);
      this.#verdicts = new Uint8Array(this.starts.length);
    }
    this.#dropped[this.#droppedCount] = line;
    this.#verdicts[this.#droppedCount] = verdict;
    this.#droppedCount += 1;
  }

  #droppedBetween(from: number, to: number): Record<string, number> {
    const counts: Record<string, number> = {};
    for (let i = 0; i < this.#droppedCount; i++) {
      const line = this.#dropped[i] ?? 0;
      const reason = verdicts[this.#verdicts[i] ?? 0] ?? '';
      if (line >= from && line < to) counts[reason] = (counts[reason] ?? 0) + 1;
    }
    return counts;
  }

  takeAll({ starts, ends, count }: LineBlock): void {
    this.starts.set(starts.subarray(0, count));
    this.ends.set(ends.subarray(0, count));
    for (let line = 0; line < count; line++) this.indexes[line] = line;
    this.count = count;
  }

  byteLength(): number {
    let bytes = 0;
    for (let i = 0; i < this.count; i++) bytes += (this.ends[i] ?? 0) - (this.starts[i] ?? 0);
    return bytes;
  }

  /** Two buffers taken in turn: one is read while the other is written. */
  outFor(turn: number, byteLength: number): Buffer {
    const kept = this.#outs[turn % 2];
    if (kept && kept.length >= byteLength) return kept;
    const grown = Buffer.allocUnsafe(Math.max(byteLength, 64 * 1024));
    this.#outs[turn % 2] = grown;
    return grown;
  }

  /** The same buffer made larger; its first `used` bytes go along. */
  grownOut(turn: number, byteLength: number, used: number): Buffer {
    const grown = Buffer.allocUnsafe(byteLength * 2);
    this.#outs[turn % 2]?.copy(grown, 0, 0, used);
    this.#outs[turn % 2] = grown;
    return grown;
  }

  isTrimmed(i: number): boolean {
    return this.#marks[i] === 1;
  }

  markTrimmed(i: number): void {
    this.#marks[i] = 1;
  }

  untrimmed({ bytes }: LineBlock): KeptBlock {
    const { count, starts, ends, indexes } = this;
    const block = { count, bytes, starts, ends, indexes, linesTrimmed: 0, linesUnparsed: 0, isTrimmed: false };
    return this.#droppedCount === 0 ? block : { ...block, droppedBetween: (from, to) => this.#droppedBetween(from, to) };
  }
}
