// What a syslog daemon writes into files, whichever daemon it is, and which of its files hold the same lines.
import { overlaps, type PrioritySet } from './priority-set.ts';

/** The lines that a rule speaks of; shared by the actions of the rule. */
export interface SyslogCondition {
  readonly priorities: PrioritySet;
  /** What else must hold, as it is written; empty where the priority alone decides. */
  readonly filter: string;
  /** Lines of it go no further. */
  isFinal: boolean;
}

export interface SyslogOutput {
  /** A glob where the name is made of what a message says. */
  readonly path: string;
  readonly condition: SyslogCondition;
  /** Rules of different sets see different messages. */
  readonly ruleset: string;
  readonly order: number;
  /** `/etc/rsyslog.conf:12`. */
  readonly at: string;
}

export interface SyslogDaemon {
  readonly name: string;
  readonly outputs: readonly SyslogOutput[];
  /** Files that it reads itself, with the program name it gives their lines. */
  readonly follows: readonly { readonly path: string; readonly tag: string }[];
  /** It takes messages that the journal of this host does not have. */
  readonly hasOtherInputs: boolean;
  /** It reads the journal itself. */
  readonly readsJournal: boolean;
}

/** Whether a line may stand in both files. */
export function mayShareLines(a: SyslogOutput, b: SyslogOutput): boolean {
  if (a.ruleset !== b.ruleset || !overlaps(a.condition.priorities, b.condition.priorities)) return false;
  const [first, second] = a.order < b.order ? [a.condition, b.condition] : [b.condition, a.condition];
  if (first === second) return true;
  // What the first took ends there; the second sees the rest.
  if (first.isFinal) return false;
  return !areApart(first.filter, second.filter);
}

/** Both ask for a program by its whole name, and for different ones. */
function areApart(a: string, b: string): boolean {
  const [one, other] = [programOf(a), programOf(b)];
  return one !== undefined && other !== undefined && one !== other;
}

function programOf(filter: string): string | undefined {
  return /^:?\$?programname\s*(?:,\s*isequal\s*,|==)\s*["']([^"']+)["']$/.exec(filter)?.[1];
}
