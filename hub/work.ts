// What the hub's main thread and its workers say to each other. A worker inflates, splits, normalises, matches and
// appends rows to the open block; it hands back findings as bytes and, when told to seal, files the engine can read.
// Every answer carries its journal write, findings or not (DESIGN.md 4).
import type { LaneName } from '../proto/delivery.ts';
import type { Evidence, Level } from './ports.ts';

export interface WorkEntry {
  readonly agentId: string;
  readonly receivedAtMs: number;
  /** The encoded AgentMessage with a Batch. Lost entries do not go to workers. */
  readonly frame: Uint8Array;
}

export type ToWorker =
  | {
      readonly is: 'work';
      readonly write: number;
      readonly committedAtMs: number;
      readonly entries: readonly WorkEntry[];
      /** Block to append rows to; 0 when the rows are stored already and only findings are wanted. */
      readonly block: number;
      /** False when the findings were applied already and only rows are wanted. */
      readonly detect: boolean;
      /** Lines that killed us three times: stored raw with a problem, without rules. */
      readonly poison: readonly { readonly entry: number; readonly index: number }[];
      /** The store refused these rows: they are stored raw. Rules see them as ever. */
      readonly rawRows: boolean;
      /** One line at a time, each announced before it is tried (`trying`): after an unclean stop. */
      readonly careful: boolean;
    }
  | { readonly is: 'seal'; readonly block: number };

/** What a worker is started with. */
export interface WorkerStart {
  /** Rules as one JSON document of RuleSource[], shared by all workers. */
  readonly rules: SharedArrayBuffer;
  readonly blocksFolder: string;
  /** Tells this worker's files from another's. */
  readonly name: string;
  /** Two integers for careful work: 0 waits, 1 goes on. */
  readonly turn: SharedArrayBuffer;
}

export interface RuleSource {
  readonly file: string;
  readonly text: string;
}

export type FromWorker =
  | { readonly is: 'ready' }
  | {
      readonly is: 'worked';
      readonly write: number;
      /** JSON of Worked: bytes are moved, object trees would be copied. */
      readonly worked: Uint8Array;
    }
  | { readonly is: 'sealed'; readonly block: number; readonly file: string; readonly rows: number }
  /** The worker stands still until its turn comes (WorkerStart.turn). */
  | { readonly is: 'trying'; readonly write: number; readonly entry: number; readonly index: number };

/** How many lines of one stream of one batch were worked: the ledger's `stored`. */
export interface StoredLines {
  readonly agentId: string;
  readonly epoch: string;
  readonly lane: LaneName;
  readonly sequence: number;
  readonly streamId: string;
  readonly lines: number;
}

export interface WorkCounts {
  readonly lines: number;
  readonly rawBytes: number;
  readonly problems: number;
  /** Lines by decoder id. */
  readonly decoders: Readonly<Record<string, number>>;
}

/** A single-event match, or a batch's matches of a rule that only a correlation reads, folded by group. */
export interface WorkerFinding {
  readonly ruleId: string;
  readonly ruleVersion: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  /** False for rules that only correlations use: they raise no alert of their own. */
  readonly alerts: boolean;
  readonly group: readonly { readonly field: string; readonly value: string }[];
  readonly agentId: string;
  readonly sourceId: string;
  readonly eventId: string;
  readonly timeMs: number;
  readonly raw: string;
  /** Values that correlations and people want, dotted ECS names. */
  readonly fields: Readonly<Record<string, string>>;
  /** The matches of one batch that this stands for; without it, this is one match. */
  readonly fold?: FindingFold;
}

export interface FindingFold {
  readonly count: number;
  /** Event time and how many matches at it, in the order they were read; neighbours are joined where there are too many. */
  readonly times: readonly (readonly [timeMs: number, count: number])[];
  /** The first few lines, the finding's own among them. `raw` may be shortened; the hash is the whole line's. */
  readonly evidence: readonly Evidence[];
}
