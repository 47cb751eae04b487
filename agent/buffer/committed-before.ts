// Which of the batches held the hub has from another life of this buffer (a roll-back, a clone, a state file that was
// lost): all of their streams end at or before what the hub told. They are not sent again; the lane says them as holes.
// Lines that were cut into batches differently may still be stored twice, at most one batch per stream (DELIVERY.md).
import type { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { StreamPosition } from '../ports.ts';
import { withHole, type LaneHole } from './lane-memory.ts';
import { decodeStored } from './stored-body.ts';

export async function committedBefore(
  log: GenerationLog,
  bounds: { readonly from: number; readonly to: number },
  told: readonly StreamPosition[],
): Promise<readonly LaneHole[]> {
  const committed = new Map(told.map(({ stream, counters }) => [stream.streamId, counters.linesRead]));
  let holes: readonly LaneHole[] = [];
  for (let next = bounds.from; next <= bounds.to;) {
    for (const item of await log.read(next, 4)) {
      const to = item.is === 'record' ? item.number : item.to;
      if (item.is === 'hole') holes = withHole(holes, { from: item.from, to, reason: 'damaged' });
      else if (isCommitted(decodeStored(item.bytes).positions, committed)) {
        holes = withHole(holes, { from: to, to, reason: 'committed_before' });
      }
      next = to + 1;
    }
  }
  return holes;
}

function isCommitted(positions: readonly StreamPosition[], committed: ReadonlyMap<string, number>): boolean {
  return positions.length > 0 && positions.every(({ stream, counters }) => counters.linesRead <= (committed.get(stream.streamId) ?? -1));
}
