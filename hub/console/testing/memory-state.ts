// State in memory, for the console's tests. It obeys the port: revisions, conflicts, key order, and documents that are
// copied on the way in and out, so that a caller who changes an object it holds changes nothing here.
import { AtalaiaError } from '../../../proto/runtime/errors.ts';
import type { State, StateChange, Versioned } from '../../ports.ts';

export class MemoryState implements State {
  readonly #documents = new Map<string, { readonly text: string; readonly revision: number }>();
  #lastRevision = 0;

  async get<T>(key: string): Promise<Versioned<T> | undefined> {
    const found = this.#documents.get(key);
    return found && { value: JSON.parse(found.text), revision: found.revision };
  }

  async put(key: string, value: unknown, expectedRevision: number): Promise<number> {
    this.#check(key, expectedRevision);
    this.#lastRevision += 1;
    this.#documents.set(key, { text: JSON.stringify(value), revision: this.#lastRevision });
    return this.#lastRevision;
  }

  async remove(key: string, expectedRevision: number): Promise<void> {
    this.#check(key, expectedRevision);
    this.#documents.delete(key);
  }

  async list<T>(
    prefix: string,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly (Versioned<T> & { readonly key: string })[]> {
    const limitMax = 10_000;
    if ((options.limit ?? limitMax) > limitMax) throw new Error(`broken invariant: a list takes a limit of at most ${limitMax}`);
    const keys = [...this.#documents.keys()].filter((key) => key.startsWith(prefix) && key > (options.after ?? ''));
    return keys
      .sort()
      .slice(0, options.limit ?? keys.length)
      .map((key) => {
        const found = this.#documents.get(key);
        return { key, value: JSON.parse(found?.text ?? 'null'), revision: found?.revision ?? 0 };
      });
  }

  watch(): AsyncIterable<StateChange> {
    throw new AtalaiaError('STATE_WATCH', 'the console does not watch');
  }

  async close(): Promise<void> {}

  #check(key: string, expectedRevision: number): void {
    const current = this.#documents.get(key)?.revision ?? 0;
    if (current !== expectedRevision) {
      throw new AtalaiaError('STATE_CONFLICT', `${key} is at revision ${current}, not ${expectedRevision}`, { isRetryable: true });
    }
  }
}
