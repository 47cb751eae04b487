// Messages out of a byte stream: syslog over TCP and TLS as RFC 6587 and 5425 have it, recognised message by message, and
// plain lines.
// `LENGTH SP <` begins a message of so many bytes (octet counting); anything else is a line up to the next LF. Only a length
// of 1 to 7 digits without a leading zero counts as one, so that a line which begins with a date stays a line and a wrong
// length swallows at most 10 MB of its own connection.
// Promises: however the stream is cut into chunks, the same messages come out, in order; nothing a peer sends stops it or
// makes it hold more than one message at the limit. Longer messages are handed out cut and marked, their rest is passed over.
// CR and NUL at a message's end belong to the line end; empty messages are none. Other bytes are left as they came.
import { unreachable } from '../runtime/errors.ts';

/** A message is bytes[start, end), good until the call returns. */
export type MessageSink = (bytes: Buffer, start: number, end: number, isCut: boolean) => void;

export interface SyslogFramingOptions {
  /** At least 8: what may be a length is held as the beginning of a message. */
  readonly messageBytesMax: number;
  /** False: lines only, whatever they begin with. */
  readonly octetCounting: boolean;
}

type State =
  /** Between messages, or within what may be a length. */
  | 'start'
  /** Within a line. */
  | 'line'
  /** Within a message of known length. */
  | 'counted'
  /** Behind the limit of a line. */
  | 'rest-of-line'
  | 'rest-of-counted';

const lengthDigitsMax = 7;
const heldBytesMin = 1_024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const lessThan = 0x3c;
const zero = 0x30;
const one = 0x31;
const nine = 0x39;

export class SyslogFraming {
  readonly #max: number;
  readonly #octetCounting: boolean;
  readonly #sink: MessageSink;
  #state: State = 'start';
  /** The beginning of a message that did not come whole in one chunk. */
  #held = Buffer.alloc(0);
  #heldLength = 0;
  /** Bytes of the counted message that are still to come. */
  #left = 0;

  constructor({ messageBytesMax, octetCounting }: SyslogFramingOptions, sink: MessageSink) {
    this.#max = messageBytesMax;
    this.#octetCounting = octetCounting;
    this.#sink = sink;
  }

  /** Whether a message has begun and is not at its end. */
  get isWithin(): boolean {
    return this.#state !== 'start' || this.#heldLength > 0;
  }

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) at = this.#step(chunk, at);
  }

  /** The stream is over: a last line without its end is whole when the peer closed in order; what else is held is cut. */
  end(isOrderly: boolean): void {
    const isLine = this.#state === 'line' || this.#state === 'start';
    if (this.#heldLength > 0) this.#emit(this.#held, 0, this.#heldLength, !(isLine && isOrderly));
    this.#begin();
  }

  /** The beginning of an unfinished message, to be taken again elsewhere; the stream is as at its start. */
  takeBack(): Buffer {
    const begun = Buffer.from(this.#held.subarray(0, this.#heldLength));
    this.#begin();
    return begun;
  }

  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'start':
        return this.#start(chunk, at);
      case 'line':
        return this.#line(chunk, at);
      case 'counted':
        return this.#counted(chunk, at);
      case 'rest-of-line': {
        const end = chunk.indexOf(lineFeed, at);
        if (end < 0) return chunk.length;
        this.#begin();
        return end + 1;
      }
      case 'rest-of-counted': {
        const passed = Math.min(this.#left, chunk.length - at);
        this.#left -= passed;
        if (this.#left === 0) this.#begin();
        return at + passed;
      }
      default:
        return unreachable(this.#state);
    }
  }

  /** Decides byte by byte, and takes no byte that may belong to a line already. */
  #start(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    if (this.#heldLength === 0 && isLineEnd(byte)) return at + 1;
    const isFirst = this.#heldLength === 0;
    const isBehindDigits = !isFirst && this.#held[this.#heldLength - 1] === space;
    if (isBehindDigits && byte === lessThan) {
      this.#left = Number(this.#held.toString('latin1', 0, this.#heldLength - 1));
      this.#heldLength = 0;
      this.#state = 'counted';
      return at;
    }
    const isDigit = byte >= (isFirst ? one : zero) && byte <= nine && this.#heldLength < lengthDigitsMax;
    if (this.#octetCounting && !isBehindDigits && (isDigit || (byte === space && !isFirst))) {
      this.#hold(chunk, at, at + 1);
      return at + 1;
    }
    this.#state = 'line';
    return at;
  }

  #line(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(lineFeed, at);
    const end = feed < 0 ? chunk.length : feed;
    const room = this.#max - this.#heldLength;
    if (end - at > room) {
      this.#whole(chunk, at, at + room, true);
      this.#state = 'rest-of-line';
      return at + room;
    }
    if (feed < 0) {
      this.#hold(chunk, at, end);
      return end;
    }
    this.#whole(chunk, at, end, false);
    return feed + 1;
  }

  #counted(chunk: Buffer, at: number): number {
    const isTooLong = this.#heldLength + this.#left > this.#max;
    const wanted = isTooLong ? this.#max - this.#heldLength : this.#left;
    const taken = Math.min(wanted, chunk.length - at);
    this.#left -= taken;
    if (taken < wanted) this.#hold(chunk, at, at + taken);
    else {
      const left = this.#left;
      this.#whole(chunk, at, at + taken, isTooLong);
      this.#left = left;
      if (isTooLong) this.#state = 'rest-of-counted';
    }
    return at + taken;
  }

  /** The message ends here: what is held and chunk[from, to). */
  #whole(chunk: Buffer, from: number, to: number, isCut: boolean): void {
    if (this.#heldLength === 0) this.#emit(chunk, from, to, isCut);
    else {
      this.#hold(chunk, from, to);
      this.#emit(this.#held, 0, this.#heldLength, isCut);
    }
    this.#begin();
  }

  #emit(bytes: Buffer, start: number, end: number, isCut: boolean): void {
    let last = end;
    if (!isCut) while (last > start && isLineEnd(bytes[last - 1] ?? 0)) last--;
    if (last > start) this.#sink(bytes, start, last, isCut);
  }

  #begin(): void {
    this.#state = 'start';
    this.#heldLength = 0;
    this.#left = 0;
    // A long message is rare: its memory is not kept for the life of a connection.
    if (this.#held.length > 8 * heldBytesMin) this.#held = Buffer.alloc(0);
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    const length = this.#heldLength + to - from;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(heldBytesMin, length, Math.min(this.#held.length * 2, this.#max)));
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#heldLength, from, to);
    this.#heldLength = length;
  }
}

function isLineEnd(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn || byte === 0;
}
