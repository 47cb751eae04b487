// Findings become alerts that grow. One call of `apply` brings all findings of one journal write, in the order of writes;
// when it resolves they are durable, and the correlator's snapshot may pass that write (DELIVERY.md 23, 24).
// Promises: a write that is applied again, after any crash, changes nothing, whether its alerts are open or closed since.
// After a failed apply, later writes are refused until the failed one went through: skipping works by number, so a later
// write applied first would swallow the earlier one's findings.
// Bounded: groups per rule and alerts at all; findings beyond go into one overflow alert of their rule and are counted.
import { assert, AtalaiaError } from '../../proto/runtime/errors.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { Actor, Alert, AlertSummary, Finding, Level, State } from '../ports.ts';
import { AlertDocuments } from './alert-documents.ts';
import { AlertIndex } from './alert-index.ts';
import { alertLimits } from './alert-limits.ts';
import type { AlertLimits } from './alert-limits.ts';
import { decideAlert } from './decide-alert.ts';
import type { AlertDecision } from './decide-alert.ts';
import { groupFindings, overflowOf, overflowPair } from './group-findings.ts';
import { beginAlert, growAlert } from './grow-alert.ts';
import type { FindingGroup } from './grow-alert.ts';
import { selectAlerts } from './select-alerts.ts';
import type { AlertPage, AlertQuery } from './select-alerts.ts';

export interface AlertStageOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly limits?: Partial<AlertLimits>;
  /** A rule's own drain time in event milliseconds; undefined takes the limit's. */
  readonly drainMsOf?: (ruleId: string) => number | undefined;
}

export type AlertAnswer =
  | { readonly is: 'done'; readonly alert: Alert }
  | { readonly is: 'absent' }
  | { readonly is: 'refused'; readonly reason: string }
  /** Somebody else decided meanwhile; `alert` is how it stands now. */
  | { readonly is: 'changed-meanwhile'; readonly alert: Alert };

export class AlertStage {
  readonly #clock: Clock;
  readonly #limits: AlertLimits;
  readonly #drainMsOf: (ruleId: string) => number | undefined;
  readonly #index = new AlertIndex();
  readonly #documents: AlertDocuments;
  readonly #pending = new Set<string>();
  readonly #pendingWake = new Wake();
  readonly #serial = new Serial();
  #failedWrite = 0;

  private constructor(options: AlertStageOptions) {
    this.#clock = options.clock;
    this.#limits = { ...alertLimits, ...options.limits };
    this.#drainMsOf = options.drainMsOf ?? (() => undefined);
    this.#documents = new AlertDocuments({ state: options.state, index: this.#index, onPending: (id) => this.#notePending(id) });
  }

  static async open(options: AlertStageOptions): Promise<AlertStage> {
    const stage = new AlertStage(options);
    await stage.#documents.load();
    return stage;
  }

  /** All findings of one journal write, once, in ascending order of writes. Durable when it resolves. What the clock finds
   * between two writes comes under a number between theirs. */
  apply(write: number, findings: readonly Finding[]): Promise<void> {
    assert(Number.isFinite(write) && write > 0, `findings come with the number of their journal write, not ${write}`);
    return this.#serial.run(() => this.#applyInOrder(write, findings));
  }

  /** What the hub finds about itself outside of any journal write (engine down, disk full). */
  raise(findings: readonly Finding[]): Promise<void> {
    return this.#serial.run(() => this.#applyGroups(undefined, findings));
  }

  async get(id: string): Promise<Alert | undefined> {
    return isId(id) ? (await this.#documents.read(id))?.value : undefined;
  }

  list(query: AlertQuery = {}): AlertPage {
    return selectAlerts(this.#index.summaries(), query);
  }

  countOpen(isCounted: (alert: AlertSummary) => boolean): Readonly<Record<Level, number>> {
    const counts: Record<Level, number> = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
    for (const alert of this.#index.summaries()) if (alert.status === 'open' && isCounted(alert)) counts[alert.level]++;
    return counts;
  }

  /** `expectedTransitions` is the `transitionCount` the person saw: growth in between is no conflict, a decision is.
   * Undefined decides on whatever is there. */
  async decide(
    id: string,
    decision: AlertDecision,
    { by, expectedTransitions }: { by: Actor; expectedTransitions: number | undefined },
  ): Promise<AlertAnswer> {
    if (!isId(id)) return { is: 'absent' };
    let answer: AlertAnswer = { is: 'absent' };
    await this.#documents.change(id, (current) => {
      answer = this.#decideOn(current, decision, { by, expectedTransitions });
      return answer.is === 'done' ? answer.alert : undefined;
    });
    return answer;
  }

  /** Removes alerts that were closed long enough ago and owe nobody anything. */
  async expire(): Promise<number> {
    let removed = 0;
    for await (const alert of this.#documents.all()) {
      const { status, closedMs, outbox } = alert.value;
      if (status !== 'closed' || outbox.length > 0 || closedMs + this.#limits.closedKeepMs > this.#clock.nowMs()) continue;
      // Serial: an apply that just looked this alert up must not find it gone.
      if (await this.#serial.run(() => this.#documents.remove(alert))) removed++;
    }
    return removed;
  }

  /** Alerts with something in their outbox; waits for the next when there is none. Ends when the signal aborts. */
  async *pending(signal: AbortSignal): AsyncGenerator<string> {
    while (!signal.aborted) {
      const [id] = this.#pending;
      if (id === undefined) {
        await this.#pendingWake.wait(signal);
        continue;
      }
      this.#pending.delete(id);
      yield id;
    }
  }

  /** The outbox's work on these transitions is done; `ticketId` is noted when a ticket was opened. */
  async settle(id: string, ordinals: readonly number[], ticketId: string): Promise<void> {
    await this.#documents.change(id, (current) => {
      if (!current) return undefined;
      const outbox = current.outbox.filter(({ ordinal }) => !ordinals.includes(ordinal));
      if (outbox.length === current.outbox.length && (ticketId === '' || ticketId === current.ticketId)) return undefined;
      return { ...current, outbox, ticketId: ticketId === '' ? current.ticketId : ticketId };
    });
  }

  /** The highest journal write that an alert remembers: the journal never gives a number up to it again. */
  get highestWrite(): number {
    return Math.floor(this.#index.highestWrite);
  }

  status(): { readonly alerts: number; readonly pending: number; readonly failedWrite: number } {
    return { alerts: this.#index.size, pending: this.#pending.size, failedWrite: this.#failedWrite };
  }

  async #applyInOrder(write: number, findings: readonly Finding[]): Promise<void> {
    if (this.#failedWrite > 0 && write > this.#failedWrite) {
      throw new AtalaiaError(
        'ALERT_BEHIND',
        `findings of journal write ${write} wait: those of write ${this.#failedWrite} are not durable yet`,
        {
          isRetryable: true,
        },
      );
    }
    try {
      await this.#applyGroups(write, findings);
      this.#failedWrite = 0;
    } catch (error) {
      this.#failedWrite = write;
      throw error;
    }
  }

  async #applyGroups(write: number | undefined, findings: readonly Finding[]): Promise<void> {
    const groups = groupFindings(findings);
    if (!this.#mayOverflow(groups)) {
      const outcomes = await Promise.allSettled(groups.map((group) => this.#applyGroup(write, group)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      return;
    }
    // Near a limit one after the other: what is there after a crash is then the beginning of the same order, and a replay
    // places every group as the first time did.
    const overflow: FindingGroup[] = [];
    for (const group of groups) {
      if (this.#hasRoom(write, group)) await this.#applyGroup(write, group);
      else overflow.push(group);
    }
    // Overflow last: once it remembers the write, all other alerts of the write are durable, so a replay may skip the rule.
    for (const group of overflowOf(overflow)) await this.#applyGroup(write, group);
  }

  /** False when every group can have an alert of its own in whatever order they come. */
  #mayOverflow(groups: readonly FindingGroup[]): boolean {
    if (this.#index.size + groups.length >= this.#limits.alertsMax) return true;
    const counts = new Map<string, number>();
    for (const { findings } of groups) counts.set(findings[0].ruleId, (counts.get(findings[0].ruleId) ?? 0) + 1);
    return [...counts].some(([ruleId, count]) => this.#index.pairsOfRule(ruleId) + count >= this.#limits.groupsPerRuleMax);
  }

  /** Whether the group gets an alert of its own. */
  #hasRoom(write: number | undefined, { pair, findings }: FindingGroup): boolean {
    const { ruleId, firstMs } = findings[0];
    const newest = this.#index.newest(pair);
    if (newest && (this.#canGrow(newest, firstMs) || isApplied(newest.appliedWrite, write))) return true;
    const { groupsPerRuleMax: enough, alertsMax } = this.#limits;
    if (this.#index.size >= alertsMax) return false;
    return this.#index.growingOfRule(ruleId, { timeMs: firstMs, drainMs: this.#drainMs(ruleId), enough }) < enough;
  }

  async #applyGroup(write: number | undefined, group: FindingGroup): Promise<void> {
    const { ruleId, firstMs } = group.findings[0];
    const overflow = this.#index.newest(overflowPair(ruleId));
    if (overflow && isApplied(overflow.appliedWrite, write)) return;
    const newest = this.#index.newest(group.pair);
    if (newest && isApplied(newest.appliedWrite, write)) return;
    const growth = { group, appliedWrite: write ?? newest?.appliedWrite ?? 0, nowMs: this.#clock.nowMs() };
    if (newest && this.#canGrow(newest, firstMs)) {
      const isGrown = await this.#grow(newest.id, write, growth);
      if (isGrown) return;
    }
    const ordinal = Math.max(Math.floor(write ?? this.#clock.nowMs()), (newest?.ordinal ?? 0) + 1);
    const fresh = beginAlert(growth, ordinal);
    await this.#documents.change(fresh.id, (current) => {
      if (!current) return fresh;
      return isApplied(current.appliedWrite, write) ? undefined : growAlert(current, growth);
    });
  }

  /** False when a person closed it meanwhile (a new one begins), true when the findings are in it. */
  async #grow(id: string, write: number | undefined, growth: Parameters<typeof growAlert>[1]): Promise<boolean> {
    let isIn = false;
    await this.#documents.change(id, (current) => {
      isIn = current !== undefined && (current.status === 'open' || isApplied(current.appliedWrite, write));
      if (!current || !isIn || isApplied(current.appliedWrite, write)) return undefined;
      return growAlert(current, growth);
    });
    return isIn;
  }

  #decideOn(
    current: Alert | undefined,
    decision: AlertDecision,
    { by, expectedTransitions }: { by: Actor; expectedTransitions: number | undefined },
  ): AlertAnswer {
    if (!current) return { is: 'absent' };
    if (expectedTransitions !== undefined && current.transitionCount !== expectedTransitions)
      return { is: 'changed-meanwhile', alert: current };
    const decided = decideAlert(current, decision, { by, atMs: this.#clock.nowMs() });
    return decided.ok ? { is: 'done', alert: decided.alert } : { is: 'refused', reason: decided.reason };
  }

  #canGrow(newest: { readonly isOpen: boolean; readonly lastMs: number; readonly ruleId: string }, timeMs: number): boolean {
    return newest.isOpen && newest.lastMs + this.#drainMs(newest.ruleId) >= timeMs;
  }

  #drainMs(ruleId: string): number {
    return this.#drainMsOf(ruleId) ?? this.#limits.drainMs;
  }

  #notePending(id: string): void {
    this.#pending.add(id);
    this.#pendingWake.wake();
  }
}

/** A finding from no write is never a repeat. */
function isApplied(appliedWrite: number, write: number | undefined): boolean {
  return write !== undefined && write <= appliedWrite;
}

function isId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id);
}
