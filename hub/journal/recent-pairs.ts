// Recent (sequence, hash) pairs of a lane, so that a reconnecting agent and the hub find the highest batch both have.
// Promises: the newest 64 are all there (a credit window); before them only multiples of growing powers of two, the same
// places that an agent's ladder holds (agent/buffer), so that both still meet after a long separation.

export interface RecentPair {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

const denseCount = 64;
const pairsMax = 192;

export function noteRecent(pairs: RecentPair[], pair: RecentPair): RecentPair[] {
  pairs.push(pair);
  if (pairs.length <= pairsMax) return pairs;
  const kept = pairs.filter(({ sequence }) => isRung(sequence, pair.sequence));
  return kept.slice(-pairsMax);
}

function isRung(sequence: number, newest: number): boolean {
  const age = newest - sequence;
  return age < denseCount || sequence % 2 ** Math.ceil(Math.log2((age + 1) / (denseCount / 2))) === 0;
}
