// Some lines of a block as a block of their own, without a copy: arrays that are used again.
import type { LineBlock, StreamInfo } from '../ports.ts';

const startLines = 1_024;
const nothing: LineBlock = {
  stream: { sourceId: '', streamId: '', file: undefined, path: '', typeHint: '', timeZone: '', labels: {} },
  readAtMs: 0,
  bytes: Buffer.alloc(0),
  count: 0,
  starts: new Uint32Array(0),
  ends: new Uint32Array(0),
  baseOffset: 0,
  sourceStarts: new Uint32Array(0),
  cut: [],
  endOffset: 0,
  endLineNumber: 0,
  tailHash: new Uint8Array(0),
  tailBytes: 0,
  cursor: '',
  bytesRead: 0,
};

export class BlockPart {
  #whole = nothing;
  #starts = new Uint32Array(startLines);
  #ends = new Uint32Array(startLines);
  #sourceStarts = new Uint32Array(startLines);
  /** Places in the whole block. */
  #lines = new Uint32Array(startLines);
  #count = 0;

  begin(whole: LineBlock): void {
    this.#whole = whole;
    this.#count = 0;
    if (whole.count <= this.#starts.length) return;
    const length = Math.max(whole.count, this.#starts.length * 2);
    this.#starts = new Uint32Array(length);
    this.#ends = new Uint32Array(length);
    this.#sourceStarts = new Uint32Array(length);
    this.#lines = new Uint32Array(length);
  }

  take(line: number): void {
    const { starts, ends, sourceStarts } = this.#whole;
    const at = this.#count++;
    this.#starts[at] = starts[line] ?? 0;
    this.#ends[at] = ends[line] ?? 0;
    this.#sourceStarts[at] = sourceStarts[line] ?? 0;
    this.#lines[at] = line;
  }

  /** Read bytes and numbers are those of its own lines; it ends where the whole block ends. */
  block(stream: StreamInfo): LineBlock {
    const whole = this.#whole;
    const [count, lines] = [this.#count, this.#lines];
    const isAll = count === whole.count;
    const cut = isAll || whole.cut.length === 0 ? whole.cut : this.#cutOf(whole.cut);
    const part = {
      lineNumberBefore: (line: number): number => whole.endLineNumber - (whole.count - (lines[line] ?? 0)),
      bytesBetween: (from: number, to: number): number => this.#bytesBetween(from, to),
    };
    return {
      ...whole,
      stream,
      count,
      starts: this.#starts,
      ends: this.#ends,
      sourceStarts: this.#sourceStarts,
      cut,
      bytesRead: this.#bytesBetween(0, count),
      ...(isAll ? { bytesRead: whole.bytesRead } : { part }),
    };
  }

  #cutOf(cut: readonly number[]): number[] {
    const own: number[] = [];
    for (let at = 0; at < this.#count; at++) if (cut.includes(this.#lines[at] ?? 0)) own.push(at);
    return own;
  }

  /** A line takes what stands from its beginning to the next one's; the block's first and last take the rest. */
  #bytesBetween(from: number, to: number): number {
    const { sourceStarts, count, bytesRead } = this.#whole;
    let bytes = 0;
    for (let at = from; at < to; at++) {
      const line = this.#lines[at] ?? 0;
      const end = line + 1 < count ? (sourceStarts[line + 1] ?? 0) : bytesRead;
      bytes += end - (line === 0 ? 0 : (sourceStarts[line] ?? 0));
    }
    return bytes;
  }
}
