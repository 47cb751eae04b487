// Makes a journal entry of any length fit into a line, as JSON that is still whole: its long values are cut, not its end.
// journalctl prints fields in any order, so a plain cut would take the cursor along, and who wrote the entry: a long
// message would hide its author. Promises: never more than `limits.lineBytesMax`; fields behind a long value are kept;
// any bytes are taken, in any pieces; the output never gets ahead of the input, so that both may share one buffer.
import { limits } from '../../proto/delivery.ts';

/** Longer values are cut to this, ... */
const valueBytesMax = 128 * 1024;
/** ... and to this once the line holds half of what it may: journald allows 1,024 fields, and then their names fit too. */
const valueBytesLate = 256;
const lateFrom = limits.lineBytesMax / 2;
/** Room for the end of a value and of the entry. */
const outputMax = limits.lineBytesMax - 8;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opens = new Set([0x5b, 0x7b]);
const closes = new Set([0x5d, 0x7d]);

export class EntryShortener {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Where the present value of the entry began in the output. */
  #valueFrom = 0;
  /** Where the output may end within the present value: behind a whole character, or before a comma of its list. */
  #safeTo = 0;
  #isPassing = false;
  /** Bytes of an escape or a character that are still to come. */
  #unfinished = 0;
  #written: number;

  constructor(written = 0) {
    this.#written = written;
  }

  /** Bytes of output so far. */
  get written(): number {
    return this.#written;
  }

  /** Takes bytes of one entry, without the line feed, and writes what stays of them behind what was written. */
  take(from: Uint8Array, output: Uint8Array): void {
    for (let at = 0; at < from.length; at++) this.#byte(from[at] ?? 0, output);
  }

  #byte(byte: number, output: Uint8Array): void {
    const isEnd = this.#isInString ? this.#step(byte) : this.#stepOutside(byte);
    if (!this.#isPassing) this.#write(byte, output);
    else if (isEnd) this.#resume(byte, output);
  }

  /** Inside a string; answers whether a value of the entry ends here. */
  #step(byte: number): boolean {
    if (this.#unfinished > 0) this.#unfinished--;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      this.#unfinished = byte === 0x75 ? 4 : 0;
    } else if (byte === backslash) {
      this.#isEscaped = true;
      this.#unfinished = 1;
    } else if (byte === quote) {
      this.#isInString = false;
      return this.#depth === 1;
    } else if (byte >= 0xc0) this.#unfinished = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    return false;
  }

  #stepOutside(byte: number): boolean {
    if (byte === quote) this.#isInString = true;
    else if (opens.has(byte)) this.#depth++;
    else if (closes.has(byte)) {
      this.#depth--;
      return this.#depth === 1;
    }
    return false;
  }

  #write(byte: number, output: Uint8Array): void {
    // More fields than journald allows: what is behind them is lost, and the line is no JSON.
    if (this.#written >= limits.lineBytesMax) return;
    const isBetween = this.#depth <= 1 && !this.#isInString && byte !== quote;
    const isListComma = this.#depth === 2 && !this.#isInString && byte === comma;
    if (isListComma) this.#safeTo = this.#written;
    output[this.#written++] = byte;
    if (isBetween) this.#valueFrom = this.#written;
    const isOpening = this.#depth === 2 && opens.has(byte) && !this.#isInString;
    const isCharacter = this.#depth === 1 && this.#isInString && this.#unfinished === 0 && !this.#isEscaped;
    if (isOpening || isCharacter) this.#safeTo = this.#written;
    const valueMax = this.#valueFrom < lateFrom ? valueBytesMax : valueBytesLate;
    if (this.#written - this.#valueFrom >= valueMax && (this.#isInString || this.#depth > 1)) this.#pass();
    else if (this.#written >= outputMax) this.#pass();
  }

  #pass(): void {
    this.#isPassing = true;
    this.#written = Math.max(this.#valueFrom, this.#safeTo);
  }

  /** The byte that ends the value: a quote or a bracket, which its beginning still lacks. */
  #resume(byte: number, output: Uint8Array): void {
    this.#isPassing = false;
    if (this.#written < limits.lineBytesMax) output[this.#written++] = byte;
  }
}
