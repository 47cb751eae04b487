// The tags (hashes) of a generation's records, 32 bytes each, so that telling what is held reads no batches.
// Promises: a sealed generation's tags are in one small file with a checksum; a file that is absent or damaged answers
// "not known", never a wrong tag. The open generation's tags are in memory and are filled again by the replay at start.
import { crc32 } from 'node:zlib';
import { join } from 'node:path';
import { tagBytes } from './record-format.ts';
import type { Disk } from './ports.ts';
import type { Seal } from './sealing.ts';

const cachedMax = 64;
const noTag = new Uint8Array(tagBytes);

export class TagIndex {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #seal: Seal;
  #open: Uint8Array[] = [];
  #openFirst = 1;
  /** By generation id, in order of first use; oldest leaves first. */
  #sealed = new Map<number, Buffer>();

  constructor(disk: Disk, folder: string, seal: Seal) {
    this.#disk = disk;
    this.#folder = folder;
    this.#seal = seal;
  }

  begin(firstNumber: number): void {
    this.#open = [];
    this.#openFirst = firstNumber;
  }

  note(number: number, tag: Uint8Array | undefined): void {
    if (!tag) return;
    // A hole leaves places without a tag.
    while (this.#openFirst + this.#open.length < number) this.#open.push(noTag);
    if (this.#openFirst + this.#open.length === number) this.#open.push(new Uint8Array(tag));
  }

  /** Writes the open generation's tags beside it, before the next generation begins. */
  async seal(id: number): Promise<void> {
    const tags = Buffer.concat(this.#open);
    const file = Buffer.allocUnsafe(4 + tags.length);
    file.writeUInt32BE(crc32(tags), 0);
    file.set(tags, 4);
    await this.#disk.replaceFile(this.#path(id), this.#seal.seal(file, `tags ${id}`));
  }

  openTag(number: number): Uint8Array | undefined {
    return known(this.#open[number - this.#openFirst]);
  }

  async sealedTag(id: number, place: number): Promise<Uint8Array | undefined> {
    const tags = this.#sealed.get(id) ?? (await this.#load(id));
    return known(tags.subarray(place * tagBytes, (place + 1) * tagBytes));
  }

  async forget(id: number): Promise<void> {
    this.#sealed.delete(id);
    await this.#disk.remove(this.#path(id));
  }

  async #load(id: number): Promise<Buffer> {
    const kept = await this.#disk.readFile(this.#path(id));
    const file = Buffer.from((kept && this.#seal.open(kept, `tags ${id}`)) ?? []);
    const isGood = file.length >= 4 && file.readUInt32BE(0) === crc32(file.subarray(4));
    const tags = isGood ? file.subarray(4) : Buffer.alloc(0);
    this.#sealed.set(id, tags);
    for (const oldest of this.#sealed.keys()) {
      if (this.#sealed.size <= cachedMax) break;
      this.#sealed.delete(oldest);
    }
    return tags;
  }

  #path(id: number): string {
    return join(this.#folder, `tags-${String(id).padStart(10, '0')}`);
  }
}

function known(tag: Uint8Array | undefined): Uint8Array | undefined {
  return tag?.length === tagBytes && tag.some((byte) => byte !== 0) ? tag : undefined;
}
