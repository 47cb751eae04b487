// What the books of a correlation hold and give: groups of matches, and what was found in them.
import type { Evidence } from '../../ports.ts';
import type { HeldEntry, WrittenEntry } from './held-entry.ts';

/** One match (or several at the same moment) as a correlation sees it. */
export interface Occurrence {
  readonly ruleId: string;
  readonly timeMs: number;
  readonly count: number;
  readonly eventId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly evidence: readonly Evidence[];
}

export interface Episode {
  readonly id: string;
  firstMs: number;
  lastMs: number;
  until: number;
}

export interface Group {
  readonly values: readonly string[];
  fields: Readonly<Record<string, string>>;
  readonly entries: HeldEntry[];
  readonly episodes: Episode[];
  /** Absence was told and nothing has come since. */
  isAbsent: boolean;
}

/** A group as snapshots have it. */
export type WrittenGroup = Omit<Group, 'entries'> & { readonly entries: readonly WrittenEntry[] };

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
