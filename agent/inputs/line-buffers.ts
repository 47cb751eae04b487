// The memory that one input reads into: a chunk of bytes and the places of the lines in it, reused from block to block.
// Promises: grows with need and never beyond what one line at the limit takes; split() allocates nothing per line.
import { limits } from '../../proto/delivery.ts';
import { proofBytesMax } from './file-proof.ts';

const chunkBytesMin = 64 * 1024;
export const chunkBytesMax = 256 * 1024;
const blockLinesMax = 16_384;
/** The proof before the line, a line at the limit with CR and LF, and room to see that it is longer. */
export const bufferBytesMax = proofBytesMax + limits.lineBytesMax + 1_024;

export class LineBuffers {
  bytes: Buffer = Buffer.allocUnsafe(chunkBytesMin);
  starts = new Uint32Array(256);
  ends = new Uint32Array(256);
  sourceStarts = new Uint32Array(256);
  count = 0;
  cut: number[] = [];

  growTo(byteLength: number): void {
    if (this.bytes.length < byteLength) this.bytes = Buffer.allocUnsafe(Math.min(byteLength, bufferBytesMax));
  }

  reset(): void {
    this.count = 0;
    this.cut = [];
  }

  /** Splits bytes[from, to) into whole lines; source offsets count from `from`. Returns where the first unfinished line begins. */
  split(from: number, to: number): number {
    this.reset();
    const text = this.bytes.subarray(0, to);
    let at = from;
    while (this.count < blockLinesMax) {
      const newline = text.indexOf(0x0a, at);
      if (newline < 0) break;
      this.add(at, newline > at && text[newline - 1] === 0x0d ? newline - 1 : newline, at - from);
      at = newline + 1;
    }
    return at;
  }

  /** One line, cut at the limit if need be. */
  add(start: number, end: number, sourceStart: number): void {
    if (this.count === this.starts.length) this.#growLines();
    const isCut = end - start > limits.lineBytesMax;
    if (isCut) this.cut.push(this.count);
    this.starts[this.count] = start;
    this.ends[this.count] = isCut ? start + limits.lineBytesMax : end;
    this.sourceStarts[this.count] = sourceStart;
    this.count += 1;
  }

  #growLines(): void {
    const grow = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(old.length * 4);
      grown.set(old);
      return grown;
    };
    this.starts = grow(this.starts);
    this.ends = grow(this.ends);
    this.sourceStarts = grow(this.sourceStarts);
  }
}
