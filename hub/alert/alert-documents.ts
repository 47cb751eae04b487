// Alerts as documents in State, kept together with the index. Every change goes through `change`: read, compute, put
// with the revision that was read, again from the start when somebody else was faster.
// A document that does not fit in spite of its budgets loses its evidence rather than stopping detection.
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { Alert, State, Versioned } from '../ports.ts';
import type { AlertIndex } from './alert-index.ts';

const prefix = 'alert/';
const pageSize = 200;
/** Each round somebody else's change got through, so this many in a row means that something is broken. */
const roundsMax = 100;

export class AlertDocuments {
  readonly #state: State;
  readonly #index: AlertIndex;
  readonly #onPending: (id: string) => void;

  constructor({ state, index, onPending }: { state: State; index: AlertIndex; onPending: (id: string) => void }) {
    this.#state = state;
    this.#index = index;
    this.#onPending = onPending;
  }

  async load(): Promise<void> {
    for await (const { value } of this.all()) this.#note(value);
  }

  async *all(): AsyncGenerator<Versioned<Alert>> {
    let after = '';
    for (;;) {
      const page = await this.#state.list<Alert>(prefix, { after, limit: pageSize });
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < pageSize) return;
      after = last.key;
    }
  }

  async read(id: string): Promise<Versioned<Alert> | undefined> {
    const found = await this.#state.get<Alert>(keyOf(id));
    if (found) this.#note(found.value);
    return found;
  }

  /** `compute` gets the alert or undefined and answers the next one, or undefined to leave it. */
  async change(id: string, compute: (current: Alert | undefined) => Alert | undefined): Promise<Alert | undefined> {
    for (let round = 0; round < roundsMax; round++) {
      const current = await this.read(id);
      const next = compute(current?.value);
      if (next === undefined) return current?.value;
      try {
        return await this.#put(next, current?.revision ?? 0);
      } catch (error) {
        if (errorCode(error) === 'STATE_CONFLICT') continue;
        // It may be written all the same: then its outbox holds something, which nobody else would look for.
        await this.read(id).catch(() => undefined);
        throw error;
      }
    }
    throw new AtalaiaError('ALERT_CONTENDED', `alert ${id} changed ${roundsMax} times while it was being changed; nothing was written`, {
      isRetryable: true,
    });
  }

  /** False when it changed since it was read: somebody opened it again. */
  async remove(alert: Versioned<Alert>): Promise<boolean> {
    try {
      await this.#state.remove(keyOf(alert.value.id), alert.revision);
    } catch (error) {
      if (errorCode(error) === 'STATE_CONFLICT') return false;
      throw error;
    }
    this.#index.delete(alert.value);
    return true;
  }

  async #put(alert: Alert, revision: number): Promise<Alert> {
    try {
      await this.#state.put(keyOf(alert.id), alert, revision);
      this.#note(alert);
      return alert;
    } catch (error) {
      if (errorCode(error) !== 'STATE_TOO_LARGE' || alert.evidence.length === 0) throw error;
      const omitted = alert.evidenceOmitted + alert.evidence.length;
      return await this.#put({ ...alert, evidence: [], evidenceOmitted: omitted, fields: {} }, revision);
    }
  }

  #note(alert: Alert): void {
    this.#index.set(alert);
    if (alert.outbox.length > 0) this.#onPending(alert.id);
  }
}

function keyOf(id: string): string {
  return `${prefix}${id}`;
}
