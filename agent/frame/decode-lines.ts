// Lines of other encodings as UTF-8.
// Promises: never throws, whatever the bytes: half a surrogate pair becomes U+FFFD and an odd last byte is left out; UTF-8
// is passed on as the bytes it is, valid or not; what grew beyond the line limit is cut between characters and marked; a
// byte order mark at the start of the file is left out. Nothing is copied where the bytes are ASCII.
import { isAscii } from 'node:buffer';
import type { Encoding } from '../../config/policy/sources/file-source.ts';
import { limits } from '../../proto/delivery.ts';
import type { FoundLines, LineFeed } from '../ports.ts';

const byteOrderMark = '\ufeff';

export class LineDecoder {
  readonly #encoding: Encoding;
  #out = Buffer.alloc(0);
  #starts = new Uint32Array(0);
  #ends = new Uint32Array(0);

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  get isUtf8(): boolean {
    return this.#encoding === 'utf-8';
  }

  /** Bytes of a source that hold at least `count` bytes of UTF-8. */
  sourceBytesFor(count: number): number {
    return this.#encoding === 'utf-8' || this.#encoding === 'latin-1' ? count : count * 2;
  }

  text(bytes: Buffer, { start, end, lineFeed }: { readonly start: number; readonly end: number; readonly lineFeed: LineFeed }): string {
    if (lineFeed === 'byte') return bytes.toString(this.isUtf8 ? 'utf8' : 'latin1', start, end);
    if (lineFeed === 'utf-16le') return bytes.toString('utf16le', start, end);
    const whole = Buffer.from(bytes.subarray(start, end - ((end - start) % 2)));
    return whole.swap16().toString('utf16le');
  }

  /** The memory of what it gives is used again by the next call. */
  decode(lines: FoundLines, { lineFeed, isFileStart }: { readonly lineFeed: LineFeed; readonly isFileStart: boolean }): FoundLines {
    const { bytes, starts, ends, count } = lines;
    const [from, to] = [starts[0] ?? 0, ends[count - 1] ?? 0];
    if (this.isUtf8 || count === 0 || (lineFeed === 'byte' && isAscii(bytes.subarray(from, to)))) return lines;
    this.#makeRoom(to - from, count);
    const cut = new Set(lines.cut);
    let at = 0;
    for (let line = 0; line < count; line++) {
      const text = this.text(bytes, { start: starts[line] ?? 0, end: ends[line] ?? 0, lineFeed });
      const written = this.#out.write(line === 0 && isFileStart && text.startsWith(byteOrderMark) ? text.slice(1) : text, at, 'utf8');
      const end = cutBetweenCharacters(this.#out, at, at + written);
      if (end < at + written) cut.add(line);
      this.#starts[line] = at;
      this.#ends[line] = end;
      at = end;
    }
    return { ...lines, bytes: this.#out, starts: this.#starts, ends: this.#ends, sourceStarts: lines.sourceStarts, count, cut: [...cut] };
  }

  #makeRoom(byteLength: number, count: number): void {
    // Latin-1 doubles at worst, UTF-16 takes half as much again (U+FFFD for half a pair is three bytes too).
    if (this.#out.length < byteLength * 2) this.#out = Buffer.allocUnsafe(byteLength * 2);
    if (this.#starts.length >= count) return;
    this.#starts = new Uint32Array(count * 2);
    this.#ends = new Uint32Array(count * 2);
  }
}

function cutBetweenCharacters(bytes: Buffer, start: number, end: number): number {
  if (end - start <= limits.lineBytesMax) return end;
  let at = start + limits.lineBytesMax;
  while (((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
