// What the hub's rooms owe each other. Journal, State and EventStore are the three ports with a contract suite each;
// the grown-up engines come through the same suites. Only pipeline.ts, the workers' entries and main.ts see several rooms.
import type { LaneName } from '../proto/delivery.ts';

// ---------------------------------------------------------------- journal

export interface StreamCounters {
  readonly linesRead: number;
  readonly linesFiltered: number;
  readonly linesTrimmed: number;
  readonly linesCut: number;
  readonly bytesRead: number;
  readonly bytesKept: number;
  readonly linesDropped: Readonly<Record<string, number>>;
}

/** Which file a stream stands in, as the agent told it: an agent that lost its buffer knows its files again by it. */
export interface FileMark {
  readonly device: number;
  readonly inode: number;
  readonly fingerprint: Uint8Array;
  readonly fingerprintBytes: number;
}

export interface StreamMark {
  readonly sourceId: string;
  readonly streamId: string;
  /** Absent where the source is no file. */
  readonly file?: FileMark | undefined;
  readonly offset: number;
  readonly lineNumber: number;
  readonly tailHash: Uint8Array;
  readonly cursor: string;
  readonly counters: StreamCounters;
  /** Journal write that set it; marks have an age limit. */
  readonly write: number;
}

/** What the hub has committed of one lane of one agent. */
export interface LaneMark {
  readonly agentId: string;
  readonly lane: LaneName;
  /** 32 hexadecimal digits. */
  readonly epoch: string;
  readonly sequence: number;
  readonly hash: Uint8Array;
  /** Recent pairs, oldest first, at most a few hundred, thinned with age. */
  readonly recent: readonly { readonly sequence: number; readonly hash: Uint8Array }[];
}

/** One batch or one Lost as it was received. `frame` is the encoded AgentMessage. */
export interface JournalEntry {
  readonly agentId: string;
  readonly lane: LaneName;
  readonly epoch: string;
  /** For a Lost: first and last sequence of the hole. For a batch both are its sequence. */
  readonly fromSequence: number;
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly receivedAtMs: number;
  readonly lineCount: number;
  readonly frame: Uint8Array;
  /** Streams of the batch after it, for the watermarks and the ledger. */
  readonly streams: readonly Omit<StreamMark, 'write'>[];
}

export interface JournalWrite {
  /** 1, 2, 3 … without gaps; never given twice, not even after a crash. */
  readonly number: number;
  readonly committedAtMs: number;
  readonly entries: readonly JournalEntry[];
  /** Per entry and stream: counters before this entry, so that the ledger takes differences. Keyed `${agentId}/${streamId}`. */
  readonly before: ReadonlyMap<string, StreamCounters>;
}

export type AppendOutcome = 'written' | 'repeat' | 'gap' | 'other-epoch';

export interface JournalAppended {
  /** 0 when nothing was new. */
  readonly write: number;
  readonly outcomes: readonly AppendOutcome[];
}

export interface Journal {
  /** One fsynced write. A repeat (even a week later) is skipped; a gap or an unknown epoch is refused, and with it what
   * follows it in that lane and epoch; entry by entry. */
  append(entries: readonly JournalEntry[]): Promise<JournalAppended>;
  /** Writes from number `from` on, then waits for new ones; ends when the signal aborts. */
  read(from: number, signal: AbortSignal): AsyncIterable<JournalWrite>;
  /** Everything up to and with this write is stored and detected. */
  free(upTo: number): Promise<void>;
  /** What is durable, by failed writes too; rejects while that cannot be found out. */
  laneMarks(agentId: string): Promise<readonly LaneMark[]>;
  streamMarks(agentId: string): Promise<readonly StreamMark[]>;
  /** A new epoch of a lane begins at sequence 1 after chain start; the marks of the old one are kept for a while. */
  beginEpoch(agentId: string, lane: LaneName, epoch: string): Promise<void>;
  status(): { readonly oldest: number; readonly next: number; readonly bytes: number; readonly isFull: boolean };
  close(): Promise<void>;
}

// ---------------------------------------------------------------- state

export interface Versioned<T> {
  readonly value: T;
  /** Grows with every change of the key; the optimistic lock. */
  readonly revision: number;
}

export interface StateChange {
  readonly key: string;
  readonly revision: number;
  readonly value: unknown;
}

/** Documents by key (at most 256 KiB of JSON each), compare-and-set, prefixes, watch. No write over several keys. */
export interface State {
  get<T>(key: string): Promise<Versioned<T> | undefined>;
  /** Durable when it resolves. Rejects with STATE_CONFLICT when the revision is not the current one (0 = must not exist). */
  put(key: string, value: unknown, expectedRevision: number): Promise<number>;
  remove(key: string, expectedRevision: number): Promise<void>;
  /** In key order, from `after` (exclusive) on. */
  list<T>(
    prefix: string,
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly (Versioned<T> & { readonly key: string })[]>;
  /** Changes from now on (every one, in order per key); ends when the signal aborts. */
  watch(prefix: string, signal: AbortSignal): AsyncIterable<StateChange>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- event store

export interface BlockRecord {
  readonly number: number;
  /** Journal writes, inclusive. */
  readonly fromWrite: number;
  readonly toWrite: number;
  /** YYYY-MM-DD of commit (UTC): the partition. */
  readonly day: string;
  readonly eventRows: number;
  readonly ledgerRows: number;
  readonly attempt: number;
}

export interface BlockFiles {
  /** Native-format files with event rows (one a worker) and with ledger rows. */
  readonly events: readonly string[];
  readonly ledger: readonly string[];
}

export type BlockPresence = 'all' | 'none' | 'some';

export interface EventSearch {
  /** Parsed query language; see hub/query. */
  readonly where: SearchNode;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly limit: number;
  readonly newestFirst: boolean;
  /** Continues after this event (time, id) in the order asked for. */
  readonly after?: { readonly timeMs: number; readonly id: string };
}

export type SearchNode =
  | { readonly is: 'all' }
  | { readonly is: 'and' | 'or'; readonly of: readonly SearchNode[] }
  | { readonly is: 'not'; readonly of: SearchNode }
  /** A word or phrase in the raw line, case-insensitive; `*` wildcards allowed. */
  | { readonly is: 'text'; readonly value: string; readonly phrase: boolean }
  | { readonly is: 'field'; readonly field: string; readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'exists'; readonly value: string };

export interface StoredEvent {
  readonly id: string;
  readonly timeMs: number;
  readonly createdMs: number;
  readonly ingestedMs: number;
  /** Dotted ECS names. */
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly raw: string;
}

export interface SearchAnswer {
  readonly events: readonly StoredEvent[];
  /** True when a limit ended the search before it saw everything; `reason` says which. */
  readonly isPartial: boolean;
  readonly reason: string;
  readonly tookMs: number;
  readonly rowsRead: number;
}

export interface EventStore {
  /** One insert with its own fsync. Any answer but success is resolved by the caller through `presence`. */
  insert(block: BlockRecord, files: BlockFiles): Promise<void>;
  /** Ends whatever an earlier attempt may still be doing, then counts rows of the block. */
  presence(block: BlockRecord): Promise<BlockPresence>;
  removeBlock(block: Pick<BlockRecord, 'number' | 'day'>): Promise<void>;
  /** At start: rows of blocks that nobody remembers (a restored state is older than the store). */
  removeBlocksAbove(number: number): Promise<number>;
  search(search: EventSearch, signal: AbortSignal): Promise<SearchAnswer>;
  histogram(
    search: Omit<EventSearch, 'limit' | 'newestFirst' | 'after'>,
    bucketMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly timeMs: number; readonly count: number }[]>;
  get(eventIds: readonly string[], signal: AbortSignal): Promise<readonly StoredEvent[]>;
  /** Ledger sums since a time, per agent and source. */
  ledger(sinceMs: number, signal: AbortSignal): Promise<readonly LedgerSum[]>;
  /** Drops whole days of commit before this one; returns how many. */
  expireBefore(day: string): Promise<number>;
  status(): Promise<{ readonly isUp: boolean; readonly restarts: number; readonly rows: number; readonly bytesOnDisk: number }>;
  close(): Promise<void>;
}

export interface LedgerSum {
  readonly agentId: string;
  readonly sourceId: string;
  readonly linesRead: number;
  readonly linesStored: number;
  readonly linesFiltered: number;
  readonly linesDropped: number;
  readonly linesLost: number;
  readonly linesTrimmed: number;
  readonly bytesRead: number;
  readonly bytesKept: number;
}

// ---------------------------------------------------------------- findings, alerts

export interface Finding {
  /** hash(rule id, version, event id or group and window). */
  readonly id: string;
  readonly ruleId: string;
  readonly ruleVersion: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  /** Values that make the alert's identity together with the rule; may be empty. */
  readonly group: readonly { readonly field: string; readonly value: string }[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** At most 20 events: what a person looks at first. */
  readonly evidence: readonly Evidence[];
  /** Dotted ECS names worth showing: addresses, users, hosts. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface Evidence {
  readonly eventId: string;
  readonly timeMs: number;
  readonly agentId: string;
  readonly sourceId: string;
  /** Copied, because retention drops the original. */
  readonly raw: string;
  /** SHA-256 of raw, hexadecimal. */
  readonly sha256: string;
}

export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof levels)[number];

// ---------------------------------------------------------------- people and audit

/** Who does something: a signed-in person, a token, or the hub itself. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Network address of the request, empty when there is none. */
  readonly address: string;
}

export const hubActor: Actor = { id: 'hub', name: 'Atalaia', role: 'hub', address: '' };

/** One change by somebody. `before` and `after` are short summaries for people, never secrets. */
export interface AuditEntry {
  readonly atMs: number;
  readonly actor: Actor;
  /** Verb with its object's kind: `ticket.assign`, `alert.verdict`, `webhook.rotate`. */
  readonly action: string;
  readonly object: string;
  readonly before: string;
  readonly after: string;
}

export interface Audit {
  /** Durable when it resolves. With the same `key` (for example object and revision) it is written once, however often asked. */
  record(entry: AuditEntry, key?: string): Promise<void>;
}

// ---------------------------------------------------------------- alerts as others see them

export const verdicts = ['true-positive', 'false-positive', 'benign-true-positive', 'undetermined'] as const;
export type Verdict = (typeof verdicts)[number];

export type AlertTransitionKind = 'opened' | 'level-raised' | 'verdict' | 'assigned' | 'closed' | 'reopened';

/** A change that people and receivers are told about. Its ordinal makes the webhook id. */
export interface AlertTransition {
  readonly ordinal: number;
  readonly kind: AlertTransitionKind;
  readonly atMs: number;
  readonly by: Actor;
  /** The level after it. */
  readonly level: Level;
  readonly before: string;
  readonly after: string;
  readonly comment: string;
}

export interface AlertEvidence extends Evidence {
  /** True when `raw` was shortened; `sha256` is always that of the whole line. */
  readonly isCut: boolean;
}

/** What a list shows of an alert. */
export interface AlertSummary {
  readonly id: string;
  readonly ruleId: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly group: readonly { readonly field: string; readonly value: string }[];
  readonly constituency: string;
  readonly status: 'open' | 'closed';
  readonly verdict: Verdict | undefined;
  /** Id of the person, empty when nobody has taken it. */
  readonly assignee: string;
  readonly ticketId: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly createdMs: number;
  readonly closedMs: number;
  /** Transitions so far: the optimistic lock of people. Growing does not raise it, or a busy alert could never be judged. */
  readonly transitionCount: number;
}

export interface Alert extends AlertSummary {
  readonly ruleVersion: string;
  /** Of (rule, group); higher for each new alert of the pair. */
  readonly ordinal: number;
  /** Identity of (rule, group), stable over ordinals. */
  readonly pair: string;
  /** Highest journal write whose findings are in it; findings at or below are skipped (DELIVERY.md 23). A fraction
   * stands for what the clock found after that write. */
  readonly appliedWrite: number;
  /** The first and the newest, at most 50, shortened to fit. */
  readonly evidence: readonly AlertEvidence[];
  /** Findings' evidence that was left out. */
  readonly evidenceOmitted: number;
  /** Distinct values by dotted ECS name, bounded. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly fieldValuesOmitted: number;
  /** The newest; earlier ones are in the audit log. */
  readonly transitions: readonly AlertTransition[];
  /** Transitions whose ticket, notifications and audit entry are still to be made, oldest first. */
  readonly outbox: readonly AlertTransition[];
}

/** One transition on its way to the receivers. */
export interface AlertNotice {
  readonly alert: AlertSummary;
  readonly transition: AlertTransition;
}
