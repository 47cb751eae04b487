// Reads protobuf out of bytes that an attacker may have written.
// Promises: never throws, never reads outside the bytes, allocates no more than the caller's limits allow; the first
// thing that is wrong is kept as `problem` and everything after it reads as the end of the message.
// Slices are views into the bytes given. Unknown fields are skipped, so that a later version may add some.
import { refused, type Refused, type RefusedReason } from './refusals.ts';

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class WireReader {
  readonly bytes: Buffer;
  #at: number;
  #end: number;
  #problem: Refused | undefined = undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    this.#end = this.bytes.length;
  }

  get problem(): Refused | undefined {
    return this.#problem;
  }

  /** The next field's number and wire type as they stand on the wire; 0 at the end of the message or after a problem. */
  tag(): number {
    if (this.#problem !== undefined || this.#at >= this.#end) return 0;
    const tag = this.uint(0xffff_ffff, 'tag');
    if (this.#problem === undefined && tag < 8) this.fail('wrong-type', 'field number 0');
    return this.#problem === undefined ? tag : 0;
  }

  uint(max: number, name: string): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (this.#at >= this.#end) return this.fail('truncated', `${name} ends in the middle of a number`);
      const byte = this.bytes[this.#at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > max) return this.fail('limit', `${name} is above ${max}`);
        return value;
      }
      scale *= 128;
    }
    return this.fail('limit', `${name} is a number of more than ten bytes`);
  }

  flag(name: string): boolean {
    return this.uint(Number.MAX_SAFE_INTEGER, name) !== 0;
  }

  slice(bytesMax: number, name: string): Buffer {
    const length = this.#length(bytesMax, name);
    const start = this.#at;
    this.#at += length;
    return this.bytes.subarray(start, start + length);
  }

  text(bytesMax: number, name: string): string {
    const length = this.#length(bytesMax, name);
    const start = this.#at;
    this.#at += length;
    return length === 0 ? '' : this.bytes.toString('utf8', start, start + length);
  }

  get at(): number {
    return this.#at;
  }

  hasMore(): boolean {
    return this.#problem === undefined && this.#at < this.#end;
  }

  /** Passes over a length-delimited field and says how long it was: for places instead of views. */
  skipBytes(name: string): number {
    const length = this.#length(this.bytes.length, name);
    this.#at += length;
    return length;
  }

  /** Calls `read` with the reader narrowed to a nested message. */
  message(name: string, read: () => void): void {
    const length = this.#length(this.bytes.length, name);
    const outerEnd = this.#end;
    const end = this.#at + length;
    this.#end = end;
    read();
    this.#end = outerEnd;
    this.#at = end;
  }

  /** For the default branch of a message: fields above `highest` are from a later version, others have the wrong type. */
  skip(tag: number, highest: number, name: string): void {
    const field = tag >>> 3;
    if (field <= highest) {
      this.fail('wrong-type', `${name} field ${field} has wire type ${tag & 7}`);
      return;
    }
    const type = tag & 7;
    if (type === wire.varint) this.uint(Number.POSITIVE_INFINITY, name);
    else if (type === wire.bytes) this.slice(this.bytes.length, name);
    else if (type === wire.fixed64) this.#advance(8, name);
    else if (type === wire.fixed32) this.#advance(4, name);
    else this.fail('wrong-type', `${name} field ${field} has wire type ${type}`);
  }

  /** Keeps the first problem; always 0, so that a caller can return it as the value it did not get. */
  fail(reason: RefusedReason, detail: string): 0 {
    this.#problem ??= refused(reason, detail);
    return 0;
  }

  #length(bytesMax: number, name: string): number {
    const length = this.uint(Number.MAX_SAFE_INTEGER, name);
    if (this.#problem !== undefined) return 0;
    if (length > this.#end - this.#at) return this.fail('truncated', `${name} says ${length} bytes, ${this.#end - this.#at} are left`);
    if (length > bytesMax) return this.fail('limit', `${name} has ${length} bytes, the limit is ${bytesMax}`);
    return length;
  }

  #advance(count: number, name: string): void {
    if (count > this.#end - this.#at) this.fail('truncated', `${name} ends inside a field`);
    else this.#at += count;
  }
}
