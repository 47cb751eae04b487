// Finds out where a lane stands: at start from the last generation, after damage from everything behind the damage.
// Promises: a stream whose last position sat in a hole goes back to its earlier position, so that its lines are read
// again where the source still has them (DELIVERY.md 8). Reads a few records at a time, whatever the backlog.
import type { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { Hole } from '../../proto/durable/read-generation.ts';
import { Positions } from './positions.ts';
import { decodeSnapshot, decodeStored } from './stored-body.ts';

export interface FoundLane {
  readonly positions: Positions;
  readonly holes: readonly Hole[];
  /** Of the last generation. Without it the positions may be too few, or older than those that the hub told since. */
  readonly hasSnapshot: boolean;
}

export async function findLane(log: GenerationLog): Promise<FoundLane> {
  const positions = new Positions();
  const holes: Hole[] = [];
  let hasSnapshot = false;
  for await (const item of log.replay()) {
    hasSnapshot ||= item.is === 'snapshot' && item.id === log.generations.at(-1)?.id;
    if (item.is === 'hole') holes.push(item);
    else positions.apply(item.is === 'snapshot' ? decodeSnapshot(item.bytes).positions : decodeStored(item.bytes).positions);
  }
  return { positions, holes, hasSnapshot };
}

/** Later snapshots are not believed: they hold positions whose lines are in the hole. */
export async function findBehindDamage(log: GenerationLog, damage: number): Promise<Pick<FoundLane, 'positions' | 'holes'>> {
  const positions = new Positions();
  const holes: Hole[] = [];
  const { generations, tail } = log;
  let next = Math.min(log.oldest, damage);
  for (const { id, first } of generations.toReversed()) {
    const snapshot = first <= damage ? await log.snapshotOf(id) : undefined;
    if (!snapshot) continue;
    positions.apply(decodeSnapshot(snapshot).positions);
    next = first;
    break;
  }
  while (next <= tail) {
    for (const item of await log.read(next, 4)) {
      if (item.is === 'hole') holes.push(item);
      else positions.apply(decodeStored(item.bytes).positions);
      next = item.is === 'hole' ? item.to + 1 : item.number + 1;
    }
  }
  return { positions, holes };
}
