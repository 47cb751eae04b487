// What `discover` finds: places that lines can be collected from, and what it saw and leaves out.

export interface Candidate {
  readonly id: string;
  readonly type: 'file' | 'journald' | 'socket';
  /** Globs of files, or the one path of a socket; empty for the journal. */
  readonly paths: readonly string[];
  readonly exclude?: readonly string[];
  /** A decoder of the hub, or empty: the hub recognises. */
  readonly typeHint: string;
  /** Lines that are no records of their own; RE2. */
  readonly continuation?: string;
  /** How the agent reads lines that belong together. */
  readonly records?: 'zeek' | 'audit';
  /** Where it was read that lines are written there. */
  readonly why: string;
  /** What the reader should know about it. */
  readonly notes?: readonly string[];
  /** Something has to be done before it works, each with the remedy. */
  readonly toDo?: readonly string[];
  /** JSON fields that are bulky and seldom needed; told where a sample has them. */
  readonly bulky?: readonly string[];
  /** Which lines of the file nobody but this service writes, where others may write into it too. */
  readonly own?: Where;
  /** Not proposed without being asked for; why. */
  readonly heldBack?: string;
}

/** As in a policy's `where`. */
export type Where = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;

/** Lines of `source` that another source holds too; they are dropped by this condition. */
export interface Repeat {
  readonly source: string;
  readonly where: Where;
  readonly because: string;
}

export interface LeftOut {
  readonly what: string;
  readonly because: string;
}

export interface Found {
  readonly candidates: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
  readonly repeats?: readonly Repeat[];
}

export const nothing: Found = { candidates: [], leftOut: [] };

export function together(...parts: readonly Found[]): Found {
  return {
    candidates: parts.flatMap(({ candidates }) => candidates),
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
    repeats: parts.flatMap(({ repeats }) => repeats ?? []),
  };
}
