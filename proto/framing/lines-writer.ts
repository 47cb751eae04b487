// Gathers lines in columns as the Lines message of a batch, in one reusable buffer.
// Promises: each line's bytes are copied once; nothing is allocated per line; order is kept; never more than the limits of
// delivery.ts (ask hasRoom first: a line without room is our mistake). Protobufjs decodes bytes() to the same message.
// bytes() is a view that the next reset() overwrites.
import { limits } from '../delivery.ts';
import { assert } from '../runtime/errors.ts';
import { giveBack } from '../runtime/give-back.ts';
import { varintBytes, writeVarint } from './wire-writer.ts';

/** Tag and length of the run, stream, time, offset, and tag and length of text: what a run costs before its lines. */
const runHeaderBytes = 1 + 4 + 1 + 3 + 1 + 8 + 1 + 8 + 1 + 4;
/** Tags and lengths of the three packed lists. */
const runTrailerBytes = 3 * (1 + 4);
/** Length, offset step and mark of a cut line at their longest. */
const lineBytes = 4 + 5 + 3;
const startBytes = 256 * 1024;

export class LinesWriter {
  #bytes: Buffer = Buffer.allocUnsafe(startBytes);
  #at = 0;
  #lineCount = 0;
  #runStart = -1;
  #textLengthAt = 0;
  #textStart = 0;
  #runLines = 0;
  #lastOffset = 0;
  #lengths = new Uint32Array(1_024);
  #steps = new Uint32Array(1_024);
  readonly #cut: number[] = [];
  #stream = 0;
  #readAtMs = 0;

  /** Lines since reset(). */
  get lineCount(): number {
    return this.#lineCount;
  }

  /** What bytes() would have at most: the open run's lists are counted at their longest. */
  get byteLength(): number {
    return this.#at + (this.#runStart < 0 ? 0 : runTrailerBytes + this.#runLines * lineBytes);
  }

  /** Whether a line of this length fits the limits of a batch, even when it must begin a run. */
  hasRoom(length: number): boolean {
    const needed = this.byteLength + length + lineBytes + runHeaderBytes + runTrailerBytes;
    return this.#lineCount < limits.batchLinesMax && needed <= limits.batchRawBytesMax;
  }

  /** Lines of `stream` (its index in BatchBody.streams) read at this time follow. An equal open run goes on. */
  beginRun(stream: number, readAtMs: number): void {
    if (this.#runStart >= 0 && this.#stream === stream && this.#readAtMs === readAtMs) return;
    this.#endRun();
    this.#stream = stream;
    this.#readAtMs = readAtMs;
  }

  /** One line, bytes[start, end) without its line end, that began at `sourceOffset`. */
  line(bytes: Buffer, start: number, end: number, sourceOffset: number): void {
    const length = end - start;
    if (this.#runStart >= 0 && !this.#isStep(sourceOffset - this.#lastOffset)) this.#endRun();
    if (this.#runStart < 0) this.#openRun(sourceOffset);
    if (this.#runLines === this.#lengths.length) this.#growLists();
    this.#reserve(length);
    bytes.copy(this.#bytes, this.#at, start, end);
    this.#at += length;
    this.#lengths[this.#runLines] = length;
    this.#steps[this.#runLines] = sourceOffset - this.#lastOffset;
    this.#lastOffset = sourceOffset;
    this.#runLines++;
    this.#lineCount++;
  }

  /** The line just written was cut at the line limit. */
  markCut(): void {
    assert(this.#runLines > 0, 'there is no line to mark as cut');
    this.#cut.push(this.#runLines - 1);
  }

  /** The encoded Lines, good until the next reset(). */
  bytes(): Buffer {
    this.#endRun();
    assert(this.#at <= limits.batchRawBytesMax, `lines of ${this.#at} bytes are above the limit of a batch`);
    return this.#bytes.subarray(0, this.#at);
  }

  reset(): void {
    this.#at = 0;
    this.#lineCount = 0;
    this.#runStart = -1;
    this.#runLines = 0;
    this.#cut.length = 0;
  }

  /** A jump back (a rewritten file) or of 4 GiB cannot be said as a step and begins a new run. */
  #isStep(step: number): boolean {
    return step >= 0 && step <= 0xffff_ffff;
  }

  #openRun(firstOffset: number): void {
    this.#reserve(runHeaderBytes);
    this.#runStart = this.#at;
    this.#bytes[this.#at] = 0x0a;
    // Four bytes are kept for each of the two lengths that are known only at the end; padded varints are valid.
    this.#at += 5;
    this.#number(0x08, this.#stream);
    this.#number(0x10, this.#readAtMs);
    this.#number(0x18, firstOffset);
    this.#bytes[this.#at] = 0x22;
    this.#textLengthAt = this.#at + 1;
    this.#at += 5;
    this.#textStart = this.#at;
    this.#lastOffset = firstOffset;
    this.#runLines = 0;
    this.#cut.length = 0;
  }

  #endRun(): void {
    if (this.#runStart < 0) return;
    writePaddedVarint(this.#bytes, this.#textLengthAt, this.#at - this.#textStart);
    this.#reserve(runTrailerBytes + this.#runLines * lineBytes);
    this.#list(0x2a, this.#lengths, this.#runLines);
    this.#list(0x32, this.#steps, this.#runLines);
    if (this.#cut.length > 0) this.#list(0x3a, this.#cut, this.#cut.length);
    writePaddedVarint(this.#bytes, this.#runStart + 1, this.#at - this.#runStart - 5);
    this.#runStart = -1;
    this.#runLines = 0;
  }

  #number(tag: number, value: number): void {
    if (value === 0) return;
    assert(Number.isSafeInteger(value) && value > 0, `${value} cannot go on the wire`);
    this.#bytes[this.#at++] = tag;
    this.#at = writeVarint(this.#bytes, this.#at, value);
  }

  #list(tag: number, values: Uint32Array | readonly number[], count: number): void {
    let size = 0;
    for (let i = 0; i < count; i++) size += varintBytes(values[i] ?? 0);
    this.#bytes[this.#at++] = tag;
    let at = writeVarint(this.#bytes, this.#at, size);
    for (let i = 0; i < count; i++) at = writeVarint(this.#bytes, at, values[i] ?? 0);
    this.#at = at;
  }

  #growLists(): void {
    const lengths = new Uint32Array(this.#lengths.length * 2);
    const steps = new Uint32Array(lengths.length);
    lengths.set(this.#lengths);
    steps.set(this.#steps);
    this.#lengths = lengths;
    this.#steps = steps;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + count));
    this.#bytes.copy(grown, 0, 0, this.#at);
    giveBack(this.#bytes);
    this.#bytes = grown;
  }
}

function writePaddedVarint(target: Uint8Array, at: number, value: number): void {
  target[at] = (value & 127) | 128;
  target[at + 1] = ((value >>> 7) & 127) | 128;
  target[at + 2] = ((value >>> 14) & 127) | 128;
  target[at + 3] = (value >>> 21) & 127;
}
