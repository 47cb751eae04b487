// What a lane remembers beside its records, in the log's slot file: epoch, acknowledged mark, holes, drops not yet said.
// Pure. Numbers here are log numbers (they never begin again); a batch's sequence is its number minus `base`.
import type { StreamPosition } from '../ports.ts';
import { fromJson, toJson } from './json-bytes.ts';
import { pendingLostLines, withTold, type LostLines } from './lost-lines.ts';

export interface LaneHole {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  /** The chain's hash at `to` where it was known when the hole was made: the batches behind it stand on it. */
  readonly hash?: Uint8Array;
}

export interface LaneMemory {
  /** 16 bytes. */
  readonly epoch: Uint8Array;
  readonly base: number;
  /** Records up to here were written in an earlier epoch; their hashes are computed anew when they are sent. */
  readonly carriedUpTo: number;
  readonly acked: number;
  readonly ackedHash: Uint8Array;
  readonly damaged: boolean;
  /** Ascending, apart from each other, all above `acked`. */
  readonly holes: readonly LaneHole[];
  readonly lostBatches: number;
  /** Positions after what drop-newest threw away and no record has said yet (DELIVERY.md 6). */
  readonly unsaid: readonly StreamPosition[];
  readonly lost: LostLines;
}

export function encodeMemory(memory: LaneMemory): string {
  return toJson(memory);
}

/** Undefined when it cannot be read. */
export function decodeMemory(text: string): LaneMemory | undefined {
  if (text === '') return undefined;
  // Ours, behind a checksum: parsed at the edge of the disk and trusted inside.
  const memory = fromJson(text) as Omit<LaneMemory, 'lost'> & Partial<LaneMemory>;
  // Earlier versions did not count them.
  return { ...memory, lost: memory.lost ?? pendingLostLines };
}

/** Holes that touch become one that names every reason: a lane that drops what held a Lost merges them (DELIVERY.md 10). */
export function withHole(holes: readonly LaneHole[], hole: LaneHole): LaneHole[] {
  const apart = holes.filter(({ from, to }) => to < hole.from - 1 || from > hole.to + 1);
  const touching = [...holes.filter((known) => !apart.includes(known)), hole];
  const to = Math.max(...touching.map((known) => known.to));
  const reasons = [...new Set(touching.flatMap(({ reason }) => reason.split(',')))].sort();
  const hash = touching.find((known) => known.to === to && known.hash)?.hash;
  const merged = { from: Math.min(...touching.map(({ from }) => from)), to, reason: reasons.join(','), ...(hash ? { hash } : {}) };
  return [...apart, merged].sort((a, b) => a.from - b.from);
}

export function withAcked(memory: LaneMemory, acked: number, hash: Uint8Array): LaneMemory {
  const holes = holesAbove(memory.holes, acked);
  return { ...memory, acked, ackedHash: new Uint8Array(hash), holes, lost: withTold(memory.lost, acked) };
}

/** Batches behind a hole whose hash is not known are chained anew: the hub has none of them yet. */
export function chainedBehind(memory: LaneMemory, tail: number, holes: readonly LaneHole[]): LaneMemory {
  if (holes.length === 0) return memory;
  const areKnown = holes.every(({ hash }) => hash !== undefined);
  const carriedUpTo = areKnown ? memory.carriedUpTo : tail;
  return { ...memory, carriedUpTo, holes: holes.reduce<readonly LaneHole[]>(withHole, memory.holes) };
}

export function isKnown({ from, to }: { readonly from: number; readonly to: number }, { holes }: LaneMemory): boolean {
  return holes.some((hole) => hole.from <= from && hole.to >= to);
}

export function holesAbove(holes: readonly LaneHole[], acked: number): LaneHole[] {
  return holes.filter(({ to }) => to > acked).map((hole) => (hole.from > acked ? hole : { ...hole, from: acked + 1 }));
}

export function lostIn(holes: readonly LaneHole[]): number {
  return holes.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
