// Which of the batches held the hub has from another life of this buffer (a roll-back, a clone, a state file that was
// lost): all of their streams end at or before what the hub told. They are not sent again; the lane says them as holes.
// Lines that were cut into batches differently may still be stored twice, at most one batch per stream (DELIVERY.md).
// Damage that shows meanwhile is not said here: streams may have to go back for it (DELIVERY.md 8).
import type { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { StreamPosition } from '../ports.ts';
import { isKnown, withHole, type LaneHole, type LaneMemory } from './lane-memory.ts';
import { decodeStored } from './stored-body.ts';

export type CommittedBefore =
  | { readonly is: 'whole'; readonly holes: readonly LaneHole[] }
  /** From this number on something is gone that nobody has noted yet. */
  | { readonly is: 'damaged'; readonly at: number };

export async function committedBefore(
  log: GenerationLog,
  memory: LaneMemory,
  { from, to, told }: { readonly from: number; readonly to: number; readonly told: readonly StreamPosition[] },
): Promise<CommittedBefore> {
  const committed = new Map(told.map(({ stream, counters }) => [stream.streamId, counters.linesRead]));
  let holes: readonly LaneHole[] = [];
  for (let next = from; next <= to;) {
    for (const item of await log.read(next, 4)) {
      if (item.is === 'hole' && !isKnown(item, memory)) return { is: 'damaged', at: item.from };
      if (item.is === 'record' && isCommitted(decodeStored(item.bytes).positions, committed))
        holes = withHole(holes, { from: item.number, to: item.number, reason: 'committed_before' });
      next = (item.is === 'record' ? item.number : item.to) + 1;
    }
  }
  return { is: 'whole', holes };
}

function isCommitted(positions: readonly StreamPosition[], committed: ReadonlyMap<string, number>): boolean {
  return positions.length > 0 && positions.every(({ stream, counters }) => counters.linesRead <= (committed.get(stream.streamId) ?? -1));
}
