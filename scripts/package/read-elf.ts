// What an ELF file is for and which shared libraries it needs, so that a package depends on what its programs really load.
// Promises: 64-bit little-endian files only, which both architectures are; anything else is refused by name.

export interface ElfFacts {
  readonly machine: number;
  /** DT_NEEDED, in the file's order. */
  readonly needed: readonly string[];
}

const loadSegment = 1;
const dynamicSegment = 2;
const tag = { end: 0, needed: 1, stringTable: 5 } as const;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

export function readElf(file: Buffer, name: string): ElfFacts {
  const isReadable = file.length > 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
  if (!isReadable) throw new Error(`${name} is not a 64-bit little-endian ELF file`);
  const segments = readSegments(file);
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  const machine = file.readUInt16LE(18);
  if (!dynamic) return { machine, needed: [] };
  const names: number[] = [];
  let strings = 0;
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    const kind = Number(file.readBigUInt64LE(at));
    const value = Number(file.readBigUInt64LE(at + 8));
    if (kind === tag.end) break;
    if (kind === tag.needed) names.push(value);
    if (kind === tag.stringTable) strings = offsetOf(value, segments, name);
  }
  return { machine, needed: names.map((offset) => file.toString('utf8', strings + offset, file.indexOf(0, strings + offset))) };
}

function readSegments(file: Buffer): Segment[] {
  const begin = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = begin + index * size;
    const [offset, address, inFile] = [8, 16, 32].map((field) => Number(file.readBigUInt64LE(at + field)));
    return { type: file.readUInt32LE(at), offset: offset ?? 0, address: address ?? 0, size: inFile ?? 0 };
  });
}

function offsetOf(address: number, segments: readonly Segment[], name: string): number {
  const segment = segments.find((one) => one.type === loadSegment && one.address <= address && address < one.address + one.size);
  if (!segment) throw new Error(`${name} has a string table outside the file`);
  return segment.offset + address - segment.address;
}
