// Has the engine look for dead buffers often enough. A batch passes through several buffers of hundreds of kilobytes that
// lie outside the JavaScript heap; V8 collects when its own young heap is full, which batches hardly touch, or after 64 MiB
// outside of it, which is half of what an agent may use. A young collection takes about a millisecond.
// Promises: nothing when the engine offers no such call; memory, not correctness, rests on it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BatchBuffer } from './ports.ts';

/** A young collection after this many bytes of batches were written or sent. */
const collectEveryBytes = 4 * 1024 * 1024;

type Collect = (how: { readonly type: 'minor' }) => unknown;

/** The buffer, counting what passes through it. */
export function sparingMemory(buffer: BatchBuffer, collect: () => void): BatchBuffer {
  let passed = 0;
  const count = (bytes: number): void => {
    passed += bytes;
    if (passed < collectEveryBytes) return;
    passed = 0;
    collect();
  };
  return {
    append: async (sealed, signal) => {
      await buffer.append(sealed, signal);
      count(sealed.rawBytes);
    },
    next: async (after, signal) => {
      const stored = await buffer.next(after, signal);
      // Read, copied into a frame, and masked.
      count((stored?.frame.length ?? 0) * 3);
      return stored;
    },
    free: (upTo) => buffer.free(upTo),
    positions: () => buffer.positions(),
    laneState: () => buffer.laneState(),
    settle: (welcome) => buffer.settle(welcome),
    status: () => buffer.status(),
  };
}

/** V8's own collection of young memory. */
export function youngCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  return typeof collect === 'function' ? () => void (collect as Collect)({ type: 'minor' }) : () => undefined;
}
