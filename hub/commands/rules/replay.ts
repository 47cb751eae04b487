// Detection over a run of events in one process, as the hub does it in several: match, fold, correlate. What `rules
// replay`, `rules test` and backtests share. Each batch is one journal write; commit time is the newest event time, so a
// replay of last year's events behaves as they did then.
import type { EventRow } from '../../../config/fields/row.ts';
import { Correlator } from '../../detect/correlate/correlator.ts';
import type { Matcher, Ruleset } from '../../detect/engine/ruleset.ts';
import { FindingCollector } from '../../detect/findings/collect-findings.ts';
import type { Finding } from '../../ports.ts';

export interface ReplayedFinding {
  readonly finding: Finding;
  /** Latest event time when it was first found. */
  readonly foundAtMs: number;
  /** Numbers of the events kept as evidence. */
  readonly events: readonly number[];
}

const replayAgent = '0'.repeat(32);
/** Windows may be up to a month long. */
const drainMs = 32 * 86_400_000;

export class Replay {
  readonly #matcher: Matcher;
  readonly #collector: FindingCollector;
  readonly #correlator: Correlator;
  readonly #found = new Map<string, ReplayedFinding>();
  readonly #correlations: ReadonlySet<string>;
  #write = 0;
  #maxTimeMs = 0;
  #pending = 0;
  readonly #batchEvents: number;

  constructor(ruleset: Ruleset, batchEvents = 1_000) {
    this.#matcher = ruleset.matcher();
    this.#collector = new FindingCollector(ruleset);
    this.#correlator = new Correlator(ruleset);
    this.#batchEvents = batchEvents;
    this.#correlations = new Set(ruleset.correlations.map(({ id }) => id));
  }

  add(row: EventRow, number: number, sourceId = 'replay'): void {
    const place = { agentId: replayAgent, epoch: replayAgent, lane: 'normal', sequence: this.#write + 1, index: number, sourceId } as const;
    this.#matcher.match(row, (rule) => this.#collector.note(rule, row, place));
    this.#maxTimeMs = Math.max(this.#maxTimeMs, row.timeMs);
    if (++this.#pending >= this.#batchEvents) this.flush();
  }

  flush(): void {
    const findings = this.#collector.take();
    this.#pending = 0;
    this.#keep(this.#correlator.apply({ write: ++this.#write, committedAtMs: this.#maxTimeMs, findings, maxTimeMs: this.#maxTimeMs }));
  }

  /** Ends at a given time (absences up to there are told), or as if nothing came for a month. */
  finish(atMs: number = this.#maxTimeMs + drainMs): ReplayedFinding[] {
    this.flush();
    this.#keep(this.#correlator.tick(atMs));
    return [...this.#found.values()];
  }

  /** Matches of a single-event rule grow one alert by their group, so they are one here; episodes have their own id. */
  #keyOf(finding: Finding): string {
    return this.#correlations.has(finding.ruleId) ? finding.id : JSON.stringify([finding.ruleId, finding.group]);
  }

  #keep(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const key = this.#keyOf(finding);
      const held = this.#found.get(key);
      const events = finding.evidence.map(({ eventId }) => Number(eventId.slice(eventId.lastIndexOf(':') + 1)));
      if (!held) this.#found.set(key, { finding, foundAtMs: finding.lastMs, events });
      else
        this.#found.set(key, {
          ...held,
          finding: grown(held.finding, finding),
          events: [...new Set([...held.events, ...events])].slice(0, 100),
        });
    }
  }
}

function grown(held: Finding, added: Finding): Finding {
  return {
    ...added,
    firstMs: Math.min(held.firstMs, added.firstMs),
    lastMs: Math.max(held.lastMs, added.lastMs),
    count: held.count + added.count,
  };
}
