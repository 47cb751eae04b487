// Matching time per source: a host that writes rule literals all day must not slow the others unseen. Every event is
// matched all the same (skipping would be a hiding place and would make a replay differ); the pipeline grants a source
// that is over its budget less credit, so that it slows itself, and people are told.
// Measured once per batch: two clock readings, nothing per event.

export interface BudgetState {
  readonly agentId: string;
  readonly sourceId: string;
  readonly isOver: boolean;
  /** Mean over the recent batches. */
  readonly microsPerEvent: number;
  /** Times it went over since the start. */
  readonly overCount: number;
}

interface Account {
  agentId: string;
  sourceId: string;
  /** Milliseconds of matching it may still spend. */
  leftMs: number;
  filledAtMs: number;
  microsPerEvent: number;
  overCount: number;
}

export interface BudgetLimits {
  /** Milliseconds of matching a source may take of every second. */
  readonly msPerSecond: number;
  readonly burstMs: number;
  readonly sourcesMax: number;
}

export const budgetDefaults: BudgetLimits = { msPerSecond: 250, burstMs: 2_000, sourcesMax: 16_384 };

export class MatchBudget {
  readonly #limits: BudgetLimits;
  readonly #accounts = new Map<string, Account>();

  constructor(limits: BudgetLimits = budgetDefaults) {
    this.#limits = limits;
  }

  /** Returns true when this batch took the source over its budget: the moment to tell. */
  spend(source: { readonly agentId: string; readonly sourceId: string }, events: number, spentMs: number, nowMs: number): boolean {
    const account = this.#account(source, nowMs);
    const { msPerSecond, burstMs } = this.#limits;
    const wasOver = account.leftMs < 0;
    account.leftMs = Math.min(burstMs, account.leftMs + (Math.max(0, nowMs - account.filledAtMs) * msPerSecond) / 1_000) - spentMs;
    account.filledAtMs = nowMs;
    if (events > 0) account.microsPerEvent += ((spentMs * 1_000) / events - account.microsPerEvent) / 8;
    const isNew = account.leftMs < 0 && !wasOver;
    if (isNew) account.overCount++;
    return isNew;
  }

  states(): BudgetState[] {
    return [...this.#accounts.values()].map(({ agentId, sourceId, leftMs, microsPerEvent, overCount }) => ({
      agentId,
      sourceId,
      isOver: leftMs < 0,
      microsPerEvent,
      overCount,
    }));
  }

  #account({ agentId, sourceId }: { readonly agentId: string; readonly sourceId: string }, nowMs: number): Account {
    const key = `${agentId}/${sourceId}`;
    const known = this.#accounts.get(key);
    if (known) {
      // Least recently used goes first when there are too many.
      this.#accounts.delete(key);
      this.#accounts.set(key, known);
      return known;
    }
    const account = { agentId, sourceId, leftMs: this.#limits.burstMs, filledAtMs: nowMs, microsPerEvent: 0, overCount: 0 };
    this.#accounts.set(key, account);
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size > this.#limits.sourcesMax && oldest !== undefined) this.#accounts.delete(oldest);
    return account;
  }
}
