// What the hub's pipeline is built from. The simulation builds the same pipeline from faulty ones.
import type { Clock } from '../proto/runtime/clock.ts';
import type { Detection } from './detection.ts';
import type { Worked } from './line-work.ts';
import type { Journal, JournalWrite, State } from './ports.ts';
import type { BlockKeeper } from './store/blocks.ts';
import type { LedgerRow } from './store/native/ledger-file.ts';
import type { ToWorker } from './work.ts';

export type Work = Extract<ToWorker, { is: 'work' }>;

export interface TriedLine {
  readonly entry: number;
  readonly index: number;
}

/** Whoever makes rows and findings of lines: threads in the hub, a plain function in the simulation. */
export interface LineWorkers {
  /** In the order of the calls. Careful work resolves `trying` before each line. Rejects with WORKER_FAILED when the
   * work ended the worker or took too long; the rows of every open block are void then, and `reset` must follow. */
  work(work: Work, trying: (line: TriedLine) => Promise<void>): Promise<Worked>;
  /** The block's files, after all work that was asked for before. A block without rows has none. */
  seal(block: number): Promise<readonly string[]>;
  /** Throws every open block away; fresh workers. */
  reset(): Promise<void>;
}

export interface PipelineLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface PipelineParts {
  readonly journal: Journal;
  readonly state: State;
  readonly clock: Clock;
  readonly log: PipelineLog;
  readonly lines: LineWorkers;
  /** A fresh one for every life of the pipeline. */
  readonly openKeeper: () => BlockKeeper;
  /** Correlator as its snapshot has it. `from` is the first write that the journal still holds. */
  readonly openDetection: (oldestWrite: number, signal: AbortSignal) => Promise<Detection>;
  /** Writes the block's ledger rows; answers the file. */
  readonly writeLedger: (block: number, rows: readonly LedgerRow[]) => Promise<string>;
  /** For rates and figures: once per write and life, when its rows and findings are made. */
  readonly onWorked?: (write: JournalWrite, worked: Worked) => void;
}
