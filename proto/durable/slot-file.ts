// A small state that is replaced often and must survive a torn write: two slots in one file, written in turn.
// Promises: after any crash the content is the last one whose write resolved, or the one that was being written.
// The file has its full size from the start, so that a write on a full disk needs no new room.
// Does not survive damage to both slots: `state` is then 'lost' and the owner rebuilds what it can.
import { crc32 } from 'node:zlib';
import { assert } from '../runtime/errors.ts';
import type { Disk } from './ports.ts';

export type SlotState = 'new' | 'whole' | 'one-slot' | 'lost';

const magic = 0x41544c31;
const headerBytes = 20;

export class SlotFile {
  readonly contentBytesMax: number;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #slotBytes: number;
  #sequence = 0;

  private constructor(disk: Disk, path: string, slotBytes: number) {
    this.#disk = disk;
    this.#path = path;
    this.#slotBytes = slotBytes;
    this.contentBytesMax = slotBytes - headerBytes;
  }

  static async open(
    disk: Disk,
    path: string,
    slotBytes: number,
  ): Promise<{ file: SlotFile; content: Uint8Array | undefined; state: SlotState }> {
    const file = new SlotFile(disk, path, slotBytes);
    const whole = await disk.readFile(path);
    if (whole === undefined) {
      await disk.writeAt(path, 0, new Uint8Array(slotBytes * 2));
      return { file, content: undefined, state: 'new' };
    }
    const slots = [readSlot(whole, 0), readSlot(whole, slotBytes)];
    const newest = slots.reduce((a, b) => ((b.sequence ?? 0) > (a.sequence ?? 0) ? b : a));
    if (newest.content === undefined) {
      const isNew = slots.every((slot) => slot.isBlank);
      return { file, content: undefined, state: isNew ? 'new' : 'lost' };
    }
    file.#sequence = newest.sequence ?? 0;
    const isOneSlot = slots.some((slot) => slot.content === undefined && !slot.isBlank);
    return { file, content: newest.content, state: isOneSlot ? 'one-slot' : 'whole' };
  }

  /** Durable when it resolves. One write at a time: the owner serialises. */
  async write(content: Uint8Array): Promise<void> {
    assert(content.length <= this.contentBytesMax, `state of ${content.length} bytes in a slot of ${this.contentBytesMax}`);
    // A write that failed may be there in part: the next one must not touch the other, good slot.
    const sequence = this.#sequence + 1;
    await this.#disk.writeAt(this.#path, (sequence % 2) * this.#slotBytes, packSlot(sequence, content));
    this.#sequence = sequence;
  }
}

function packSlot(sequence: number, content: Uint8Array): Buffer {
  const slot = Buffer.allocUnsafe(headerBytes + content.length);
  slot.writeUInt32BE(magic, 0);
  slot.writeBigUInt64BE(BigInt(sequence), 8);
  slot.writeUInt32BE(content.length, 16);
  slot.set(content, headerBytes);
  slot.writeUInt32BE(crc32(slot.subarray(8)), 4);
  return slot;
}

interface ReadSlot {
  readonly isBlank: boolean;
  readonly sequence?: number;
  readonly content?: Uint8Array;
}

function readSlot(whole: Uint8Array, offset: number): ReadSlot {
  const view = Buffer.from(whole.buffer, whole.byteOffset, whole.length).subarray(offset);
  if (view.length < headerBytes) return { isBlank: view.every((byte) => byte === 0) };
  const header = view.subarray(0, headerBytes);
  if (header.every((byte) => byte === 0)) return { isBlank: true };
  const end = headerBytes + view.readUInt32BE(16);
  if (view.readUInt32BE(0) !== magic || end > view.length) return { isBlank: false };
  if (view.readUInt32BE(4) !== crc32(view.subarray(8, end))) return { isBlank: false };
  return { isBlank: false, sequence: Number(view.readBigUInt64BE(8)), content: view.subarray(headerBytes, end) };
}
