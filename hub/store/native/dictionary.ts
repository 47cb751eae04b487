// The dictionary of a LowCardinality column, made per chunk; key 0 is the default, the empty string.
// Promises: the same value gives the same index within a chunk; keys come in the order in which they were first seen. Short
// ASCII values, nearly all there are, are looked up among the key bytes themselves: nothing is allocated for them and no
// string is kept, so the collector has nothing to copy (half the cost of a Map, which also keeps each value's whole line
// alive). Others go through a Map. Values are strangers': whoever makes them collide is sent to the Map too, by `probesMax`.
import { ByteSink, oneByteCharsMax } from './byte-sink.ts';

const keepBytesMax = 4 * 1024 * 1024;
const probesMax = 16;
const tableSizeMin = 256;
/** Beyond this a table is made smaller again for the next chunk. */
const tableSizeKept = 32_768;

export class Dictionary {
  readonly #sink = new ByteSink(4_096);
  readonly #head = Buffer.alloc(16);
  readonly #others = new Map<string, number>();
  #count = 1;
  /** Open addressing; 0 is free, else the key's index. Its length is a power of two. */
  #table = new Int32Array(tableSizeMin);
  /** By index: the key's hash and where its length byte lies. */
  #hashes = new Int32Array(tableSizeMin);
  #places = new Int32Array(tableSizeMin);
  // Neighbours repeat (agent, dataset, host): one comparison of pointers then saves the look-up.
  #last = '';
  #lastIndex = 0;

  constructor() {
    this.#sink.text('');
  }

  get count(): number {
    return this.#count;
  }

  indexOf(value: string): number {
    if (value === this.#last) return this.#lastIndex;
    const index = value === '' ? 0 : this.#find(value);
    this.#last = value;
    this.#lastIndex = index;
    return index;
  }

  /** Index type (0 = UInt8, 1 = UInt16, 2 = UInt32), flag "additional keys", then the keys. */
  pieces(indexType: 0 | 1 | 2, into: Buffer[]): void {
    this.#head.fill(0);
    this.#head[0] = indexType;
    this.#head[1] = 2;
    this.#head.writeUInt32LE(this.#count, 8);
    into.push(this.#head, this.#sink.written());
  }

  reset(): void {
    if (this.#count === 1) return;
    this.#others.clear();
    if (this.#table.length > tableSizeKept) this.#table = new Int32Array(tableSizeMin);
    else this.#table.fill(0);
    this.#sink.reset(keepBytesMax);
    this.#sink.text('');
    this.#count = 1;
    this.#last = '';
    this.#lastIndex = 0;
  }

  /** Writes the value behind the last key while it hashes it; the bytes count only when the value is new. */
  #find(value: string): number {
    const chars = value.length;
    if (chars > oneByteCharsMax) return this.#findOther(value);
    const sink = this.#sink;
    sink.reserve(chars + 1);
    const bytes = sink.bytes;
    const place = sink.length;
    let hash = chars;
    for (let at = 0; at < chars; at++) {
      const code = value.charCodeAt(at);
      if (code > 0x7f) return this.#findOther(value);
      bytes[place + 1 + at] = code;
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    bytes[place] = chars;
    hash ^= hash >>> 15;
    const table = this.#table;
    const mask = table.length - 1;
    for (let probe = 0, at = hash & mask; probe < probesMax; probe++, at = (at + 1) & mask) {
      const index = table[at] ?? 0;
      if (index === 0) return this.#others.get(value) ?? this.#add(place + chars + 1, at, hash);
      if (this.#hashes[index] === hash && isSame(bytes, this.#places[index] ?? 0, place)) return index;
    }
    return this.#findOther(value);
  }

  #add(end: number, at: number, hash: number): number {
    const index = this.#count++;
    if (index >= this.#hashes.length) this.#widen();
    this.#hashes[index] = hash;
    this.#places[index] = this.#sink.length;
    this.#sink.length = end;
    this.#table[at] = index;
    if (this.#count * 2 > this.#table.length) this.#resize(this.#table.length * 4);
    return index;
  }

  #findOther(value: string): number {
    const known = this.#others.get(value);
    if (known !== undefined) return known;
    const index = this.#count++;
    if (index >= this.#hashes.length) this.#widen();
    // No place: it is not in the table.
    this.#places[index] = -1;
    this.#others.set(value, index);
    this.#sink.text(value);
    return index;
  }

  #widen(): void {
    this.#hashes = widened(this.#hashes);
    this.#places = widened(this.#places);
  }

  #resize(size: number): void {
    const table = new Int32Array(size);
    const mask = size - 1;
    for (let index = 1; index < this.#count; index++) {
      const place = this.#places[index] ?? -1;
      if (place < 0) continue;
      let at = (this.#hashes[index] ?? 0) & mask;
      for (let probe = 1; probe < probesMax && table[at] !== 0; probe++) at = (at + 1) & mask;
      if (table[at] === 0) table[at] = index;
      else this.#others.set(this.#keyAt(place), index);
    }
    this.#table = table;
  }

  #keyAt(place: number): string {
    const { bytes } = this.#sink;
    return bytes.toString('latin1', place + 1, place + 1 + (bytes[place] ?? 0));
  }
}

/** Two keys with their length bytes. */
function isSame(bytes: Buffer, one: number, other: number): boolean {
  const length = bytes[one] ?? 0;
  for (let at = 0; at <= length; at++) if (bytes[one + at] !== bytes[other + at]) return false;
  return true;
}

function widened(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}
