// Turns events into block files that the engine reads with file(…, Native): the hub's hot path (DESIGN.md 4).
// Promises: every appended row is in the file that `seal` names, exactly; a value that its typed column cannot hold goes
// into the map `rest` as text, never away. Chunks of a few thousand rows are written as they fill, so memory stays flat
// however large a block grows. Nothing is allocated per row.
// Does not sync the files: until a block is confirmed its rows can be made again from the journal.
// Would break it: two writers with the same name in one folder.
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRow } from '../../../config/fields/row.ts';
import { assert } from '../../../proto/runtime/errors.ts';
import { rowsMax } from './columns.ts';
import { chunkBytesMax, EventChunk, type RowPlace } from './event-chunk.ts';
import { writeAll } from './write-all.ts';

export interface SealedBlock {
  readonly file: string;
  readonly rows: number;
}

export interface BlockWriterOptions {
  /** Folder for block files; must exist. */
  readonly folder: string;
  /** Tells this worker's files from another's. */
  readonly name: string;
}

interface OpenBlock {
  readonly file: string;
  readonly descriptor: number;
  rows: number;
}

/** A pipeline keeps a few blocks open; more is a leak. */
const openBlocksMax = 64;

export class BlockWriter {
  readonly #folder: string;
  readonly #name: string;
  readonly #open = new Map<number, OpenBlock>();
  readonly #chunk = new EventChunk();
  #block = 0;

  constructor({ folder, name }: BlockWriterOptions) {
    this.#folder = folder;
    this.#name = name;
  }

  append(block: number, place: RowPlace, row: EventRow): void {
    if (block !== this.#block) this.#turnTo(block);
    this.#chunk.append(place, row);
    if (this.#chunk.rows >= rowsMax || this.#chunk.bytes >= chunkBytesMax) this.#flush();
  }

  /** Rows appended to the block so far. */
  rows(block: number): number {
    return (this.#open.get(block)?.rows ?? 0) + (block === this.#block ? this.#chunk.rows : 0);
  }

  /** The finished file; a block without rows has an empty one. The writer forgets the block. */
  async seal(block: number): Promise<SealedBlock> {
    if (block === this.#block) this.#flush();
    const open = this.#openBlock(block);
    closeSync(open.descriptor);
    this.#forget(block);
    return { file: open.file, rows: open.rows };
  }

  /** Throws the block's rows away, file included. Unknown blocks are fine. */
  async discard(block: number): Promise<void> {
    if (block === this.#block) this.#chunk.reset();
    const open = this.#open.get(block);
    if (open) {
      closeSync(open.descriptor);
      rmSync(open.file, { force: true });
    }
    this.#forget(block);
  }

  async close(): Promise<void> {
    for (const block of this.#open.keys()) await this.discard(block);
    await this.discard(this.#block);
  }

  #turnTo(block: number): void {
    assert(Number.isSafeInteger(block) && block > 0, `block number ${block}`);
    this.#flush();
    this.#block = block;
  }

  #flush(): void {
    if (this.#chunk.rows === 0) return;
    const open = this.#openBlock(this.#block);
    writeAll(open.descriptor, this.#chunk.pieces());
    open.rows += this.#chunk.rows;
    this.#chunk.reset();
  }

  #openBlock(block: number): OpenBlock {
    const known = this.#open.get(block);
    if (known) return known;
    assert(this.#open.size < openBlocksMax, `more than ${openBlocksMax} blocks open in one writer`);
    const file = join(this.#folder, `${block}-${this.#name}.native`);
    const open = { file, descriptor: openSync(file, 'w', 0o600), rows: 0 };
    this.#open.set(block, open);
    return open;
  }

  #forget(block: number): void {
    this.#open.delete(block);
    if (block === this.#block) this.#block = 0;
  }
}
