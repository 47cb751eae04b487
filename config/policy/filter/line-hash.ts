// HalfSipHash-2-4 over parts of a line, 64 bits: a keyed hash made for 32-bit arithmetic, so that nothing is allocated.
// Parts are fed with their length before them: no two lists of parts run into one. With a key that is random and kept in
// memory nobody can make two lines meet, and so hide one behind another.
// Reference: J.-P. Aumasson, D. J. Bernstein, SipHash (public domain), halfsiphash.c.

export class LineHash {
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;
  /** The hash, once finish() was called; unsigned. */
  low = 0;
  high = 0;

  /** `key`: 8 bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 8);
    this.#key0 = view.getUint32(0, true);
    this.#key1 = view.getUint32(4, true);
  }

  begin(): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
  }

  /** One part, its length before it. */
  add(bytes: Uint8Array, start: number, end: number): void {
    this.#word(end - start);
    this.addBare(bytes, start, end);
  }

  /** The only part of a message, as the reference hashes it. */
  addBare(bytes: Uint8Array, start: number, end: number): void {
    let i = start;
    for (; i + 4 <= end; i += 4)
      this.#word((bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24));
    let rest = ((end - start) & 0xff) << 24;
    for (let shift = 0; i < end; i++, shift += 8) rest |= (bytes[i] ?? 0) << shift;
    this.#word(rest);
  }

  finish(): void {
    this.#v2 ^= 0xee;
    this.#rounds(4);
    this.low = (this.#v1 ^ this.#v3) >>> 0;
    this.#v1 ^= 0xdd;
    this.#rounds(4);
    this.high = (this.#v1 ^ this.#v3) >>> 0;
  }

  #word(word: number): void {
    this.#v3 ^= word;
    this.#rounds(2);
    this.#v0 ^= word;
  }

  #rounds(count: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}
