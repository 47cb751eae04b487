// Lines of the kernel's log gathered into one block, in memory that is used again.
// Promises: a block is small enough that no batch cuts it inside, because there is a cursor only at its end; offsets are the
// numbers that the kernel gave its records, so that they stay what they are when records are lost.
import type { LineBlock, StreamInfo, StreamPosition } from '../ports.ts';
import { noCounters } from './file-tail.ts';
import { recordBytesMax } from './kernel-device.ts';
import { placeToCursor, type KernelPlace } from './kernel-place.ts';

const blockBytesMax = 64 * 1024;
const blockLinesMax = 512;
/** A line is a record and what stands around it: the name of the host, the numbers, escapes. */
const lineBytesMax = 2 * recordBytesMax;
const noTail = new Uint8Array(0);

export class KernelBlock {
  readonly #stream: StreamInfo;
  readonly #bytes = Buffer.allocUnsafe(blockBytesMax + lineBytesMax);
  readonly #starts = new Uint32Array(blockLinesMax);
  readonly #ends = new Uint32Array(blockLinesMax);
  readonly #sourceStarts = new Uint32Array(blockLinesMax);
  #lineNumber: number;
  #first = 0;
  #dropped: Record<string, number> = {};
  #readAtMs = 0;
  #count = 0;
  #filled = 0;
  #read = 0;
  #isPlaceTold = true;

  constructor(stream: StreamInfo, lineNumber: number) {
    this.#stream = stream;
    this.#lineNumber = lineNumber;
  }

  /** `next` is the number of the record that is read next. */
  begin(next: number, readAtMs: number): void {
    this.#first = next;
    this.#readAtMs = readAtMs;
    this.#count = 0;
    this.#filled = 0;
    this.#read = 0;
  }

  get hasRoom(): boolean {
    return this.#count < blockLinesMax && this.#filled < blockBytesMax;
  }

  get isWorthTelling(): boolean {
    return this.#count > 0 || !this.#isPlaceTold || Object.keys(this.#dropped).length > 0;
  }

  add(line: string, record: { readonly sequence: number; readonly byteLength: number }): void {
    this.#starts[this.#count] = this.#filled;
    this.#filled += this.#bytes.write(line, this.#filled, 'utf8');
    this.#ends[this.#count] = this.#filled;
    this.#sourceStarts[this.#count] = record.sequence - this.#first;
    this.#read += record.byteLength;
    this.#count += 1;
  }

  drop(reason: string, count: number): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
  }

  /** The next block is worth telling even without a line. */
  tellPlace(): void {
    this.#isPlaceTold = false;
  }

  /** Good until the next begins. */
  end(place: KernelPlace): LineBlock {
    this.#lineNumber += this.#count;
    const dropped = this.#dropped;
    this.#dropped = {};
    this.#isPlaceTold = true;
    return {
      stream: this.#stream,
      readAtMs: this.#readAtMs,
      bytes: this.#bytes,
      count: this.#count,
      starts: this.#starts,
      ends: this.#ends,
      sourceStarts: this.#sourceStarts,
      baseOffset: this.#first,
      cut: [],
      endOffset: place.next,
      endLineNumber: this.#lineNumber,
      tailHash: noTail,
      tailBytes: 0,
      cursor: placeToCursor(place),
      bytesRead: this.#read,
      ...(Object.keys(dropped).length > 0 ? { dropped } : {}),
    };
  }
}

export function positionBehind({ stream, endOffset, endLineNumber, tailHash, tailBytes, cursor }: LineBlock): StreamPosition {
  return { stream, offset: endOffset, lineNumber: endLineNumber, tailHash, tailBytes, cursor, counters: noCounters };
}
