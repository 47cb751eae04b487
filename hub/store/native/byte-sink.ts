// A growing byte buffer that is filled, written out and filled again: the floor under every column.
// Promises: nothing is allocated per value once it has grown to the size of a chunk. Text is UTF-8; half a surrogate pair
// becomes U+FFFD, as everywhere else in Node.
// Would break it: keeping a piece of `bytes` after the next write (it may have been replaced by a larger buffer).

/** Up to this many characters always fit one length byte (3 bytes a character). */
export const oneByteCharsMax = 42;
/** Up to this many fit a length of two bytes; beyond it four are used. ClickHouse reads padded lengths. */
const twoByteCharsMax = 5_461;
/** Below this a loop over ASCII beats the call into native code. */
const loopCharsMax = 16;

export class ByteSink {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  zeros(count: number): void {
    if (count <= 0) return;
    this.reserve(count);
    this.bytes.fill(0, this.length, this.length + count);
    this.length += count;
  }

  /** Length and UTF-8 bytes, as ClickHouse's String. */
  text(value: string): void {
    const chars = value.length;
    this.reserve(chars * 3 + 4);
    if (chars <= oneByteCharsMax) this.#short(value, chars);
    else if (chars <= twoByteCharsMax) this.#long(value, 2);
    else this.#long(value, 4);
  }

  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  /** A safe non-negative integer as UInt64. */
  u64(value: number): void {
    this.reserve(8);
    this.bytes.writeUInt32LE(value % 2 ** 32, this.length);
    this.bytes.writeUInt32LE(Math.floor(value / 2 ** 32), this.length + 4);
    this.length += 8;
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Empties it. A buffer that one huge line blew up is let go. */
  reset(keepBytesMax: number): void {
    this.length = 0;
    if (this.bytes.length > keepBytesMax) this.bytes = Buffer.allocUnsafeSlow(keepBytesMax);
  }

  #short(value: string, chars: number): void {
    const bytes = this.bytes;
    const start = this.length + 1;
    let at = 0;
    if (chars <= loopCharsMax) {
      for (; at < chars; at++) {
        const code = value.charCodeAt(at);
        if (code > 0x7f) break;
        bytes[start + at] = code;
      }
    }
    const count = at === chars ? chars : bytes.write(value, start, 'utf8');
    bytes[this.length] = count;
    this.length = start + count;
  }

  #long(value: string, lengthBytes: 2 | 4): void {
    const bytes = this.bytes;
    const at = this.length;
    const count = bytes.write(value, at + lengthBytes, 'utf8');
    bytes[at] = (count & 0x7f) | 0x80;
    if (lengthBytes === 2) bytes[at + 1] = count >>> 7;
    else {
      bytes[at + 1] = ((count >>> 7) & 0x7f) | 0x80;
      bytes[at + 2] = ((count >>> 14) & 0x7f) | 0x80;
      bytes[at + 3] = count >>> 21;
    }
    this.length = at + lengthBytes + count;
  }
}
