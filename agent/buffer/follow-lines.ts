// Keeps a lane's count of lines (lane-lines.ts) in step with what happens to its batches. Reads; what it finds out becomes
// durable with the lane's memory. Nothing here may fail a step of the buffer: what cannot be read is not known, no more.
import type { Generation } from '../../proto/durable/log-state.ts';
import type { StreamPosition } from '../ports.ts';
import type { LaneStore } from './lane-store.ts';
import { keptBetween, linesKept, pendingLostLines, withSettled, withUntold, type LostLines } from './lost-lines.ts';
import { Positions } from './positions.ts';
import { decodeSnapshot, decodeStored } from './stored-body.ts';

const readAtOnce = 8;
/** After a restart the hub may have committed more than was written down: a generation at the most, where sizes are usual. */
const readAgainMax = 4_096;

/** At start: the places at the acknowledged mark, from the beginning of its generation on. */
export async function beginLines(store: LaneStore): Promise<void> {
  const { log, memory, lines } = store;
  const { acked, lost } = memory;
  const isSaid = lost.untold.length === 0 && Object.keys(lost.unsaid).length === 0;
  if (isDrained(store) || lost.isPending) return settleLines(store);
  // The hub never had anything of this buffer or of one before it.
  if (acked === 0 && Object.keys(lost.unsure).length === 0) return lines.begin([]);
  if (!isSaid) return;
  const generation = log.generations.findLast(({ first }) => first <= acked + 1);
  const snapshot = generation && (await positionsOf(store, generation));
  if (!snapshot) return;
  const places = new Positions(snapshot);
  const isWhole = await eachRecord(store, { from: generation.first, to: acked }, (_, positions) => places.apply(positions));
  if (isWhole) lines.begin(places.all());
}

/** The hub has committed up to `to`: called while the memory still holds the mark before. */
export async function passLines(store: LaneStore, to: number): Promise<void> {
  const { log, memory, lines } = store;
  const from = memory.acked + 1;
  if (from > to || lines.advance(from, to)) return;
  // Then the lane is drained, and its places say it.
  if (to >= log.tail && memory.unsaid.length === 0) return lines.forget();
  const isNoted = await eachRecord(store, { from, to }, (number, positions) => lines.note(number, number, positions));
  if (!isNoted || !lines.advance(from, to)) lines.forget();
}

/** Where everything is committed there is nothing left to guess. */
export function settleLines(store: LaneStore): void {
  if (!isDrained(store)) return;
  const positions = store.positions.all();
  if (!store.lines.isWhole) store.lines.begin(positions);
  store.memory = { ...store.memory, lost: withSettled(store.memory.lost, positions) };
}

function isDrained({ log, memory, awaitsPositions }: LaneStore): boolean {
  return memory.acked >= log.tail && memory.unsaid.length === 0 && !awaitsPositions;
}

/** Each generation begins with the places of its lane: what lies between them goes with the older one. */
export async function withDropped(
  store: LaneStore,
  { oldest, next, from }: { readonly oldest: Generation; readonly next: Generation; readonly from: number },
): Promise<LostLines> {
  const { lost } = store.memory;
  if (lost.isPending || Object.keys(lost.unsaid).length > 0) return pendingLostLines;
  const to = next.first - 1;
  const after = await positionsOf(store, next);
  const { sent, keptOf } = store.lines.sentBelow(next.first, store.memory.acked);
  // What was sent is the hub's, unless a Welcome says that it is not.
  if (sent >= from || from > oldest.first) {
    const lines = after && keptBetween(keptOf, after);
    return lines ? withUntold(lost, { behind: Math.max(sent, from - 1), to, lines }) : pendingLostLines;
  }
  const before = await positionsOf(store, oldest);
  const keptBefore = new Map(before?.map(({ stream, counters }) => [stream.streamId, linesKept(counters)]));
  const lines = before && after && keptBetween((streamId) => keptBefore.get(streamId) ?? 0, after);
  return lines ? withUntold(lost, { behind: from - 1, to, lines }) : pendingLostLines;
}

/** A Welcome says what the hub has: what was on its way and is gone here is lost behind that. */
export async function afterWelcome(store: LaneStore, acked: number): Promise<LostLines> {
  const { log, lines, memory } = store;
  const { lost } = memory;
  await passLines(store, acked);
  const hole = memory.holes.find(({ to }) => to > acked);
  const behind = Math.max(acked, (hole?.from ?? 0) - 1);
  const { sent, keptOf } = lines.sentBelow(behind + 1, acked);
  lines.forgetSent();
  if (lost.isPending || !hole) return lost;
  // One behind the other they tell of the whole hole, where nothing in it was on its way when it was dropped.
  const untold = lost.untold.filter(({ to }) => to > behind && to <= hole.to);
  if (untold.reduce((end, one) => (one.behind === end ? one.to : -1), behind) === hole.to) return lost;
  const generation = log.generations.find(({ first }) => first === hole.to + 1);
  const after = generation && (await positionsOf(store, generation));
  const gone = after && sent === behind ? keptBetween(keptOf, after) : undefined;
  return gone ? withUntold(lost, { behind, to: hole.to, lines: gone }) : pendingLostLines;
}

async function positionsOf({ log }: LaneStore, { id }: Generation): Promise<readonly StreamPosition[] | undefined> {
  const snapshot = await log.snapshotOf(id).catch(() => undefined);
  return snapshot && decodeSnapshot(snapshot).positions;
}

/** False when one of them cannot be read, or they are too many. */
async function eachRecord(
  { log }: LaneStore,
  { from, to }: { readonly from: number; readonly to: number },
  take: (number: number, positions: readonly StreamPosition[]) => void,
): Promise<boolean> {
  if (to - from >= readAgainMax) return false;
  for (let next = from; next <= to;) {
    const items = await log.read(next, Math.min(readAtOnce, to - next + 1)).catch(() => []);
    for (const item of items) {
      if (item.is === 'hole') return false;
      take(item.number, decodeStored(item.bytes).positions);
      next = item.number + 1;
    }
    if (items.length === 0) return false;
  }
  return true;
}
