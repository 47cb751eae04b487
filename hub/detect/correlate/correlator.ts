// Correlations on event time. Takes findings of one journal write at a time, in order, and gives what people should see:
// single-event rules as they are, correlations when their condition holds, then what they grow by (counts are additions).
// Everything follows from the writes: the same writes after `restore` give the same findings with the same ids.
// The watermark is the highest event time, held back by the time of commit (one host's wrong clock must not close
// everybody's windows), and moves with the wall clock when nothing comes (`tick`). An event that arrives late is kept for
// a full timespan after its arrival, so that an agent that was away is correlated like any other.
// Memory: `groupsMax` groups a correlation, entries a group by threshold; what is evicted is counted in `figures`.
import type { Finding } from '../../ports.ts';
import type { WorkerFinding } from '../../work.ts';
import type { Ruleset } from '../engine/ruleset.ts';
import { Gathering } from './gather.ts';
import { GroupBook, absenceFields } from './group-book.ts';
import type { BookFigures, Occurrence } from './group.ts';
import type { LinkedCorrelation } from './link.ts';
import { occurrencesOf, singleFinding } from './occurrences.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

export interface AppliedWrite {
  readonly write: number;
  readonly committedAtMs: number;
  readonly findings: readonly WorkerFinding[];
  /** Highest event time of the write, 0 when it had none. */
  readonly maxTimeMs: number;
}

export interface CorrelatorFigures extends BookFigures {
  readonly watermarkMs: number;
  readonly write: number;
}

/** How far behind the watermark windows close: syslog relays and batches are not in order. */
const latenessMs = 10_000;
/** Silence after which the wall clock moves the watermark. */
const idleMs = 10_000;

export class Correlator {
  readonly #ruleset: Ruleset;
  readonly #books: readonly GroupBook[];
  /** Books by the rule or correlation they read. */
  readonly #readers = new Map<string, { readonly book: GroupBook; readonly input: number }[]>();
  #watermarkMs = 0;
  #lastCommitMs = 0;
  #write = 0;

  constructor(ruleset: Ruleset) {
    this.#ruleset = ruleset;
    this.#books = ruleset.correlations.map((correlation) => new GroupBook(correlation));
    for (const book of this.#books)
      for (const [input, id] of book.correlation.inputs.entries())
        this.#readers.set(id, [...(this.#readers.get(id) ?? []), { book, input }]);
  }

  apply({ write, committedAtMs, findings, maxTimeMs }: AppliedWrite): Finding[] {
    const gathering = new Gathering();
    const singles = findings.filter(({ alerts }) => alerts).map(singleFinding);
    for (const occurrence of occurrencesOf(findings.filter(({ ruleId }) => this.#readers.has(ruleId)))) {
      // A write may span hours after an outage: windows close between its events as they would have then.
      this.#advance(Math.min(occurrence.timeMs, committedAtMs), gathering);
      this.#feed(occurrence, gathering);
    }
    this.#write = Math.max(this.#write, write);
    this.#lastCommitMs = Math.max(this.#lastCommitMs, committedAtMs);
    this.#advance(Math.min(maxTimeMs, committedAtMs), gathering);
    return [...singles, ...gathering.findings()];
  }

  /** Closes windows when nothing comes in. */
  tick(nowMs: number): Finding[] {
    const gathering = new Gathering();
    if (this.#lastCommitMs > 0 && nowMs - this.#lastCommitMs >= idleMs) this.#advance(nowMs - idleMs, gathering);
    return gathering.findings();
  }

  snapshot(): Uint8Array {
    const state = { write: this.#write, watermarkMs: this.#watermarkMs, lastCommitMs: this.#lastCommitMs };
    return writeSnapshot({
      ...state,
      books: this.#books.map((book) => ({ id: book.correlation.id, version: book.correlation.version, groups: book.groups() })),
    });
  }

  /** Books of correlations that changed or are gone start empty; returns their ids. Throws when the bytes are no snapshot. */
  restore(bytes: Uint8Array): readonly string[] {
    const snapshot = readSnapshot(bytes);
    this.#write = snapshot.write;
    this.#watermarkMs = snapshot.watermarkMs;
    this.#lastCommitMs = snapshot.lastCommitMs;
    const lost: string[] = [];
    for (const { id, version, groups } of snapshot.books) {
      const book = this.#books.find(({ correlation }) => correlation.id === id && correlation.version === version);
      if (book) book.load(groups);
      else lost.push(id);
    }
    return lost;
  }

  figures(): CorrelatorFigures {
    const sums: BookFigures = { groups: 0, entries: 0, groupsEvicted: 0, entriesEvicted: 0, withoutGroup: 0 };
    for (const book of this.#books) {
      const figures = book.figures();
      for (const name of ['groups', 'entries', 'groupsEvicted', 'entriesEvicted', 'withoutGroup'] as const) sums[name] += figures[name];
    }
    return { ...sums, watermarkMs: this.#watermarkMs, write: this.#write };
  }

  get ruleset(): Ruleset {
    return this.#ruleset;
  }

  #feed(occurrence: Occurrence, gathering: Gathering): void {
    for (const { book, input } of this.#readers.get(occurrence.ruleId) ?? []) {
      const found = book.add(occurrence, input, this.#watermarkMs);
      if (!found) continue;
      if (book.correlation.alerts) gathering.add(book.correlation, found);
      this.#feed(chained(book.correlation, found, occurrence), gathering);
    }
  }

  #advance(toMs: number, gathering: Gathering): void {
    if (toMs <= this.#watermarkMs) return;
    this.#watermarkMs = toMs;
    for (const book of this.#books)
      for (const found of book.close(toMs - latenessMs)) {
        if (book.correlation.alerts) gathering.add(book.correlation, found);
        this.#feed(chained(book.correlation, found, absenceFields(found)), gathering);
      }
  }
}

/** A correlation's finding as an event of the correlations that read it: its group, at the time it became true. */
function chained(
  correlation: LinkedCorrelation,
  found: { readonly lastMs: number; readonly group: readonly string[]; readonly evidence: Occurrence['evidence'] },
  cause: Pick<Occurrence, 'eventId' | 'fields'>,
): Occurrence {
  const fields = { ...cause.fields };
  for (const [at, field] of correlation.groupBy.entries()) fields[field] = found.group[at] ?? '';
  return { ruleId: correlation.id, timeMs: found.lastMs, count: 1, eventId: cause.eventId, fields, evidence: found.evidence };
}
