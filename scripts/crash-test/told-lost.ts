// Which lines that are not in the store were told as lost. The hub says for every damaged part of an agent's buffer which
// batches are gone; how many lines they held nobody can know when the file is gone too, so a missing line counts as told
// when such a hole lies between the batches that brought its neighbours from the same file.
import { existsSync, readFileSync } from 'node:fs';
import { parseEventId } from '../../proto/ids.ts';
import type { WrittenLine } from './written-lines.ts';

export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** From the hub's own log. */
export function holesIn(logFile: string): Hole[] {
  if (!existsSync(logFile)) return [];
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /"from":(\d+),"to":(\d+),"reason":"[a-z_,]*\bdamaged\b/.exec(line);
      return found ? [{ from: Number(found[1]), to: Number(found[2]) }] : [];
    });
}

/** `ids`: event id of each line that is stored. */
export function untoldLines(lines: readonly WrittenLine[], ids: ReadonlyMap<number, string>, holes: readonly Hole[]): WrittenLine[] {
  const bySource = Map.groupBy(lines, ({ source }) => source);
  return [...bySource.values()].flatMap((ofSource) => {
    const places = ofSource.map(({ number }) => parseEventId(ids.get(number) ?? ''));
    return ofSource.filter((_, at) => {
      if (places[at]) return false;
      const before = places.slice(0, at).findLast((place) => place !== undefined);
      const after = places.slice(at + 1).find((place) => place !== undefined);
      const isOneLife = before?.epoch === after?.epoch;
      const isTold = holes.some(({ from, to }) => !after || (to < after.sequence && (!isOneLife || !before || before.sequence < from)));
      return !isTold;
    });
  });
}
