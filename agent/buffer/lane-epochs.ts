// Where a lane leaves the path of "one batch after the other": damage, a Welcome, histories that part.
// Promises: each is one atomic write of epoch, mark, places and holes (DELIVERY.md 8, 13), whole or not at all. Half of a
// Welcome is the dangerous case: a mark that moved without its places reads again what the hub has (DECISION-lane-epochs.md).
import { chainStart } from '../../proto/delivery.ts';
import type { StreamPosition } from '../ports.ts';
import { committedBefore } from './committed-before.ts';
import {
  chainedBehind,
  encodeMemory,
  holesAbove,
  isKnown,
  lostIn,
  withAcked,
  withHole,
  type LaneHole,
  type LaneMemory,
} from './lane-memory.ts';
import { afterWelcome, settleLines } from './follow-lines.ts';
import type { LaneStore } from './lane-store.ts';
import { pendingLostLines, withUnsure } from './lost-lines.ts';
import { findBehindDamage } from './open-lane.ts';
import { Positions } from './positions.ts';
import { decodeSnapshot } from './stored-body.ts';

/**
 * What is gone from number `damage` on; nothing is sealed before that is durable. Damage that was noted before and that the
 * hub has not passed yet counts again: snapshots behind it hold places whose lines are in its hole, and a stream that went
 * back for it stays there.
 */
export async function noteDamage(store: LaneStore, damage: number): Promise<void> {
  const { acked, unsaid } = store.memory;
  const noted = holesAbove(store.memory.holes, acked).filter(({ reason }) => reason.split(',').includes('damaged'));
  const { positions, holes } = await findBehindDamage(store.log, Math.min(damage, ...noted.map(({ from }) => from)));
  positions.apply(unsaid);
  positions.holdBack(store.positions);
  const damaged = holes.filter((hole) => !isKnown(hole, store.memory)).map(({ from, to }) => ({ from, to, reason: 'damaged' }));
  await beginEpoch(store, { acked, holes: holesAbove(damaged, acked), damaged: true, positions });
  store.awaitsPositions = true;
  store.moves++;
}

/** The histories part: what the hub has of the other life is not sent again, the rest goes on in a new epoch. */
export async function part(store: LaneStore, common: number, told: readonly StreamPosition[]): Promise<void> {
  const { log } = store;
  const first = Math.max(common + 1, log.oldest);
  const before = await committedBefore(log, store.memory, { from: first, to: log.tail, told });
  if (before.is === 'damaged') return noteDamage(store, before.at);
  let { holes } = before;
  if (first > common + 1) holes = withHole(holes, { from: common + 1, to: first - 1, reason: 'no_longer_held' });
  const { positions, moved } = adopting(store, told);
  await beginEpoch(store, { acked: common, holes, damaged: false, positions });
  obeyed(store, moved);
}

/** The acknowledged mark, up or down; what was freed below it and is asked for again is gone. Damage found on the way begins
 * a new epoch instead (`isHelloDue`). */
export async function goBackTo(
  store: LaneStore,
  common: { readonly number: number; readonly hash: Uint8Array },
  told: readonly StreamPosition[],
): Promise<void> {
  const { log } = store;
  const { acked, base, damaged, carriedUpTo } = store.memory;
  const first = log.oldest;
  let memory: LaneMemory = { ...store.memory, damaged: false };
  if (common.number < acked && first > common.number + 1) {
    const hash = await hashBefore(store, first);
    const hole = { from: common.number + 1, to: first - 1, reason: 'no_longer_held', ...(hash ? { hash } : {}) };
    memory = chainedBehind(memory, log.tail, [hole]);
  }
  // The state file was lost with the acknowledged mark: what the hub has of the old epoch is not sent again.
  if (damaged && common.number === base) {
    const before = await committedBefore(log, memory, { from: Math.max(base + 1, first), to: carriedUpTo, told });
    if (before.is === 'damaged') return noteDamage(store, before.at);
    memory = chainedBehind(memory, log.tail, before.holes);
  }
  const { positions, moved } = adopting(store, told);
  const isBehind = common.number < acked || told.some((place) => isBefore(store, place));
  const strangers = told.filter(({ stream }) => !store.positions.get(stream.streamId));
  memory = { ...memory, lost: isBehind ? pendingLostLines : withUnsure(await afterWelcome(store, common.number), strangers) };
  memory = withAcked(memory, common.number, common.hash);
  await store.become(memory, (state) => (moved ? log.rewrite(state) : log.writeState(state)), positions);
  obeyed(store, moved);
  if (memory.lost.isPending) store.lines.forget();
  else store.lines.learn(strangers);
  settleLines(store);
  await log.free(common.number, encodeMemory(store.memory));
}

/** The hub is further in a stream than this buffer: what lies between, and what waits of it, was committed or lost without it. */
function isBefore({ positions }: LaneStore, { stream, counters }: StreamPosition): boolean {
  const own = positions.get(stream.streamId);
  return own !== undefined && counters.linesRead > own.counters.linesRead;
}

function adopting(store: LaneStore, told: readonly StreamPosition[]): { readonly positions: Positions; readonly moved: boolean } {
  const positions = new Positions(store.positions.all());
  return { positions, moved: positions.adopt(told) };
}

/** Not before it is durable: a Welcome that could not be obeyed is told again, and must move the places again. */
function obeyed(store: LaneStore, moved: boolean): void {
  store.awaitsPositions = false;
  if (moved) store.moves++;
}

/** Batches above `acked` are carried over. */
async function beginEpoch(
  store: LaneStore,
  begun: {
    readonly acked: number;
    readonly holes: readonly LaneHole[];
    readonly damaged: boolean;
    readonly positions: Positions;
  },
): Promise<void> {
  const { acked, holes, damaged, positions } = begun;
  const before = store.memory;
  // Hashes of the old epoch mean nothing in the new one.
  const known = holesAbove(before.holes, acked).map(({ from, to, reason }) => ({ from, to, reason }));
  const memory: LaneMemory = {
    ...before,
    epoch: store.random.bytes(16),
    base: acked,
    carriedUpTo: store.log.tail,
    acked,
    ackedHash: chainStart,
    damaged,
    lost: pendingLostLines,
    holes: holes.reduce<readonly LaneHole[]>(withHole, known),
    lostBatches: before.lostBatches + lostIn(holes.filter(({ reason }) => reason === 'damaged')),
  };
  await store.become(memory, (state) => store.log.rewrite(state), positions);
  store.lines.forget();
  store.isHelloDue = true;
  store.lastHash = await store.chain.known(store.log.tail, memory);
}

async function hashBefore({ log, memory }: LaneStore, first: number): Promise<Uint8Array | undefined> {
  const generation = log.generations.find((known) => known.first === first);
  const bytes = generation && (await log.snapshotOf(generation.id));
  const snapshot = bytes && decodeSnapshot(bytes);
  const isOurs = snapshot && Buffer.from(snapshot.epoch).equals(memory.epoch);
  return isOurs ? snapshot.lastHash : undefined;
}
