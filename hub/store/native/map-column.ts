// The map of everything that has no column of its own: Map(LowCardinality(String), String).
// Promises: order kept, repeats of a name kept (the first counts when it is read). Known fields find their key by slot,
// so a name is looked up once per chunk and not once per row.
import { fields, slotCount } from '../../../config/fields/registry.ts';
import { ByteSink } from './byte-sink.ts';
import { type ColumnBuffer, ListColumn } from './columns.ts';

const keepBytesMax = 8 * 1024 * 1024;

export class MapColumn implements ColumnBuffer {
  readonly #keys = new ListColumn();
  readonly #values = new ByteSink(65_536);
  /** Index of a slot's name in this chunk's dictionary; 0 is not looked up yet. */
  readonly #keyOfSlot = new Uint32Array(slotCount);

  get isUsed(): boolean {
    return this.#keys.isUsed;
  }

  get bytes(): number {
    return this.#values.length;
  }

  setSlot(row: number, slot: number, value: string): void {
    let key = this.#keyOfSlot[slot] ?? 0;
    if (key === 0) {
      key = this.#keys.indexOf(fields[slot]?.name ?? '');
      this.#keyOfSlot[slot] = key;
    }
    this.#keys.addIndex(row, key);
    this.#values.text(value);
  }

  set(row: number, name: string, value: string): void {
    this.#keys.add(row, name);
    this.#values.text(value);
  }

  pieces(rows: number, into: Buffer[]): void {
    this.#keys.pieces(rows, into);
    into.push(this.#values.written());
  }

  reset(rows: number): void {
    this.#keys.reset(rows);
    this.#values.reset(keepBytesMax);
    this.#keyOfSlot.fill(0);
  }
}
