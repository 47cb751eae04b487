// Column buffers in ClickHouse's Native format, one class a shape. Each holds one chunk of rows and hands out the pieces
// to write, then starts again.
// Promises: a row that sets nothing costs nothing; values land in the row they were set for, gaps are the type's default.
// Does not check types: the writer (block-writer.ts) decides which column takes a value.
// Would break it: rows set out of order, or more rows in a chunk than `rowsMax`.
import { ByteSink } from './byte-sink.ts';
import { Dictionary } from './dictionary.ts';

export const rowsMax = 8_192;
const keepBytesMax = 4 * 1024 * 1024;

export interface ColumnBuffer {
  /** False when every row of the chunk has the default: the column is then left out of the chunk. */
  readonly isUsed: boolean;
  pieces(rows: number, into: Buffer[]): void;
  reset(rows: number): void;
}

const dictionaryVersion = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

export class LowColumn implements ColumnBuffer {
  readonly #dictionary = new Dictionary();
  readonly #index = new Uint16Array(rowsMax);
  readonly #narrow = new Uint8Array(rowsMax);
  readonly #rowCount = Buffer.alloc(8);

  get isUsed(): boolean {
    return this.#dictionary.count > 1;
  }

  set(row: number, value: string): void {
    this.#index[row] = this.#dictionary.indexOf(value);
  }

  pieces(rows: number, into: Buffer[]): void {
    const isNarrow = this.#dictionary.count <= 256;
    into.push(dictionaryVersion);
    this.#dictionary.pieces(isNarrow ? 0 : 1, into);
    this.#rowCount.writeUInt32LE(rows, 0);
    into.push(this.#rowCount);
    if (isNarrow) this.#narrow.set(this.#index.subarray(0, rows));
    into.push(isNarrow ? viewOf(this.#narrow, rows) : viewOf(this.#index, rows));
  }

  reset(rows: number): void {
    if (this.isUsed) this.#index.fill(0, 0, rows);
    this.#dictionary.reset();
  }
}

export class TextColumn implements ColumnBuffer {
  readonly #sink = new ByteSink(65_536);
  readonly #keepBytesMax: number;
  #filled = 0;

  /** `keepBytes`: what an ordinary chunk needs, kept from one to the next. */
  constructor(keepBytes = keepBytesMax) {
    this.#keepBytesMax = keepBytes;
  }

  get isUsed(): boolean {
    return this.#filled > 0;
  }

  get bytes(): number {
    return this.#sink.length;
  }

  set(row: number, value: string): void {
    this.#sink.zeros(row - this.#filled);
    this.#sink.text(value);
    this.#filled = row + 1;
  }

  pieces(rows: number, into: Buffer[]): void {
    this.#sink.zeros(rows - this.#filled);
    into.push(this.#sink.written());
  }

  reset(): void {
    this.#sink.reset(this.#keepBytesMax);
    this.#filled = 0;
  }
}

/** Nullable(Int64) out of safe integers. */
export class LongColumn implements ColumnBuffer {
  readonly #isNull = new Uint8Array(rowsMax).fill(1);
  readonly #halves = new Int32Array(rowsMax * 2);
  isUsed = false;

  set(row: number, value: number): void {
    this.#isNull[row] = 0;
    setHalves(this.#halves, row, value);
    this.isUsed = true;
  }

  pieces(rows: number, into: Buffer[]): void {
    into.push(viewOf(this.#isNull, rows), viewOf(this.#halves, rows * 2));
  }

  reset(rows: number): void {
    if (!this.isUsed) return;
    this.#isNull.fill(1, 0, rows);
    this.#halves.fill(0, 0, rows * 2);
    this.isUsed = false;
  }
}

/** UInt64 and DateTime64: set in every row, so never cleared. */
export class WideColumn implements ColumnBuffer {
  readonly #halves = new Int32Array(rowsMax * 2);
  readonly isUsed = true;

  set(row: number, value: number): void {
    setHalves(this.#halves, row, value);
  }

  pieces(rows: number, into: Buffer[]): void {
    into.push(viewOf(this.#halves, rows * 2));
  }

  reset(): void {}
}

/** UInt32: set in every row, so never cleared. */
export class CountColumn implements ColumnBuffer {
  readonly #values = new Uint32Array(rowsMax);
  readonly isUsed = true;

  set(row: number, value: number): void {
    this.#values[row] = value;
  }

  pieces(rows: number, into: Buffer[]): void {
    into.push(viewOf(this.#values, rows));
  }

  reset(): void {}
}

/** Array(LowCardinality(String)) and the skeleton of the map: how many items a row has, and a dictionary index for each. */
export class ListColumn implements ColumnBuffer {
  readonly #dictionary = new Dictionary();
  readonly #counts = new Uint32Array(rowsMax);
  readonly #offsets = new Uint32Array(rowsMax * 2);
  readonly #itemCount = Buffer.alloc(8);
  #items = new Uint32Array(rowsMax);
  #length = 0;

  get isUsed(): boolean {
    return this.#length > 0;
  }

  add(row: number, value: string): void {
    this.addIndex(row, this.#dictionary.indexOf(value));
  }

  /** For callers that remember a key's index within the chunk. */
  indexOf(value: string): number {
    return this.#dictionary.indexOf(value);
  }

  addIndex(row: number, index: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = index;
    this.#counts[row] = (this.#counts[row] ?? 0) + 1;
  }

  pieces(rows: number, into: Buffer[]): void {
    for (let row = 0, sum = 0; row < rows; row++) {
      sum += this.#counts[row] ?? 0;
      this.#offsets[row * 2] = sum;
    }
    into.push(dictionaryVersion, viewOf(this.#offsets, rows * 2));
    // An array without any items has no dictionary block at all.
    if (this.#length === 0) return;
    this.#dictionary.pieces(2, into);
    this.#itemCount.writeUInt32LE(this.#length, 0);
    into.push(this.#itemCount, viewOf(this.#items, this.#length));
  }

  reset(rows: number): void {
    if (this.isUsed) this.#counts.fill(0, 0, rows);
    if (this.#items.length > rowsMax * 64) this.#items = new Uint32Array(rowsMax);
    this.#length = 0;
    this.#dictionary.reset();
  }
}

function setHalves(halves: Int32Array, row: number, value: number): void {
  halves[row * 2] = value | 0;
  halves[row * 2 + 1] = Math.floor(value / 2 ** 32);
}

function viewOf(values: Uint8Array | Uint16Array | Uint32Array | Int32Array, count: number): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT);
}
