// Cuts and replaces parts of one line while copying it, from left to right; what is not touched keeps its bytes.
// Promises: never more than `growthBytesMax` longer than the line, and never longer than a line may be; a text for which there
// is no room left gives way to a shorter one that the caller names; nothing is allocated per line.
import { limits } from '../../../proto/delivery.ts';

/** Masks and pseudonyms may be longer than what they replace: by this much in all. */
export function growthBytesMax(lineBytes: number): number {
  return Math.max(0, Math.min(4_096 + lineBytes, limits.lineBytesMax - lineBytes));
}

const nothing = Buffer.alloc(0);

export class Splice {
  bytes: Buffer = nothing;
  end = 0;
  isChanged = false;
  #out: Buffer = nothing;
  #outAt = 0;
  /** Everything before this is written or cut. */
  #from = 0;
  #room = 0;

  #start = 0;
  #outStart = 0;

  begin(bytes: Buffer, start: number, end: number, place: { readonly out: Buffer; readonly at: number }): void {
    this.bytes = bytes;
    this.end = end;
    this.#start = start;
    this.#out = place.out;
    this.#outStart = place.at;
    this.beginAnew();
  }

  /** Forgets what was cut and replaced of this line. */
  beginAnew(): void {
    this.isChanged = false;
    this.#outAt = this.#outStart;
    this.#from = this.#start;
    this.#room = growthBytesMax(this.end - this.#start);
  }

  /** bytes[start, end) goes; nothing before `start` may be cut or replaced any more. */
  cut(start: number, end: number): void {
    this.#copyUpTo(start);
    this.#from = end;
    this.isChanged = true;
    this.#room += end - start;
  }

  /** bytes[start, end) becomes `text`, or `shortest`, which is never longer than what was there, when there is no room. */
  replace(start: number, end: number, text: Uint8Array, shortest: Uint8Array): void {
    const chosen = text.length - (end - start) > this.#room ? shortest : text;
    this.cut(start, end);
    this.#room -= chosen.length;
    for (let i = 0; i < chosen.length; i++) this.#out[this.#outAt + i] = chosen[i] ?? 0;
    this.#outAt += chosen.length;
  }

  /** Copies the rest; returns the index behind what was written. */
  finish(): number {
    this.#copyUpTo(this.end);
    return this.#outAt;
  }

  #copyUpTo(end: number): void {
    const { bytes } = this;
    const out = this.#out;
    const from = this.#from;
    const length = end - from;
    if (length <= 0) return;
    let to = this.#outAt;
    // A native copy costs about as much as moving 40 bytes here.
    if (length < 40) for (let i = from; i < end; i++) out[to++] = bytes[i] ?? 0;
    else bytes.copy(out, to, from, end);
    this.#outAt += length;
  }
}
