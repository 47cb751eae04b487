// Writes protobuf into one growable buffer that is reused from message to message.
// Promises: what finish() returns is its own copy; proto3 rules (zero values are left out); canonical lengths.
// Does not check limits of the protocol: whoever writes knows them. A number that is no safe integer is our mistake and
// stops the process.
import { assert } from '../runtime/errors.ts';

const smallest = 1_024;
const keptMax = 2 * 1024 * 1024;

export class WireWriter {
  #bytes: Buffer = Buffer.allocUnsafe(smallest);
  #at = 0;

  /** Bytes written since the last finish(). */
  get length(): number {
    return this.#at;
  }

  /** Field numbers up to 15 only, so that every tag is one byte. */
  uint(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(11);
    this.#bytes[this.#at++] = field << 3;
    this.#varint(value);
  }

  flag(field: number, value: boolean): void {
    if (value) this.uint(field, 1);
  }

  text(field: number, value: string): void {
    if (value.length > 0) this.bytes(field, Buffer.from(value, 'utf8'));
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.element(field, value);
  }

  /** A member of a repeated field, which is written even when empty. */
  element(field: number, value: Uint8Array): void {
    this.#reserve(11 + value.length);
    this.#bytes[this.#at++] = (field << 3) | 2;
    this.#varint(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** A nested message, written even when empty: presence says something. */
  message(field: number, write: () => void): void {
    this.#reserve(2);
    this.#bytes[this.#at++] = (field << 3) | 2;
    const lengthAt = this.#at++;
    write();
    const length = this.#at - lengthAt - 1;
    // One byte was kept for the length; longer messages are moved on, which is cheaper than measuring all of them first.
    const extra = varintBytes(length) - 1;
    this.#reserve(extra + 1);
    if (extra > 0) this.#bytes.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.#at);
    this.#at = lengthAt;
    this.#varint(length);
    this.#at += length;
  }

  finish(): Buffer {
    const whole = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    // A Welcome with every position is rare; its room is not kept.
    if (this.#bytes.length > keptMax) this.#bytes = Buffer.allocUnsafe(smallest);
    return whole;
  }

  #varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `${value} cannot go on the wire`);
    this.#at = writeVarint(this.#bytes, this.#at, value);
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + count));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

/** Writes a non-negative safe integer and returns where the next byte goes. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest > 0x7fff_ffff) {
    target[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    target[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[at] = rest;
  return at + 1;
}

export function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) count++;
  return count;
}
