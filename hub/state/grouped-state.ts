// State over a shelf: puts that arrive together become one synced write, each with its own compare-and-set.
// Promises: a put that resolved is durable; of two puts with the same expected revision one wins; revisions come from
// one counter that is stored with the rows, so a key that was removed and made again goes on upwards.
// Not promised: several keys in one write. After a rejection other than STATE_CONFLICT, STATE_TOO_LARGE, STATE_KEY,
// STATE_BUSY or STATE_CLOSED the write may have happened: read the document again.
import { assert, AtalaiaError } from '../../proto/runtime/errors.ts';
import type { State, StateChange, Versioned } from '../ports.ts';
import type { Row, Shelf } from './shelf.ts';
import { checkKey, closedError, conflict, encodeDocument, listMax, waitingMax } from './state-limits.ts';
import { Watchers } from './watchers.ts';
import type { ChangedRow } from './watchers.ts';

const groupPutsMax = 512;
const groupBytesMax = 4 * 1024 * 1024;

interface Waiting {
  readonly key: string;
  /** Undefined to remove. */
  readonly json: string | undefined;
  readonly expected: number;
  readonly done: PromiseWithResolvers<number>;
}

export class GroupedState implements State {
  readonly #shelf: Shelf;
  readonly #watchers = new Watchers();
  #lastRevision: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(shelf: Shelf, lastRevision: number) {
    this.#shelf = shelf;
    this.#lastRevision = lastRevision;
  }

  async get<T>(key: string): Promise<Versioned<T> | undefined> {
    checkKey(key);
    if (this.#isClosed) throw closedError();
    const row = await this.#shelf.get(key);
    // The border: whoever owns the key knows the shape of its documents.
    return row && { value: JSON.parse(row.json) as T, revision: row.revision };
  }

  async put(key: string, value: unknown, expectedRevision: number): Promise<number> {
    checkKey(key);
    return await this.#enqueue(key, encodeDocument(key, value), expectedRevision);
  }

  async remove(key: string, expectedRevision: number): Promise<void> {
    checkKey(key);
    assert(expectedRevision > 0, `remove of ${key} needs the revision that was read`);
    await this.#enqueue(key, undefined, expectedRevision);
  }

  async list<T>(
    prefix: string,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly (Versioned<T> & { readonly key: string })[]> {
    if (this.#isClosed) throw closedError();
    const limit = options.limit ?? listMax;
    assert(Number.isSafeInteger(limit) && limit > 0 && limit <= listMax, `a list takes a limit of 1 to ${listMax}, not ${limit}`);
    const askFor = options.limit ?? listMax + 1;
    const rows = await this.#shelf.range({ prefix, after: options.after ?? '', limit: askFor });
    // A list cut short in silence would look complete to a caller that forgot to page.
    if (rows.length > limit) {
      throw new AtalaiaError('STATE_LIST_TOO_LONG', `more than ${listMax} documents under "${prefix}"; page with after and limit`);
    }
    return rows.map((row) => ({ key: row.key, revision: row.revision, value: JSON.parse(row.json) as T }));
  }

  watch(prefix: string, signal: AbortSignal): AsyncIterableIterator<StateChange> {
    const watcher = this.#watchers.open(prefix, signal);
    if (this.#isClosed) this.#watchers.endAll();
    return watcher;
  }

  /** Takes no new puts, finishes those that are waiting, ends the watchers. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writing;
    this.#watchers.endAll();
    await this.#shelf.close();
  }

  /** The process dies: what waits is refused, nothing further reaches the shelf. For memoryState. */
  protected abandon(reason: AtalaiaError): void {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.done.reject(reason);
    this.#watchers.endAll();
  }

  #enqueue(key: string, json: string | undefined, expected: number): Promise<number> {
    if (this.#isClosed) throw closedError();
    assert(Number.isSafeInteger(expected) && expected >= 0, `the expected revision of ${key} is not a revision: ${expected}`);
    if (this.#waiting.length >= waitingMax) {
      throw new AtalaiaError('STATE_BUSY', `${waitingMax} writes wait for the disk already; ${key} was not written, try again`, {
        isRetryable: true,
      });
    }
    const done = Promise.withResolvers<number>();
    this.#waiting.push({ key, json, expected, done });
    this.#writing ??= this.#writeGroups();
    return done.promise;
  }

  async #writeGroups(): Promise<void> {
    // Whatever else is put in this turn of the event loop joins the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#writeGroup(group);
      } catch (error) {
        const failure = writeFailure(error, group);
        for (const waiting of group) waiting.done.reject(failure);
      }
    }
    this.#writing = undefined;
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.json?.length ?? 0;
      if (count > 0 && (count >= groupPutsMax || bytes > groupBytesMax)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const current = await this.#currentRevisions(group);
    const changed = new Map<string, ChangedRow>();
    const changes: ChangedRow[] = [];
    const settle: (() => void)[] = [];
    for (const { key, json, expected, done } of group) {
      const found = current.get(key) ?? 0;
      if (found !== expected) {
        settle.push(() => done.reject(conflict(key, expected, found)));
        continue;
      }
      const revision = ++this.#lastRevision;
      const row = { key, revision, json };
      current.set(key, json === undefined ? 0 : revision);
      changed.set(key, row);
      changes.push(row);
      settle.push(() => done.resolve(revision));
    }
    if (changed.size > 0) await this.#shelf.write(toWrite(changed, this.#lastRevision));
    this.#watchers.tell(changes);
    for (const run of settle) run();
  }

  async #currentRevisions(group: readonly Waiting[]): Promise<Map<string, number>> {
    const keys = [...new Set(group.map(({ key }) => key))];
    const rows = await Promise.all(keys.map((key) => this.#shelf.get(key)));
    return new Map(keys.map((key, at) => [key, rows[at]?.revision ?? 0]));
  }
}

function toWrite(changed: ReadonlyMap<string, ChangedRow>, lastRevision: number): Parameters<Shelf['write']>[0] {
  const puts: Row[] = [];
  const removes: string[] = [];
  for (const { key, revision, json } of changed.values()) {
    if (json === undefined) removes.push(key);
    else puts.push({ key, revision, json });
  }
  return { puts, removes, lastRevision };
}

function writeFailure(error: unknown, group: readonly Waiting[]): AtalaiaError {
  if (error instanceof AtalaiaError) return error;
  const what = group.length === 1 ? group[0]?.key : `${group.length} documents`;
  return new AtalaiaError('STATE_WRITE_FAILED', `writing ${what} failed; it may be there or not, read it again before going on`, {
    cause: error,
    isRetryable: true,
  });
}
