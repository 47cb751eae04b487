// How far a search may jump when none of its literals can end near here (Wu and Manber's shift, by pairs of classes). For
// fields whose literals are all long and may stand anywhere (keywords over whole events, hashes, user agents) this looks
// at every sixth character or so; where a literal may begin, the automaton takes over.
// Promises: a window of `window` characters in which a literal begins at the first is never jumped over.
// Would break it: literals with rare units or bound to an edge; then there is no table, and every character is read.
import type { Literal } from './automaton.ts';

export interface SkipTable {
  /** Length of the shortest literal. */
  readonly window: number;
  /** By class of a pair's first unit × width + class of its second: how far the window may move; 0 is a candidate. */
  readonly shifts: Uint8Array;
}

/** A jump of fewer characters costs as much as reading them. */
const meanShiftMin = 2.5;

export function buildSkipTable(literals: readonly Literal[], classes: Uint8Array, width: number): SkipTable | undefined {
  const window = Math.min(255, ...literals.map(({ text }) => text.length));
  if (window - 1 < meanShiftMin || literals.some(({ atStart, atEnd }) => atStart || atEnd)) return undefined;
  const shifts = new Uint8Array(width * width).fill(window - 1);
  for (const { text } of literals)
    for (let at = 1; at < window; at++) {
      const pair = classOf(text, at - 1, classes) * width + classOf(text, at, classes);
      shifts[pair] = Math.min(shifts[pair] ?? 0, window - 1 - at);
    }
  return meanShift(shifts) < meanShiftMin ? undefined : { window, shifts };
}

function classOf(text: string, at: number, classes: Uint8Array): number {
  return classes[text.charCodeAt(at)] ?? 0;
}

function meanShift(shifts: Uint8Array): number {
  let sum = 0;
  for (const shift of shifts) sum += shift;
  return sum / shifts.length;
}
