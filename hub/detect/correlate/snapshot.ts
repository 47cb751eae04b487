// The correlator's state as bytes: zstd of JSON behind a version. A snapshot of another version is refused with its code,
// and the caller starts from an empty state, saying so.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AtalaiaError } from '../../../proto/runtime/errors.ts';
import type { Group, WrittenGroup } from './group.ts';

export interface Snapshot<G = readonly WrittenGroup[]> {
  readonly write: number;
  readonly watermarkMs: number;
  readonly lastCommitMs: number;
  readonly books: readonly { readonly id: string; readonly version: string; readonly groups: G }[];
}

const snapshotVersion = 1;
const snapshotBytesMax = 512 * 1024 * 1024;

/** Written every few seconds, read once a restart. */
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Put together from entries that are text already: a snapshot holds up what else this thread does. */
export function writeSnapshot({ books, ...state }: Snapshot<Iterable<Group>>): Uint8Array {
  const pieces: string[] = [];
  for (const { id, version, groups } of books) {
    const written = Array.from(groups, (group) => groupText(group));
    pieces.push(`${textBefore({ id, version }, 'groups')}[${written.join(',')}]}`);
  }
  const text = `${textBefore({ version: snapshotVersion, ...state }, 'books')}[${pieces.join(',')}]}`;
  return new Uint8Array(zstdCompressSync(Buffer.from(text), fast));
}

function groupText({ entries, ...group }: Group): string {
  return `${textBefore(group, 'entries')}[${entries.map(({ json }) => json).join(',')}]}`;
}

/** An object as JSON, left open behind the name of one more field. */
function textBefore(fields: object, name: string): string {
  return `${JSON.stringify(fields).slice(0, -1)},"${name}":`;
}

export function readSnapshot(bytes: Uint8Array): Snapshot {
  const refuse = (why: string, cause?: unknown): never => {
    throw new AtalaiaError(
      'SNAPSHOT_UNREADABLE',
      `reading the correlator's snapshot: ${why}; windows that were open start empty`,
      cause === undefined ? {} : { cause },
    );
  };
  let read: unknown;
  try {
    read = JSON.parse(zstdDecompressSync(bytes, { maxOutputLength: snapshotBytesMax }).toString('utf8'));
  } catch (error) {
    return refuse('the bytes are damaged', error);
  }
  if (!isSnapshot(read)) return refuse('it is of another version');
  return read;
}

/** We wrote it ourselves and zstd's frame shows damage: the version is the only thing left to ask. */
function isSnapshot(read: unknown): read is Snapshot {
  return typeof read === 'object' && read !== null && 'version' in read && read.version === snapshotVersion;
}
