// Which lines that are not in the store were told as lost. The hub says for every damaged part of an agent's buffer which
// batches are gone; how many lines they held nobody can know when the file is gone too, so a missing line counts as told
// when such a hole lies between the batches that brought its neighbours from the same source.
import { existsSync, readFileSync } from 'node:fs';
import { parseEventId, type EventPlace } from '../../proto/ids.ts';
import { laneOf } from './sources.ts';
import type { WrittenLine } from './written-lines.ts';

export interface Hole {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
}

/** From the hub's own log. */
export function holesIn(logFile: string): Hole[] {
  if (!existsSync(logFile)) return [];
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /"lane":"(first|normal)","from":(\d+),"to":(\d+),"reason":"[a-z_,]*\bdamaged\b/.exec(line);
      return found ? [{ lane: found[1] ?? '', from: Number(found[2]), to: Number(found[3]) }] : [];
    });
}

/** `ids`: event id of each line that is stored. */
export function untoldLines(lines: readonly WrittenLine[], ids: ReadonlyMap<number, string>, holes: readonly Hole[]): WrittenLine[] {
  const bySource = Map.groupBy(lines, ({ source }) => source);
  return [...bySource].flatMap(([source, ofSource]) => {
    const ofLane = holes.filter(({ lane }) => lane === laneOf(source));
    const places = ofSource.map(({ number }) => (ids.has(number) ? parseEventId(ids.get(number) ?? '') : undefined));
    return ofSource.filter((_, at) => {
      if (places[at]) return false;
      if (ofLane.length === 0) return true;
      const after = places.slice(at + 1).find((place) => place !== undefined);
      // The rest of a file that was rotated may have been read again, and stand behind what came after it.
      const isInOrder = (place: EventPlace): boolean => !after || place.epoch !== after.epoch || place.sequence <= after.sequence;
      const before = places.slice(0, at).findLast((place) => place !== undefined && isInOrder(place));
      const isOneLife = before?.epoch === after?.epoch;
      const isTold = ofLane.some(({ from, to }) => !after || (to < after.sequence && (!isOneLife || !before || before.sequence < from)));
      return !isTold;
    });
  });
}
