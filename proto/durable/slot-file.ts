// A small state that is replaced often and must survive a torn write: two slots in one file, written in turn.
// Promises: after any crash the content is the last one whose write resolved, or the one that was being written.
// The file has its full size from the start, so that a write on a full disk needs no new room.
// A sealed content opens in its own slot and turn only; an envelope that does not is a damaged slot.
// Does not survive damage to both slots: `state` is then 'lost' and the owner rebuilds what it can.
import { crc32 } from 'node:zlib';
import { assert } from '../runtime/errors.ts';
import type { Disk } from './ports.ts';
import { sealedWith, type Seal } from './sealing.ts';

export type SlotState = 'new' | 'whole' | 'one-slot' | 'lost';

const magic = 0x41544c31;
const headerBytes = 20;
/** Room for an envelope around the content. */
const sealBytesMax = 64;

export interface SlotOptions {
  readonly slotBytes: number;
  readonly seal: Seal;
}

export class SlotFile {
  readonly contentBytesMax: number;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #slotBytes: number;
  readonly #seal: Seal;
  #sequence = 0;
  /** Key ids of what the slots hold, newest first. */
  #sealedWith: readonly string[] = [];

  private constructor(disk: Disk, path: string, { slotBytes, seal }: SlotOptions) {
    this.#disk = disk;
    this.#path = path;
    this.#slotBytes = slotBytes;
    this.#seal = seal;
    this.contentBytesMax = slotBytes - headerBytes - sealBytesMax;
  }

  static async open(
    disk: Disk,
    path: string,
    options: SlotOptions,
  ): Promise<{ file: SlotFile; content: Uint8Array | undefined; state: SlotState }> {
    const { slotBytes, seal } = options;
    const file = new SlotFile(disk, path, options);
    const whole = await disk.readFile(path);
    if (whole === undefined) {
      await disk.writeAt(path, 0, new Uint8Array(slotBytes * 2));
      return { file, content: undefined, state: 'new' };
    }
    const slots = [readSlot(whole, 0, seal), readSlot(whole, slotBytes, seal)];
    const newestFirst = slots.toSorted((a, b) => (b.sequence ?? 0) - (a.sequence ?? 0));
    file.#sealedWith = newestFirst.flatMap(({ keyId }) => keyId ?? []);
    const newest = slots.reduce((a, b) => ((b.sequence ?? 0) > (a.sequence ?? 0) ? b : a));
    if (newest.content === undefined) {
      const isNew = slots.every((slot) => slot.isBlank);
      return { file, content: undefined, state: isNew ? 'new' : 'lost' };
    }
    file.#sequence = newest.sequence ?? 0;
    const isOneSlot = slots.some((slot) => slot.content === undefined && !slot.isBlank);
    return { file, content: newest.content, state: isOneSlot ? 'one-slot' : 'whole' };
  }

  /** A slot still holds what was sealed with another key than the current one, or plain; two writes end that. */
  get isSealedOtherwise(): boolean {
    return this.#sealedWith.some((keyId) => keyId !== this.#seal.keyId);
  }

  /** Durable when it resolves. One write at a time: the owner serialises. */
  async write(content: Uint8Array): Promise<void> {
    assert(content.length <= this.contentBytesMax, `state of ${content.length} bytes in a slot of ${this.contentBytesMax}`);
    // A write that failed may be there in part: the next one must not touch the other, good slot.
    const sequence = this.#sequence + 1;
    await this.#disk.writeAt(this.#path, (sequence % 2) * this.#slotBytes, packSlot(sequence, this.#seal.seal(content, placeOf(sequence))));
    this.#sequence = sequence;
    this.#sealedWith = [this.#seal.keyId, ...this.#sealedWith].slice(0, 2);
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
  readonly keyId?: string | undefined;
}

function placeOf(sequence: number): string {
  return `slot ${sequence}`;
}

function readSlot(whole: Uint8Array, offset: number, seal: Seal): ReadSlot {
  const view = Buffer.from(whole.buffer, whole.byteOffset, whole.length).subarray(offset);
  if (view.length < headerBytes) return { isBlank: view.every((byte) => byte === 0) };
  const header = view.subarray(0, headerBytes);
  if (header.every((byte) => byte === 0)) return { isBlank: true };
  const end = headerBytes + view.readUInt32BE(16);
  if (view.readUInt32BE(0) !== magic || end > view.length) return { isBlank: false };
  if (view.readUInt32BE(4) !== crc32(view.subarray(8, end))) return { isBlank: false };
  const sequence = Number(view.readBigUInt64BE(8));
  const kept = view.subarray(headerBytes, end);
  const content = seal.open(kept, placeOf(sequence));
  return content ? { isBlank: false, sequence, content, keyId: sealedWith(kept) } : { isBlank: false };
}
