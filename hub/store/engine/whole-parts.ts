// Whether what the engine says it wrote is on the disk. When a disk fills between the moment the engine reserves room and
// the moment it writes, chDB 3.4 puts a part in place whose files are empty, and reports success: of an insert, whose lines
// would then be gone from the journal, and of a merge, whose sources it removes after eight minutes.
// Promises: a part whose files do not hold what the engine counts for it is found. Whoever finds one ends the engine: when it
// is started again it sets the torn part aside and takes up what a merge had made it of; an insert is settled as failed.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../../proto/runtime/errors.ts';

export interface WrittenPart {
  readonly path: string;
  /** Of the files that it has checksums of. */
  readonly bytes: number;
}

/** Parts of the last hour: they are looked at when they are seconds old. */
export const writtenParts =
  "SELECT path, toUInt64(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'atalaia' AND active AND rows > 0 AND modification_time > now() - 3600";

/** What a part has besides: written with it, and never empty. */
const withoutChecksum: ReadonlySet<string> = new Set([
  'checksums.txt',
  'columns.txt',
  'columns_substreams.txt',
  'default_compression_codec.txt',
  'metadata_version.txt',
  'uuid.txt',
  'txn_version.txt',
]);

export class WholeParts {
  /** Parts never change, and each is looked at once. */
  #whole: ReadonlySet<string> = new Set();

  /** The first of these that is torn. */
  findTorn(parts: readonly WrittenPart[]): string | undefined {
    const torn = parts.find((part) => !this.#whole.has(part.path) && !isWhole(part));
    if (!torn) this.#whole = new Set(parts.map(({ path }) => path));
    return torn?.path;
  }
}

function isWhole({ path, bytes }: WrittenPart): boolean {
  try {
    const files = readdirSync(path).map((name) => ({ name, size: statSync(join(path, name)).size }));
    const isPresent = files.every(({ name, size }) => size > 0 || !withoutChecksum.has(name));
    const sum = files.reduce((total, { name, size }) => (withoutChecksum.has(name) ? total : total + size), 0);
    return isPresent && sum === bytes;
  } catch (error) {
    // Merged into another one since it was listed.
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
}
