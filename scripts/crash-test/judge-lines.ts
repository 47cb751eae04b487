// What became of the written lines, against what was promised of each: pure, from the event ids that the store holds.
// - A line that can be read again is stored, or lies in a hole that was told.
// - A live line is stored if the agent had surely buffered it (live-book.ts); what died with a process is the end of a
//   connection, never its middle. Datagrams that were counted as dropped may be missing anywhere.
// - Whatever is stored is in the order in which its file or connection had it.
import { parseEventId, type EventPlace } from '../../proto/ids.ts';
import type { Connection } from './live-book.ts';
import { isLive } from './sources.ts';
import { untoldLines, type Hole } from './told-lost.ts';
import type { WrittenLine } from './written-lines.ts';

export interface Evidence {
  /** Without those that the policy filters. */
  readonly lines: readonly WrittenLine[];
  /** Event id of each line that is stored. */
  readonly ids: ReadonlyMap<number, string>;
  readonly holes: readonly Hole[];
  readonly connections: readonly Connection[];
  readonly owed: (connection: Connection) => number;
  /** Lines that the agent counted as dropped, of the sources where that cannot be helped: datagrams, the kernel's log. */
  readonly dropped: ReadonlyMap<string, number>;
}

export interface Verdict {
  readonly lost: readonly WrittenLine[];
  /** In a hole that was told. */
  readonly told: number;
  /** Live lines that nobody had buffered. */
  readonly unpromised: number;
  /** Runs whose lines are stored in another order. */
  readonly disordered: readonly string[];
}

export function judgeLines(evidence: Evidence): Verdict {
  const { lines, ids, holes } = evidence;
  const untold = untoldLines(lines, ids, holes);
  const unpromised = unpromisedLines(evidence);
  const lost = untold.filter(({ number }) => !unpromised.has(number));
  const forgiven = [...evidence.dropped].flatMap(([from, count]) => lost.filter(({ source }) => source === from).slice(0, count));
  return {
    lost: lost.filter((line) => !forgiven.includes(line)),
    told: lines.filter(({ number }) => !ids.has(number)).length - untold.length,
    unpromised: untold.length - lost.length + forgiven.length,
    // What was destroyed is read again behind what was not.
    disordered: holes.length > 0 ? [] : disorderedRuns(lines, ids),
  };
}

/** Behind the last one stored, and not surely buffered. */
function unpromisedLines({ connections, ids, owed }: Evidence): ReadonlySet<number> {
  const unpromised = new Set<number>();
  for (const connection of connections) {
    const { numbers } = connection;
    const end = Math.max(owed(connection), numbers.findLastIndex((number) => ids.has(number)) + 1);
    for (const number of numbers.slice(end)) unpromised.add(number);
  }
  return unpromised;
}

function disorderedRuns(lines: readonly WrittenLine[], ids: ReadonlyMap<number, string>): string[] {
  const last = new Map<string, EventPlace>();
  const disordered = new Set<string>();
  for (const { number, run, source } of lines) {
    const id = ids.get(number);
    const place = id === undefined ? undefined : parseEventId(id);
    if (!place) continue;
    const before = last.get(run);
    if (before && before.epoch === place.epoch && !isBehind(place, before)) disordered.add(isLive(source) ? run : `file ${run}`);
    last.set(run, place);
  }
  return [...disordered];
}

function isBehind(place: EventPlace, before: EventPlace): boolean {
  return place.sequence === before.sequence ? place.index > before.index : place.sequence > before.sequence;
}
