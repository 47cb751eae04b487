// Whole entries out of what journalctl prints, gathered into blocks: one JSON object per line.
// Promises: bounded memory; an entry beyond the limit of a line is shortened to JSON that is still whole (see
// shorten-entry.ts) and marked as cut; a block is never cut inside, because there is a cursor only at its end.
import { limits } from '../../proto/delivery.ts';
import { LineBuffers } from './line-buffers.ts';
import { EntryShortener } from './shorten-entry.ts';

const blockBytesMax = 192 * 1024;
const blockLinesMax = 4_096;
const lineFeed = 0x0a;

export class JournalLines {
  /** Lines of the present block; good until the next. */
  readonly buffers = new LineBuffers();
  /** Bytes in the buffer. */
  #filled = 0;
  /** An entry that is longer than a line may be; the buffer holds what stays of it. */
  #shortener: EntryShortener | undefined;
  /** What the present entry or block took of the source, where that is not what lies in the buffer. */
  #sourceBytes = 0;

  /** Answers for each block how many bytes of the source it took. */
  *add(chunk: Buffer): Generator<number> {
    for (let at = 0; at < chunk.length;) {
      if (this.#shortener) {
        const end = chunk.indexOf(lineFeed, at);
        this.#shorten(chunk.subarray(at, end < 0 ? chunk.length : end), this.#shortener);
        at = end < 0 ? chunk.length : end + 1;
        if (end >= 0) yield this.#shortened(this.#shortener);
      } else {
        at += this.#take(chunk, at);
        for (let split = this.#split(); split > 0; split = this.#split()) {
          yield split;
          this.buffers.bytes.copyWithin(0, split, this.#filled);
          this.#filled -= split;
        }
        if (this.#filled >= limits.lineBytesMax) this.#beginShortening();
      }
    }
  }

  /** Forgets the first line of the present block, as if it had not come; answers what the others took of the source. */
  dropFirst(bytesRead: number): number {
    const { starts, ends, sourceStarts, cut, count } = this.buffers;
    const bytes = count > 1 ? (sourceStarts[1] ?? 0) : bytesRead;
    for (const places of [starts, ends]) places.copyWithin(0, 1, count);
    for (let line = 1; line < count; line++) sourceStarts[line - 1] = (sourceStarts[line] ?? 0) - bytes;
    this.buffers.count = count - 1;
    this.buffers.cut = cut.filter((line) => line > 0).map((line) => line - 1);
    return bytesRead - bytes;
  }

  /** The text of a line of the present block. */
  text(line: number): string {
    const { bytes, starts, ends } = this.buffers;
    return bytes.toString('latin1', starts[line], ends[line]);
  }

  /** Copies what fits behind what is there, which then has room to grow; returns how much that was. */
  #take(chunk: Buffer, at: number): number {
    const { buffers } = this;
    if (this.#filled === buffers.bytes.length) {
      const { bytes } = buffers;
      buffers.growTo(this.#filled * 2);
      buffers.bytes.set(bytes.subarray(0, this.#filled));
    }
    const part = chunk.subarray(at, at + buffers.bytes.length - this.#filled);
    buffers.bytes.set(part, this.#filled);
    this.#filled += part.length;
    return part.length;
  }

  /** Whole lines for one block; returns where the rest begins, 0 when there is nothing whole. */
  #split(): number {
    const { buffers } = this;
    buffers.reset();
    const text = buffers.bytes.subarray(0, this.#filled);
    let at = 0;
    while (buffers.count < blockLinesMax) {
      const newline = text.indexOf(lineFeed, at);
      if (newline < 0 || (buffers.count > 0 && newline > blockBytesMax)) break;
      buffers.add(at, newline, at);
      at = newline + 1;
    }
    return at;
  }

  /** What is there has no end and is as long as a line may be. */
  #beginShortening(): void {
    const begun = this.buffers.bytes.subarray(0, this.#filled);
    this.#shortener = new EntryShortener();
    this.#sourceBytes = 0;
    this.#filled = 0;
    this.#shorten(begun, this.#shortener);
  }

  #shorten(from: Buffer, shortener: EntryShortener): void {
    this.#sourceBytes += from.length;
    shortener.take(from, this.buffers.bytes);
  }

  #shortened(shortener: EntryShortener): number {
    const { buffers } = this;
    buffers.reset();
    buffers.add(0, shortener.written, 0);
    buffers.cut = [0];
    this.#shortener = undefined;
    return this.#sourceBytes + 1;
  }
}
