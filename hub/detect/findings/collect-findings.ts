// The worker's side of detection: matches of one batch become few findings. Matches of a rule that agree in the fields
// that matter (the alert's group, what correlations group and count by) are one finding with a count and its times, so a
// noisy rule costs a finding per group, not per event. Call `take` at the end of every batch: folds never span two, so
// that the same batch gives the same findings whoever works it, and however often.
// A rule with more than `keysMax` groups in one batch keeps counting, in one finding without the group's values.
import { hash } from 'node:crypto';
import type { EventRow } from '../../../config/fields/row.ts';
import { eventId } from '../../../proto/ids.ts';
import type { EventPlace } from '../../../proto/ids.ts';
import type { Evidence } from '../../ports.ts';
import type { WorkerFinding } from '../../work.ts';
import type { CompiledRule, Ruleset } from '../engine/ruleset.ts';
import { FieldValues } from './field-values.ts';
import { defaultGroup, ruleReads } from './rule-reads.ts';
import type { RuleReads } from './rule-reads.ts';

export interface FindingPlace extends EventPlace {
  readonly sourceId: string;
}

const keysMax = 4_096;
const timesMax = 2_048;
const evidencePerFold = 5;
const rawCharsMax = 8_192;
const valueCharsMax = 512;

/** What people want to see beside any finding, where the event has it. */
const shownFields = [
  'source.ip',
  'source.port',
  'destination.ip',
  'destination.port',
  'user.name',
  'user.target.name',
  'host.name',
  'process.name',
  'process.command_line',
  'http.request.method',
  'http.response.status_code',
  'url.original',
  'user_agent.original',
  'event.action',
  'event.outcome',
  'rule.id',
  'rule.name',
] as const;

interface Fold {
  readonly finding: Omit<WorkerFinding, 'fold'>;
  readonly joinMs: number;
  count: number;
  times: [timeMs: number, count: number][];
  readonly evidence: Evidence[];
}

export class FindingCollector {
  readonly #ruleset: Ruleset;
  readonly #reads: readonly RuleReads[];
  /** By rule, then by key. */
  readonly #folds = new Map<number, Map<string, Fold>>();
  /** The fold that the last event of the rule went to, and where it came from: rules that match everything pass here. */
  readonly #last: ({ readonly agentId: string; readonly sourceId: string; readonly fold: Fold } | undefined)[] = [];
  readonly #values = new FieldValues();

  constructor(ruleset: Ruleset) {
    this.#ruleset = ruleset;
    this.#reads = ruleReads(ruleset);
  }

  note(ruleIndex: number, row: EventRow, place: FindingPlace): void {
    const rule = this.#ruleset.rules[ruleIndex];
    const reads = this.#reads[ruleIndex];
    if (!rule || !reads) return;
    const last = this.#last[ruleIndex];
    if (reads.isOfPlaceOnly && last && last.sourceId === place.sourceId && last.agentId === place.agentId) {
      addTo(last.fold, row, place);
      return;
    }
    const fold = this.#foldFor(ruleIndex, reads, row, place);
    if (reads.isOfPlaceOnly) this.#last[ruleIndex] = { agentId: place.agentId, sourceId: place.sourceId, fold };
    addTo(fold, row, place);
  }

  /** The findings of the batch, in the order of their first match. */
  take(): WorkerFinding[] {
    const findings: WorkerFinding[] = [];
    for (const folds of this.#folds.values())
      for (const { finding, count, times, evidence } of folds.values()) findings.push({ ...finding, fold: { count, times, evidence } });
    this.#folds.clear();
    this.#last.length = 0;
    return findings;
  }

  #foldFor(ruleIndex: number, reads: RuleReads, row: EventRow, place: FindingPlace): Fold {
    const values = reads.keyFields.map((field) => this.#value(field, row, place));
    let folds = this.#folds.get(ruleIndex);
    if (!folds) this.#folds.set(ruleIndex, (folds = new Map()));
    const isFull = folds.size >= keysMax;
    const key = keyOf(place, values);
    const known = folds.get(key) ?? (isFull ? folds.get('') : undefined);
    if (known) return known;
    const rule = this.#ruleset.rules[ruleIndex];
    if (!rule) throw new Error(`broken invariant: no rule ${ruleIndex}`);
    const fold: Fold = {
      finding: this.#finding(rule, isFull ? undefined : reads, row, place),
      joinMs: reads.joinMs,
      count: 0,
      times: [],
      evidence: [],
    };
    folds.set(isFull ? '' : key, fold);
    return fold;
  }

  #finding(rule: CompiledRule, reads: RuleReads | undefined, row: EventRow, place: FindingPlace): Omit<WorkerFinding, 'fold'> {
    const fields: Record<string, string> = {};
    for (const field of reads ? [...reads.keyFields, ...shownFields] : []) {
      const value = this.#value(field, row, place);
      if (value !== '') fields[field] = value.slice(0, valueCharsMax);
    }
    const { id: ruleId, version: ruleVersion, title, level, tags, alerts } = rule;
    return {
      ruleId,
      ruleVersion,
      title,
      level,
      tags,
      alerts,
      group: this.#group(rule, row, place, reads !== undefined),
      agentId: place.agentId,
      sourceId: place.sourceId,
      eventId: eventId(place),
      timeMs: row.timeMs,
      raw: row.raw.slice(0, rawCharsMax),
      fields,
    };
  }

  /** `x-group-by`, else the address, the user or the host, whichever the event has; always within the agent. */
  #group(rule: CompiledRule, row: EventRow, place: FindingPlace, hasValues: boolean): { field: string; value: string }[] {
    const agent = { field: 'agent.id', value: place.agentId };
    if (!hasValues) return [agent];
    const present = (fields: readonly string[]): { field: string; value: string }[] =>
      fields.map((field) => ({ field, value: this.#value(field, row, place) })).filter(({ value }) => value !== '');
    if (rule.alertGroupBy) return present(rule.alertGroupBy);
    return [...present(defaultGroup).slice(0, 1), agent];
  }

  #value(field: string, row: EventRow, place: FindingPlace): string {
    if (field === 'agent.id') return place.agentId;
    if (field === 'atalaia.source.id') return place.sourceId;
    return this.#values.of(field, row);
  }
}

/** Lengths before the texts: nobody's value can be made to look like another's two. A third of what JSON costs. */
function keyOf({ agentId, sourceId }: FindingPlace, values: readonly string[]): string {
  let key = `${agentId.length}:${agentId}${sourceId.length}:${sourceId}`;
  for (const value of values) key += `${value.length}:${value}`;
  return key;
}

function addTo(fold: Fold, row: EventRow, place: FindingPlace): void {
  fold.count++;
  const last = fold.times.at(-1);
  if (!last) fold.times.push([row.timeMs, 1]);
  else if (Math.abs(last[0] - row.timeMs) <= fold.joinMs) {
    last[0] = Math.max(last[0], row.timeMs);
    last[1]++;
  } else {
    fold.times.push([row.timeMs, 1]);
    if (fold.times.length > timesMax) fold.times = joinNeighbours(fold.times);
  }
  if (fold.evidence.length < evidencePerFold) fold.evidence.push(evidenceOf(row, place));
}

/** Half as many; of two the later time, which is at most a few events away. */
function joinNeighbours(times: readonly [number, number][]): [number, number][] {
  const sorted = times.toSorted((a, b) => a[0] - b[0]);
  return sorted.flatMap(([timeMs, count], at) => {
    if (at % 2 === 0 && at + 1 < sorted.length) return [];
    const before = at % 2 === 1 ? (sorted[at - 1]?.[1] ?? 0) : 0;
    return [[timeMs, count + before]];
  });
}

function evidenceOf(row: EventRow, place: FindingPlace): Evidence {
  return {
    eventId: eventId(place),
    timeMs: row.timeMs,
    agentId: place.agentId,
    sourceId: place.sourceId,
    raw: row.raw.slice(0, rawCharsMax),
    sha256: hash('sha256', row.raw, 'hex'),
  };
}
