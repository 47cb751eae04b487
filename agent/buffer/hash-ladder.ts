// Which of the sequences held are told in Hello, when they are too many: dense around the acknowledged mark, where the
// hub most likely stands, dense at the newest, and between them multiples of growing powers of two, the same places that
// the hub keeps (hub/journal/recent-pairs.ts), so that both meet again after a long separation.
import { limits } from '../../proto/delivery.ts';

const denseAfterAcked = 640;
const denseNewest = 64;

export function ladder(held: { readonly oldest: number; readonly acked: number; readonly newest: number }): number[] {
  const { oldest, acked, newest } = held;
  const chosen: number[] = [];
  for (let sequence = newest; sequence >= oldest; sequence = below(sequence, newest, acked)) chosen.push(sequence);
  return chosen.slice(0, limits.heldHashesMax - 1);
}

function below(sequence: number, newest: number, acked: number): number {
  const next = sequence - 1;
  const age = newest - next;
  const isDense = age < denseNewest || (next >= acked - denseNewest && next <= acked + denseAfterAcked);
  if (isDense) return next;
  const step = 2 ** Math.ceil(Math.log2((age + 1) / (denseNewest / 2)));
  const rung = next - (next % step);
  const denseEnd = acked + denseAfterAcked;
  return next > denseEnd ? Math.max(rung, denseEnd) : rung;
}
