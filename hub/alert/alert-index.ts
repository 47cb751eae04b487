// What the alert stage keeps in memory: a summary of every alert, and of each (rule, group) the newest one. Rebuilt from
// State at start, so it can never disagree with the documents for longer than one life. Bounded by alertsMax, above which
// no new groups are begun.
import type { Alert, AlertSummary } from '../ports.ts';
import { summaryOf } from './grow-alert.ts';

export interface NewestAlert {
  readonly id: string;
  readonly ruleId: string;
  readonly ordinal: number;
  readonly appliedWrite: number;
  readonly isOpen: boolean;
  readonly lastMs: number;
}

export class AlertIndex {
  readonly #summaries = new Map<string, AlertSummary>();
  readonly #newest = new Map<string, NewestAlert>();
  readonly #pairsOfRule = new Map<string, Set<string>>();

  highestWrite = 0;

  get size(): number {
    return this.#summaries.size;
  }

  set(alert: Alert): void {
    this.#summaries.set(alert.id, summaryOf(alert));
    this.highestWrite = Math.max(this.highestWrite, alert.appliedWrite);
    const newest = this.#newest.get(alert.pair);
    if (newest && newest.ordinal > alert.ordinal) return;
    const { id, ruleId, ordinal, appliedWrite, lastMs } = alert;
    this.#newest.set(alert.pair, { id, ruleId, ordinal, appliedWrite, lastMs, isOpen: alert.status === 'open' });
    const pairs = this.#pairsOfRule.get(ruleId);
    if (pairs) pairs.add(alert.pair);
    else this.#pairsOfRule.set(ruleId, new Set([alert.pair]));
  }

  delete(alert: Alert): void {
    this.#summaries.delete(alert.id);
    if (this.#newest.get(alert.pair)?.id !== alert.id) return;
    this.#newest.delete(alert.pair);
    const pairs = this.#pairsOfRule.get(alert.ruleId);
    pairs?.delete(alert.pair);
    if (pairs?.size === 0) this.#pairsOfRule.delete(alert.ruleId);
  }

  newest(pair: string): NewestAlert | undefined {
    return this.#newest.get(pair);
  }

  /** Groups of the rule that ever had an alert that is still kept. */
  pairsOfRule(ruleId: string): number {
    return this.#pairsOfRule.get(ruleId)?.size ?? 0;
  }

  /** Alerts of the rule that a finding at `timeMs` could still grow. Stops counting at `enough`. */
  growingOfRule(ruleId: string, { timeMs, drainMs, enough }: { timeMs: number; drainMs: number; enough: number }): number {
    let count = 0;
    for (const pair of this.#pairsOfRule.get(ruleId) ?? []) {
      const newest = this.#newest.get(pair);
      if (newest?.isOpen && newest.lastMs + drainMs >= timeMs && ++count >= enough) break;
    }
    return count;
  }

  summaries(): Iterable<AlertSummary> {
    return this.#summaries.values();
  }
}
