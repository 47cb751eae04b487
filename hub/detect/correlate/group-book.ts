// The books of one correlation: a group per combination of group-by values, with the entries its windows may still need
// and the episodes it is in. An episode begins when the condition first holds and lasts while events keep coming within a
// timespan of it: one alert that grows instead of one per event.
import type { Evidence } from '../../ports.ts';
import { countEvents, countValues, findWindow, holds, holdsAllInputs, holdsInOrder, insertSorted, isAbsence } from './counting.ts';
import type { Entry, Span } from './counting.ts';
import { episodeId } from './episode-id.ts';
import type { LinkedCorrelation } from './link.ts';

/** One match (or several at the same moment) as a correlation sees it. */
export interface Occurrence {
  readonly ruleId: string;
  readonly timeMs: number;
  readonly count: number;
  readonly eventId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly evidence: readonly Evidence[];
}

export interface BookEntry extends Entry {
  readonly eventId: string;
  evidence: readonly Evidence[];
}

interface Episode {
  readonly id: string;
  firstMs: number;
  lastMs: number;
  until: number;
}

export interface Group {
  readonly values: readonly string[];
  fields: Readonly<Record<string, string>>;
  readonly entries: BookEntry[];
  readonly episodes: Episode[];
  /** Absence was told and nothing has come since. */
  isAbsent: boolean;
}

/** What a correlation found: a new episode or what one grew by. */
export interface Found {
  readonly id: string;
  readonly group: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly evidence: readonly Evidence[];
  readonly fields: Readonly<Record<string, string>>;
}

export interface BookFigures {
  groups: number;
  entries: number;
  groupsEvicted: number;
  entriesEvicted: number;
  withoutGroup: number;
}

const groupsMax = 10_000;
const entriesMin = 1_024;
const episodesMax = 8;
const evidenceMax = 20;
/** Raw text that the entries of one correlation may hold in all. */
const evidenceCharsMax = 8 * 1024 * 1024;

export class GroupBook {
  readonly correlation: LinkedCorrelation;
  readonly #isAbsence: boolean;
  readonly #entriesMax: number;
  /** In order of last use. */
  readonly #groups = new Map<string, Group>();
  #evidenceChars = 0;
  /** Nothing needs closing before this watermark. */
  #nextCloseMs = Infinity;
  readonly #figures = { groupsEvicted: 0, entriesEvicted: 0, withoutGroup: 0 };

  constructor(correlation: LinkedCorrelation) {
    this.correlation = correlation;
    this.#isAbsence = correlation.type === 'event_count' && isAbsence(correlation.condition);
    const { gt = 0, gte = 0, lt = 0, lte = 0, eq = 0 } = correlation.condition;
    this.#entriesMax = Math.max(entriesMin, 2 * Math.max(gt, gte, lt, lte, eq));
  }

  add(occurrence: Occurrence, input: number, watermarkMs: number): Found | undefined {
    const values = this.#groupValues(occurrence, input);
    if (!values) {
      this.#figures.withoutGroup += occurrence.count;
      return undefined;
    }
    const group = this.#group(values);
    group.fields = occurrence.fields;
    group.isAbsent = false;
    const until = Math.max(occurrence.timeMs, watermarkMs) + this.correlation.timespanMs;
    this.#nextCloseMs = Math.min(this.#nextCloseMs, until);
    const at = this.#insert(group, occurrence, input, until);
    if (this.#isAbsence) return undefined;
    return this.#grow(group, occurrence, until) ?? this.#begin(group, at, until);
  }

  /** Forgets what no window needs any more and tells absences. */
  close(watermarkMs: number): Found[] {
    if (watermarkMs <= this.#nextCloseMs) return [];
    this.#nextCloseMs = Infinity;
    const found: Found[] = [];
    for (const [key, group] of this.#groups) {
      this.#expire(group, watermarkMs, found);
      if (group.entries.length === 0 && group.episodes.length === 0 && !this.#isAbsence) this.#groups.delete(key);
    }
    return found;
  }

  figures(): BookFigures {
    let entries = 0;
    for (const group of this.#groups.values()) entries += group.entries.length;
    return { groups: this.#groups.size, entries, ...this.#figures };
  }

  dump(): Group[] {
    return [...this.#groups.values()];
  }

  load(groups: readonly Group[]): void {
    this.#groups.clear();
    this.#evidenceChars = 0;
    for (const group of groups) {
      this.#groups.set(JSON.stringify(group.values), group);
      for (const { until, evidence } of group.entries) {
        this.#nextCloseMs = Math.min(this.#nextCloseMs, until);
        this.#evidenceChars += charsOf(evidence);
      }
      for (const { until } of group.episodes) this.#nextCloseMs = Math.min(this.#nextCloseMs, until);
    }
  }

  /** undefined when a field is missing: grouping strangers by "nothing" would join them. */
  #groupValues({ fields }: Occurrence, input: number): string[] | undefined {
    const values: string[] = [];
    for (const field of this.correlation.groupFields[input] ?? []) {
      const value = fields[field];
      if (value === undefined || value === '') return undefined;
      values.push(value);
    }
    return values;
  }

  #group(values: readonly string[]): Group {
    const key = JSON.stringify(values);
    const known = this.#groups.get(key);
    if (known) {
      this.#groups.delete(key);
      this.#groups.set(key, known);
      return known;
    }
    const [oldest] = this.#groups;
    if (this.#groups.size >= groupsMax && oldest) {
      this.#groups.delete(oldest[0]);
      for (const entry of oldest[1].entries) this.#evidenceChars -= charsOf(entry.evidence);
      this.#figures.groupsEvicted++;
    }
    const group: Group = { values, fields: {}, entries: [], episodes: [], isAbsent: false };
    this.#groups.set(key, group);
    return group;
  }

  #insert(group: Group, { timeMs, count, eventId, fields, evidence }: Occurrence, input: number, until: number): number {
    const v = this.correlation.fields.length === 0 ? '' : JSON.stringify(this.correlation.fields.map((field) => fields[field] ?? ''));
    const chars = charsOf(evidence);
    const kept = this.#evidenceChars + chars > evidenceCharsMax ? [] : evidence.slice(0, evidenceMax);
    this.#evidenceChars += charsOf(kept);
    const at = insertSorted(group.entries, { t: timeMs, n: count, v, r: input, until, eventId, evidence: kept });
    if (group.entries.length <= this.#entriesMax) return at;
    this.#drop(group, 0);
    this.#figures.entriesEvicted++;
    return Math.max(0, at - 1);
  }

  #drop(group: Group, at: number): void {
    const [dropped] = group.entries.splice(at, 1);
    if (dropped) this.#evidenceChars -= charsOf(dropped.evidence);
  }

  #grow(group: Group, { timeMs, count, evidence, fields }: Occurrence, until: number): Found | undefined {
    const spanMs = this.correlation.timespanMs;
    const episode = group.episodes.find(({ firstMs, lastMs }) => timeMs > firstMs - spanMs && timeMs < lastMs + spanMs);
    if (!episode) return undefined;
    episode.firstMs = Math.min(episode.firstMs, timeMs);
    episode.lastMs = Math.max(episode.lastMs, timeMs);
    episode.until = Math.max(episode.until, until);
    return { id: episode.id, group: group.values, firstMs: timeMs, lastMs: timeMs, count, evidence, fields };
  }

  #begin(group: Group, at: number, until: number): Found | undefined {
    const { entries } = group;
    const window = findWindow(entries, at, this.correlation.timespanMs, (from, to) => this.#satisfies(entries, { from, to }));
    if (!window) return undefined;
    const inside = entries.slice(window.from, window.to + 1);
    const [first] = inside;
    const firstMs = first?.t ?? 0;
    const lastMs = inside.at(-1)?.t ?? firstMs;
    const id = episodeId(this.correlation, group.values, `${firstMs} ${first?.eventId ?? ''}`);
    group.episodes.push({ id, firstMs, lastMs, until });
    if (group.episodes.length > episodesMax) group.episodes.shift();
    const count = inside.reduce((sum, { n }) => sum + n, 0);
    return {
      id,
      group: group.values,
      firstMs,
      lastMs,
      count,
      evidence: inside.flatMap(({ evidence }) => evidence).slice(0, evidenceMax),
      fields: group.fields,
    };
  }

  #satisfies(entries: readonly Entry[], window: Span): boolean {
    const { type, condition, inputs } = this.correlation;
    if (type === 'temporal') return holdsAllInputs(entries, window, inputs.length);
    if (type === 'temporal_ordered') return holdsInOrder(entries, window, inputs.length);
    const counting = type === 'value_count' ? countValues : countEvents;
    return holds(condition, counting(entries, window.from, window.to));
  }

  #expire(group: Group, watermarkMs: number, found: Found[]): void {
    const { entries, episodes } = group;
    for (let at = 0; at < entries.length;) {
      const entry = entries[at];
      if (!entry || entry.until >= watermarkMs) {
        this.#nextCloseMs = Math.min(this.#nextCloseMs, entry?.until ?? Infinity);
        at++;
        continue;
      }
      this.#drop(group, at);
      if (this.#isAbsence) this.#tellAbsence(group, entry, found);
    }
    for (let at = episodes.length - 1; at >= 0; at--) {
      const until = episodes[at]?.until ?? 0;
      if (until < watermarkMs) episodes.splice(at, 1);
      else this.#nextCloseMs = Math.min(this.#nextCloseMs, until);
    }
  }

  /** The window that ends a timespan after `entry`, now closed. Told once until something comes again. */
  #tellAbsence(group: Group, entry: BookEntry, found: Found[]): void {
    const remaining = countEvents(group.entries, 0, group.entries.length - 1);
    if (group.isAbsent || !holds(this.correlation.condition, remaining)) return;
    group.isAbsent = true;
    const id = episodeId(this.correlation, group.values, `absent since ${entry.t}`);
    found.push({
      id,
      group: group.values,
      firstMs: entry.t,
      lastMs: entry.t + this.correlation.timespanMs,
      count: 1,
      evidence: entry.evidence,
      fields: group.fields,
    });
  }
}

export function absenceFields(found: Found): Pick<Occurrence, 'eventId' | 'fields'> {
  return { eventId: found.id, fields: found.fields };
}

function charsOf(evidence: readonly Evidence[]): number {
  return evidence.reduce((sum, { raw }) => sum + raw.length + 200, 0);
}
