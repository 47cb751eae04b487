// Records and holes of a lane as messages that are ready to send.
import type { LaneName } from '../../proto/delivery.ts';
import type { GenerationLog } from '../../proto/durable/generation-log.ts';
import type { LogRecord } from '../../proto/durable/read-generation.ts';
import { encodeBatchFrame, encodeLostFrame } from '../../proto/framing/encode-batch.ts';
import { giveBack } from '../../proto/runtime/give-back.ts';
import type { StoredBatch, StreamPosition } from '../ports.ts';
import { droppedReason } from './lane-chain.ts';
import type { LaneHole, LaneMemory } from './lane-memory.ts';
import { lostStreams } from './positions.ts';
import { decodeSnapshot, decodeStored } from './stored-body.ts';

/** A message, and the places behind what it covers. */
export interface LaneFrame {
  readonly stored: StoredBatch;
  readonly positions: readonly StreamPosition[];
}

/** Takes the record: a large one is given back. Its tag, which may be the hash, lies in the same memory. */
export function frameOfRecord(lane: LaneName, { epoch, base }: LaneMemory, record: LogRecord, hash: Uint8Array): LaneFrame {
  const { is, body, lineCount, positions } = decodeStored(record.bytes);
  const sequence = record.number - base;
  const place = { lane, epoch, sequence, hash: new Uint8Array(hash) };
  if (is === 'batch') {
    const frame = encodeBatchFrame({ ...place, body });
    giveBack(record.bytes);
    return { stored: { ...place, kind: 'batch', frame, lineCount }, positions };
  }
  const streams = lostStreams(positions);
  const frame = encodeLostFrame({ lane, epoch, from: sequence, to: sequence, hash, reason: droppedReason, streams });
  return { stored: { ...place, kind: 'lost', frame, lineCount: 0 }, positions };
}

export async function frameOfHole(
  lane: LaneName,
  memory: LaneMemory,
  place: { readonly log: GenerationLog; readonly hole: LaneHole; readonly hash: Uint8Array },
): Promise<LaneFrame> {
  const { log, hole, hash } = place;
  const { epoch, base } = memory;
  const positions = await positionsBehind(log, hole, memory);
  const streams = lostStreams(positions);
  const [from, sequence] = [hole.from - base, hole.to - base];
  const frame = encodeLostFrame({ lane, epoch, from, to: sequence, hash, reason: hole.reason, streams });
  return { stored: { lane, epoch, sequence, hash, kind: 'lost', frame, lineCount: 0 }, positions };
}

/**
 * The first generation behind the hole begins with the counters after it. A stream that went back when the damage was
 * found is read again: what it counts beyond that is not lost, and the generation that the new epoch began with says so.
 */
async function positionsBehind(log: GenerationLog, hole: LaneHole, { carriedUpTo }: LaneMemory): Promise<StreamPosition[]> {
  const behind = log.generations.find(({ first }) => first === hole.to + 1);
  const snapshot = behind && (await log.snapshotOf(behind.id));
  if (!behind || !snapshot) return [];
  const places = new Map(decodeSnapshot(snapshot).positions.map((position) => [position.stream.streamId, position]));
  for (const { id, first } of log.generations) {
    const later = id > behind.id && first === carriedUpTo + 1 ? await log.snapshotOf(id) : undefined;
    for (const position of later ? decodeSnapshot(later).positions : []) {
      const before = places.get(position.stream.streamId);
      if (before && position.counters.linesRead < before.counters.linesRead) places.set(position.stream.streamId, position);
    }
  }
  return [...places.values()];
}
