// The memory that one input reads into: a chunk of bytes and the places of the lines in it, reused from block to block.
// Promises: grows with need and never beyond what one line at the limit takes; split() allocates nothing per line.
import { limits } from '../../proto/delivery.ts';
import type { FoundLines, Framing, LineFeed, LineRest } from '../ports.ts';
import { proofBytesMax } from './file-proof.ts';

const chunkBytesMin = 64 * 1024;
export const chunkBytesMax = 256 * 1024;
const blockLinesMax = 16_384;
/** The proof before the line, a line at the limit with CR and LF, and room to see that it is longer, or what follows it. */
export const bufferBytesMax = proofBytesMax + limits.lineBytesMax + 16 * 1_024;

export class LineBuffers implements FoundLines {
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
  split(from: number, to: number, lineFeed: LineFeed = 'byte'): number {
    this.reset();
    return lineFeed === 'byte' ? this.#splitBytes(from, to) : this.#splitUnits(from, to, lineFeed);
  }

  /** Makes records of the lines that split() found; returns where the first unfinished one begins. */
  join(framing: Framing, rest: LineRest): number {
    const { count, cut, end } = framing.join(this, rest);
    this.count = count;
    this.cut = cut;
    return end;
  }

  #splitBytes(from: number, to: number): number {
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

  #splitUnits(from: number, to: number, lineFeed: 'utf-16le' | 'utf-16be'): number {
    const carriageReturn = lineFeed === 'utf-16le' ? 0x0d00 : 0x000d;
    let at = from;
    while (this.count < blockLinesMax) {
      const newline = findLineFeed(this.bytes, { from: at, to, lineFeed });
      if (newline < 0) break;
      const hasReturn = newline - 2 >= at && this.bytes.readUInt16BE(newline - 2) === carriageReturn;
      this.add(at, hasReturn ? newline - 2 : newline, at - from);
      at = newline + 2;
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

/** Bytes that a line feed takes. */
export function lineFeedBytes(lineFeed: LineFeed): 1 | 2 {
  return lineFeed === 'byte' ? 1 : 2;
}

/** The first line feed in bytes[from, to), -1 when there is none; units of UTF-16 begin at `from`. */
export function findLineFeed(
  bytes: Buffer,
  { from, to, lineFeed }: { readonly from: number; readonly to: number; readonly lineFeed: LineFeed },
): number {
  const text = bytes.subarray(0, to);
  if (lineFeed === 'byte') return text.indexOf(0x0a, from);
  const place = lineFeed === 'utf-16le' ? 0 : 1;
  for (let found = text.indexOf(0x0a, from); found >= 0; found = text.indexOf(0x0a, found + 1)) {
    // U+0A00 and U+010A hold the same byte: the other byte of the unit must be 0.
    if ((found - place - from) % 2 === 0 && text[found + 1 - 2 * place] === 0) return found - place;
  }
  return -1;
}
