// A LaneWelcome as the buffer takes it.
import type { LaneWelcome, WirePosition } from '../../proto/framing/messages.ts';
import type { LaneSettlement, StreamPosition } from '../ports.ts';

const tailBytesMax = 1_024;

export function settlementOf(lane: LaneWelcome): LaneSettlement {
  const { epochKnown, parted, commonSequence, commonHash } = lane;
  return { epochKnown, parted, commonSequence, commonHash: Uint8Array.from(commonHash), positions: lane.positions.map(positionOf) };
}

/** What a hub does not know of a stream (path, labels) is empty: the input that owns the stream knows it. */
function positionOf(position: WirePosition): StreamPosition {
  const { sourceId, streamId, file, offset, lineNumber, tailHash, cursor, counters } = position;
  return {
    stream: { sourceId, streamId, file, path: '', typeHint: '', timeZone: '', labels: {} },
    offset,
    lineNumber,
    tailHash: Uint8Array.from(tailHash),
    // By definition of StreamEntry.tail_hash: as many bytes as there are, up to the limit; none where there is no hash.
    tailBytes: tailHash.length === 0 ? 0 : Math.min(offset, tailBytesMax),
    cursor,
    counters: { ...counters, linesDropped: { ...counters.linesDropped } },
  };
}
