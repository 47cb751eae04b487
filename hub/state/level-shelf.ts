// The shelf on one LevelDB database: every write is one synced batch.
// After a failed write LevelDB refuses all later ones, so the next write first closes and opens the database again;
// that is how the hub recovers by itself from a disk that was full. Opening needs room too, so nothing is closed before
// there is some, and reads go on meanwhile.
// Not promised: noticing bytes that rotted on the disk. LevelDB drops damaged log records in silence (DESIGN.md 4).
import { statfs } from 'node:fs/promises';
import { Level } from 'level';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { Row, Shelf, ShelfWrite } from './shelf.ts';

const revisionKey = 'm!revision';
const rowPrefix = 'd!';
const writeBufferBytes = 8 * 1024 * 1024;
/** LevelDB turns its log into a table and writes a new manifest when it opens. */
const reopenBytes = 2 * writeBufferBytes;
type Database = Level;

export async function openLevelShelf(folder: string): Promise<Shelf> {
  const database: Database = new Level(folder, { writeBufferSize: writeBufferBytes });
  await open(database, folder);
  return new LevelShelf(database, folder);
}

class LevelShelf implements Shelf {
  readonly #database: Database;
  readonly #folder: string;
  #mustReopen = false;
  #reopening: Promise<void> | undefined;

  constructor(database: Database, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  async get(key: string): Promise<Row | undefined> {
    await this.#readable();
    const text = await this.#database.get(rowPrefix + key);
    return text === undefined ? undefined : decode(key, text);
  }

  async write({ puts, removes, lastRevision }: ShelfWrite): Promise<void> {
    if (this.#mustReopen) await this.#reopen();
    try {
      await this.#database.batch(
        [
          ...puts.map((row) => ({ type: 'put' as const, key: rowPrefix + row.key, value: `${row.revision} ${row.json}` })),
          ...removes.map((key) => ({ type: 'del' as const, key: rowPrefix + key })),
          { type: 'put' as const, key: revisionKey, value: String(lastRevision) },
        ],
        { sync: true },
      );
    } catch (error) {
      this.#mustReopen = true;
      throw asWriteError(error, this.#folder);
    }
  }

  async range({ prefix, after, limit }: { prefix: string; after: string; limit: number }): Promise<readonly Row[]> {
    await this.#readable();
    const start = after > prefix ? { gt: rowPrefix + after } : { gte: rowPrefix + prefix };
    // Keys are ASCII (state-limits.ts), so DEL closes the range of a prefix.
    const pairs = await this.#database.iterator({ ...start, lt: `${rowPrefix}${prefix}\x7f`, limit }).all();
    return pairs.map(([key, text]) => decode(key.slice(rowPrefix.length), text));
  }

  async lastRevision(): Promise<number> {
    return Number((await this.#database.get(revisionKey)) ?? '0');
  }

  async close(): Promise<void> {
    await this.#reopening?.catch(() => undefined);
    await this.#database.close();
  }

  /** An attempt to open again may have failed after closing; then a read tries once more, and says why it cannot. */
  async #readable(): Promise<void> {
    await this.#reopening?.catch(() => undefined);
    if (this.#mustReopen && this.#database.status === 'closed') await this.#reopen();
  }

  async #reopen(): Promise<void> {
    this.#reopening ??= (async () => {
      try {
        const { bavail, bsize } = await statfs(this.#folder);
        if (bavail * bsize < reopenBytes) throw diskFull(this.#folder);
        await this.#database.close();
        await open(this.#database, this.#folder);
        this.#mustReopen = false;
      } catch (error) {
        throw asWriteError(error, this.#folder);
      } finally {
        this.#reopening = undefined;
      }
    })();
    await this.#reopening;
  }
}

async function open(database: Database, folder: string): Promise<void> {
  try {
    await database.open();
  } catch (error) {
    throw asOpenError(error, folder);
  }
}

function decode(key: string, text: string): Row {
  const space = text.indexOf(' ');
  const revision = Number(text.slice(0, space));
  if (space > 0 && Number.isSafeInteger(revision) && revision > 0) return { key, revision, json: text.slice(space + 1) };
  throw new AtalaiaError('DAMAGED', `the document ${key} in the state store cannot be read; restore the data folder from a backup`);
}

function asOpenError(error: unknown, folder: string): AtalaiaError {
  const codes = codesOf(error);
  if (codes.includes('LEVEL_LOCKED')) {
    return new AtalaiaError(
      'LOCKED',
      `${folder} is in use by another process; stop the hub that runs on it, or choose another data folder`,
      {
        cause: error,
      },
    );
  }
  if (codes.includes('LEVEL_CORRUPTION')) {
    const text = `the state store in ${folder} is damaged and was left as it is; restore the data folder from a backup`;
    return new AtalaiaError('DAMAGED', text, { cause: error });
  }
  if (isDiskFull(error)) return asWriteError(error, folder);
  const text = `the state store in ${folder} could not be opened (${reason(error)}); check that the folder exists and belongs to the hub's user`;
  return new AtalaiaError('STATE_OPEN_FAILED', text, { cause: error });
}

function asWriteError(error: unknown, folder: string): AtalaiaError {
  if (error instanceof AtalaiaError) return error;
  if (isDiskFull(error)) return diskFull(folder, error);
  const text = `writing to the state store in ${folder} failed (${reason(error)}); the write may have happened, read it again`;
  return new AtalaiaError('STATE_WRITE_FAILED', text, { cause: error, isRetryable: true });
}

function diskFull(folder: string, cause?: unknown): AtalaiaError {
  const text = `no space left in ${folder}; the write may not have happened, free at least ${reopenBytes >> 20} MiB and it goes on by itself`;
  return new AtalaiaError('DISK_FULL', text, { cause, isRetryable: true });
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string') codes.push(current.code);
  }
  return codes;
}

function isDiskFull(error: unknown): boolean {
  return errorCode(error) === 'ENOSPC' || /no space left/i.test(reason(error));
}

function reason(error: unknown): string {
  let current = error;
  for (let depth = 0; current instanceof Error && current.cause instanceof Error && depth < 8; depth++) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}
