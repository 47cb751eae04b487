// The books of one correlation: a group per combination of group-by values, with the entries its windows may still need
// and the episodes it is in. An episode begins when the condition first holds and lasts while events keep coming within a
// timespan of it: one alert that grows instead of one per event.
// What belongs to an episode is no entry any more: an event outside of it is a timespan away, so no window holds both. So a
// flood costs a group one episode, however long it lasts, and not its events.
import { countEvents, countValues, findWindow, holds, holdsAllInputs, holdsInOrder, insertSorted, isAbsence } from './counting.ts';
import type { Entry, Span } from './counting.ts';
import { episodeId } from './episode-id.ts';
import type { BookFigures, Found, Group, Occurrence, WrittenGroup } from './group.ts';
import { charsOf, HeldEntry } from './held-entry.ts';
import type { LinkedCorrelation } from './link.ts';

const groupsMax = 10_000;
const entriesMin = 1_024;
/** Of one input in a group, where only its presence counts: the latest. */
const entriesOfInputMax = 64;
/** Of all groups. */
const entriesInAllMax = 131_072;
const episodesMax = 8;
const evidenceMax = 20;
/** Where only silence is told: the last that was heard. */
const evidenceOfSilenceMax = 1;
/** Where only silence is told, events this share of the timespan apart are one moment (as workers fold them). */
const silenceShare = 64;
/** Raw text that the entries of one correlation may hold in all. */
const evidenceCharsMax = 8 * 1024 * 1024;

export class GroupBook {
  readonly correlation: LinkedCorrelation;
  readonly #isAbsence: boolean;
  /** More than 0 where nothing but silence is looked for: entries closer than this are one. */
  readonly #joinMs: number;
  readonly #entriesMax: number;
  readonly #isOfPresence: boolean;
  /** In order of last use. */
  readonly #groups = new Map<string, Group>();
  #entries = 0;
  #evidenceChars = 0;
  /** Nothing needs closing before this watermark. */
  #nextCloseMs = Infinity;
  readonly #figures = { groupsEvicted: 0, entriesEvicted: 0, withoutGroup: 0 };

  constructor(correlation: LinkedCorrelation) {
    this.correlation = correlation;
    this.#isAbsence = correlation.type === 'event_count' && isAbsence(correlation.condition);
    this.#joinMs = this.#isAbsence && !holds(correlation.condition, 1) ? correlation.timespanMs / silenceShare : 0;
    this.#isOfPresence = correlation.type === 'temporal' || correlation.type === 'temporal_ordered';
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
    const grown = this.#isAbsence ? undefined : this.#grow(group, occurrence, until);
    if (grown) return grown;
    const at = this.#insert(group, occurrence, input, until);
    return this.#isAbsence ? undefined : this.#begin(group, at, until);
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
    return { groups: this.#groups.size, entries: this.#entries, ...this.#figures };
  }

  groups(): Iterable<Group> {
    return this.#groups.values();
  }

  load(groups: readonly WrittenGroup[]): void {
    this.#groups.clear();
    this.#evidenceChars = 0;
    this.#entries = 0;
    for (const written of groups) {
      const group = { ...written, entries: written.entries.map((entry) => new HeldEntry(entry)) };
      this.#groups.set(JSON.stringify(group.values), group);
      this.#entries += group.entries.length;
      for (const { until, chars } of group.entries) {
        this.#nextCloseMs = Math.min(this.#nextCloseMs, until);
        this.#evidenceChars += chars;
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
    if (this.#groups.size >= groupsMax) this.#evictOldest();
    const group: Group = { values, fields: {}, entries: [], episodes: [], isAbsent: false };
    this.#groups.set(key, group);
    return group;
  }

  #evictOldest(): void {
    const [oldest] = this.#groups;
    if (!oldest) return;
    const [key, group] = oldest;
    this.#groups.delete(key);
    this.#remove(group, 0, group.entries.length);
    this.#figures.groupsEvicted++;
  }

  /** Where the entry went. */
  #insert(group: Group, { timeMs, count, eventId, fields, evidence }: Occurrence, input: number, until: number): number {
    const v = this.correlation.fields.length === 0 ? '' : JSON.stringify(this.correlation.fields.map((field) => fields[field] ?? ''));
    const evidenceKept = this.#joinMs > 0 ? evidence.slice(-evidenceOfSilenceMax) : evidence.slice(0, evidenceMax);
    const isFull = this.#evidenceChars + charsOf(evidenceKept) > evidenceCharsMax;
    const entry = { t: timeMs, n: count, v, r: input, until, eventId, evidence: isFull ? [] : evidenceKept };
    const last = group.entries.at(-1);
    if (last && last.r === input && last.t <= timeMs && timeMs - last.t < this.#joinMs) {
      this.#evidenceChars -= last.chars;
      last.become(entry);
      this.#evidenceChars += last.chars;
      return group.entries.length - 1;
    }
    const held = new HeldEntry(entry);
    const at = insertSorted(group.entries, held);
    this.#entries++;
    this.#evidenceChars += held.chars;
    return at - this.#makeRoom(group, input, at);
  }

  /** How many entries before `at` went. */
  #makeRoom(group: Group, input: number, at: number): number {
    while (this.#entries > entriesInAllMax && this.#groups.size > 1) this.#evictOldest();
    const { entries } = group;
    let oldest = entries.length > this.#entriesMax ? 0 : -1;
    if (this.#isOfPresence) {
      const isOfInput = ({ r }: Entry): boolean => r === input;
      if (entries.filter(isOfInput).length > entriesOfInputMax) oldest = entries.findIndex(isOfInput);
    }
    if (oldest < 0) return 0;
    this.#remove(group, oldest, 1);
    this.#figures.entriesEvicted++;
    return oldest < at ? 1 : 0;
  }

  #remove({ entries }: Group, at: number, count: number): void {
    const removed = entries.splice(at, count);
    this.#entries -= removed.length;
    for (const { chars } of removed) this.#evidenceChars -= chars;
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
    this.#remove(group, window.from, inside.length);
    const [first] = inside;
    const firstMs = first?.t ?? 0;
    const lastMs = inside.at(-1)?.t ?? firstMs;
    const id = episodeId(this.correlation, group.values, `${firstMs} ${first?.eventId ?? ''}`);
    // As long as any of its entries would have been kept: they are the episode now.
    group.episodes.push({ id, firstMs, lastMs, until: inside.reduce((latest, entry) => Math.max(latest, entry.until), until) });
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
      this.#remove(group, at, 1);
      if (this.#isAbsence) this.#tellAbsence(group, entry, found);
    }
    for (let at = episodes.length - 1; at >= 0; at--) {
      const until = episodes[at]?.until ?? 0;
      if (until < watermarkMs) episodes.splice(at, 1);
      else this.#nextCloseMs = Math.min(this.#nextCloseMs, until);
    }
  }

  /** The window that ends a timespan after `entry`, now closed. Told once until something comes again. */
  #tellAbsence(group: Group, entry: HeldEntry, found: Found[]): void {
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
