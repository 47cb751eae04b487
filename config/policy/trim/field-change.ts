// The operations of a trim that rewrite a value where it stands, and the texts they put in its place.
// Mask: a fixed text. Shorten: the first bytes. Pseudonymise: HMAC-SHA-256 of the value as it means (escapes undone), cut to a
// stated length: equal values have equal pseudonyms under one key, so that lines still join, and who has no key can neither
// read a value back nor test a guess. Who has the key can test guesses; a policy therefore names the key's file, never the key.
// Promises: nothing is allocated for a value that was seen lately.
import { createHmac } from 'node:crypto';

export type FieldChange =
  | { readonly is: 'mask'; readonly text: string }
  | { readonly is: 'pseudonymise'; readonly pseudonyms: Pseudonyms }
  | { readonly is: 'shorten'; readonly bytesMax: number };

const slots = 1_024;
const cachedBytesMax = 64;

/** Pseudonyms under one key. A small table by slot remembers the last values, for addresses and names come again and again. */
export class Pseudonyms {
  readonly #key: Buffer;
  readonly length: number;
  readonly #values = Buffer.alloc(slots * cachedBytesMax);
  readonly #lengths = new Uint8Array(slots);
  readonly #texts: Buffer;

  /** `length`: hexadecimal digits, 8 to 64. */
  constructor(key: Buffer, length: number) {
    this.#key = key;
    this.length = length;
    this.#texts = Buffer.alloc(slots * length);
  }

  /** The pseudonym of bytes[start, end), which is not empty; written to `out` at `at`. */
  write(bytes: Buffer, start: number, end: number, place: { readonly out: Uint8Array; readonly at: number }): void {
    const size = end - start;
    if (size > cachedBytesMax) {
      place.out.set(this.#digest(bytes, start, end), place.at);
      return;
    }
    const slot = slotOf(bytes, start, end);
    const from = slot * this.length;
    if (!this.#isCached(slot, bytes, start, size)) {
      this.#texts.set(this.#digest(bytes, start, end), from);
      bytes.copy(this.#values, slot * cachedBytesMax, start, end);
      this.#lengths[slot] = size;
    }
    for (let i = 0; i < this.length; i++) place.out[place.at + i] = this.#texts[from + i] ?? 0;
  }

  #digest(bytes: Buffer, start: number, end: number): Buffer {
    const digest = createHmac('sha256', this.#key).update(bytes.subarray(start, end)).digest('hex');
    return Buffer.from(digest.slice(0, this.length), 'latin1');
  }

  #isCached(slot: number, bytes: Buffer, start: number, size: number): boolean {
    if (this.#lengths[slot] !== size) return false;
    const from = slot * cachedBytesMax;
    for (let i = 0; i < size; i++) if (this.#values[from + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** FNV-1a: whoever makes two values meet in one slot only makes us compute again. */
function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) & (slots - 1);
}
