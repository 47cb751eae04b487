// Whether LevelDB may be shown a table: its footer and index are looked at first, by the table format's own checksum.
// LevelDB believes an index without checking it (its JavaScript binding has no way to ask for that), and a damaged one ends
// the whole process in an assertion: at every start again, whatever else the buffer holds.
// Promises: reads the end of each table only. Damage to the rest is found by records' own checksums (record-format.ts).
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const footerBytes = 48;
/** Behind each block: its kind, and the checksum of both. */
const trailerBytes = 5;
const magic = 0xdb4775248b80fb57n;
/** The index of a generation's table has some kilobytes; more than this is no index. */
const indexBytesMax = 16 * 1024 * 1024;
const polynomial = 0x82f63b78;

/** Paths of the tables in a folder whose index cannot be believed; empty when there are none, or no folder. */
export async function damagedTables(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const tables = names.filter((name) => /\.(?:ldb|sst)$/.test(name)).map((name) => join(folder, name));
  const areWhole = await Promise.all(tables.map(isIndexWhole));
  return tables.filter((_, place) => areWhole[place] === false);
}

async function isIndexWhole(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const footer = await readAt(size - footerBytes, footerBytes);
    const index = footer && indexOf(footer, size);
    const block = index && (await readAt(index.offset, index.size + trailerBytes));
    return block !== undefined && block.readUInt32LE(block.length - 4) === masked(crc32c(block.subarray(0, -4)));
  } finally {
    await file.close();
  }

  async function readAt(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset < 0) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return bytesRead === length ? buffer : undefined;
  }
}

/** The footer names the meta index, then the index: offset and size each, as varints. */
function indexOf(footer: Buffer, fileBytes: number): { readonly offset: number; readonly size: number } | undefined {
  if (footer.readBigUInt64LE(footerBytes - 8) !== magic) return undefined;
  const numbers: number[] = [];
  let [number, scale] = [0, 1];
  for (const byte of footer.subarray(0, footerBytes - 8)) {
    number += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    numbers.push(number);
    [number, scale] = [0, 1];
  }
  const [, , offset = Infinity, size = Infinity] = numbers;
  return size <= indexBytesMax && offset + size + trailerBytes + footerBytes <= fileBytes ? { offset, size } : undefined;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** LevelDB stores checksums so, that one over bytes that hold one is still good. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
