// What a lane of an agent and the hub's journal have in common, as Welcome says it (DELIVERY.md 12, 13). Pure.
// Promises: never calls two histories one when a pair of hashes contradicts; never calls one history parted only because
// the agent's ladder of hashes is sparse or batches were dropped (then it sends again from the last rung, and every repeat is compared by hash).
// Marks come as Journal.laneMarks gives them: the newest epoch of a lane is the last, and the only one that may grow.
import type { HelloLane } from '../../proto/framing/messages.ts';
import { chainStart } from '../../proto/delivery.ts';
import type { LaneMark } from '../ports.ts';

export interface Comparison {
  readonly epochKnown: boolean;
  readonly parted: boolean;
  readonly commonSequence: number;
  readonly commonHash: Uint8Array;
  readonly mustTellPositions: boolean;
  /** An epoch that the hub has never seen: it begins now. */
  readonly mayBegin: boolean;
  /** Where the lane goes on; undefined when a second Hello with a new epoch is due. */
  readonly goesOnAfter: { readonly sequence: number; readonly hash: Uint8Array } | undefined;
}

interface Pair {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

const none = new Uint8Array(0);

export function compareHistories(lane: HelloLane, marks: readonly LaneMark[], wasSeenToPart: boolean): Comparison {
  const ofLane = marks.filter((mark) => mark.lane === lane.lane);
  const epoch = Buffer.from(lane.epoch).toString('hex');
  const mark = ofLane.find((known) => known.epoch === epoch);
  if (!mark) return unknownEpoch();

  const pairs = pairsOf(mark);
  const common = highestCommon(lane.held, pairs);
  // Nothing held is committed and nothing contradicts: the hub stands where the agent freed last, and the chain of the
  // next batch proves it.
  const isAtMark = mark.sequence === lane.oldestSequence - 1;
  const isApart = mark.sequence > 0 && common.commonSequence === 0 && !isAtMark;
  const isOld = mark !== ofLane.at(-1);
  const parted = isOld || wasSeenToPart || isApart || contradicts(lane, mark, pairs);
  if (parted) return { epochKnown: true, parted, ...common, mustTellPositions: true, mayBegin: false, goesOnAfter: undefined };

  const told = isAtMark ? { commonSequence: mark.sequence, commonHash: mark.sequence === 0 ? none : mark.hash } : common;
  const goesOnAfter = { sequence: mark.sequence, hash: mark.sequence === 0 ? chainStart : mark.hash };
  return { epochKnown: true, parted, ...told, mustTellPositions: lane.damaged, mayBegin: false, goesOnAfter };
}

/** It begins here; what the agent has freed of it already (for a hub that was restored since) comes as Lost. */
function unknownEpoch(): Comparison {
  return {
    epochKnown: false,
    parted: false,
    commonSequence: 0,
    commonHash: none,
    mustTellPositions: true,
    mayBegin: true,
    goesOnAfter: { sequence: 0, hash: chainStart },
  };
}

function contradicts(lane: HelloLane, mark: LaneMark, pairs: ReadonlyMap<number, Uint8Array>): boolean {
  // The agent has not made what the hub has committed: a rolled-back or cloned machine.
  if (mark.sequence >= lane.nextSequence) return true;
  return lane.held.some(({ sequence, hash }) => {
    const ours = pairs.get(sequence);
    return ours !== undefined && Buffer.compare(ours, hash) !== 0;
  });
}

function highestCommon(held: readonly Pair[], pairs: ReadonlyMap<number, Uint8Array>): { commonSequence: number; commonHash: Uint8Array } {
  let commonSequence = 0;
  let commonHash: Uint8Array = none;
  for (const { sequence, hash } of held) {
    const ours = pairs.get(sequence);
    if (sequence <= commonSequence || !ours || Buffer.compare(ours, hash) !== 0) continue;
    commonSequence = sequence;
    commonHash = hash;
  }
  return { commonSequence, commonHash };
}

export function pairsOf(mark: LaneMark): Map<number, Uint8Array> {
  const pairs = new Map(mark.recent.map(({ sequence, hash }) => [sequence, hash]));
  if (mark.sequence > 0) pairs.set(mark.sequence, mark.hash);
  return pairs;
}
