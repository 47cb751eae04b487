// Hands every change to whoever watches its prefix, in order, from the moment of the call on. A watcher that lags more
// than watchLagMax changes (or their bytes) is ended with STATE_WATCH_OVERFLOW: it lists again and watches anew. It
// never slows the writers and never silently misses a change.
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import type { StateChange } from '../ports.ts';
import { watchLagBytesMax, watchLagMax } from './state-limits.ts';

export interface ChangedRow {
  readonly key: string;
  readonly revision: number;
  /** Undefined when the document was removed. */
  readonly json: string | undefined;
}

class Watcher implements AsyncIterableIterator<StateChange> {
  readonly prefix: string;
  readonly #onEnd: (watcher: Watcher) => void;
  #waiting: ChangedRow[] = [];
  #waitingBytes = 0;
  #pulls: PromiseWithResolvers<IteratorResult<StateChange>>[] = [];
  #hasEnded = false;
  #failure: AtalaiaError | undefined;

  constructor(prefix: string, onEnd: (watcher: Watcher) => void) {
    this.prefix = prefix;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  offer(row: ChangedRow): void {
    const pull = this.#pulls.shift();
    if (pull) return pull.resolve({ done: false, value: change(row) });
    this.#waiting.push(row);
    this.#waitingBytes += row.json?.length ?? 0;
    if (this.#waiting.length <= watchLagMax && this.#waitingBytes <= watchLagBytesMax) return;
    this.#waiting = [];
    this.#failure = new AtalaiaError(
      'STATE_WATCH_OVERFLOW',
      `a watcher of "${this.prefix}" fell more than ${watchLagMax} changes behind and was ended; list the prefix and watch again`,
      { isRetryable: true },
    );
    this.end();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(this);
    for (const pull of this.#pulls.splice(0)) pull.resolve({ done: true, value: undefined });
  }

  async next(): Promise<IteratorResult<StateChange>> {
    if (this.#failure) throw this.#failure;
    const row = this.#waiting.shift();
    if (row) {
      this.#waitingBytes -= row.json?.length ?? 0;
      return { done: false, value: change(row) };
    }
    if (this.#hasEnded) return { done: true, value: undefined };
    const pull = Promise.withResolvers<IteratorResult<StateChange>>();
    this.#pulls.push(pull);
    return await pull.promise;
  }

  async return(): Promise<IteratorResult<StateChange>> {
    this.#waiting = [];
    this.end();
    return { done: true, value: undefined };
  }
}

export class Watchers {
  readonly #all = new Set<Watcher>();

  open(prefix: string, signal: AbortSignal): AsyncIterableIterator<StateChange> {
    // What was queued before the signal aborted is not worth handing out: the watcher is leaving.
    const onAbort = (): void => void watcher.return();
    const watcher = new Watcher(prefix, (ended) => {
      this.#all.delete(ended);
      signal.removeEventListener('abort', onAbort);
    });
    this.#all.add(watcher);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return watcher;
  }

  tell(rows: readonly ChangedRow[]): void {
    for (const watcher of this.#all) {
      for (const row of rows) if (row.key.startsWith(watcher.prefix)) watcher.offer(row);
    }
  }

  endAll(): void {
    for (const watcher of this.#all) watcher.end();
  }
}

/** Parsed anew for each watcher: what one does to its copy reaches nobody else. */
function change(row: ChangedRow): StateChange {
  return { key: row.key, revision: row.revision, value: row.json === undefined ? undefined : JSON.parse(row.json) };
}
