// Has the engine look for dead buffers often enough. A batch passes through several buffers of hundreds of kilobytes that
// lie outside the JavaScript heap; V8 collects when its own young heap is full, which batches hardly touch, or after 64 MiB
// outside of it, which is half of what an agent may use. A young collection takes about a millisecond; buffers that were in
// use during two of them are found by a whole one alone, some fifteen milliseconds, which therefore comes now and then.
// Promises: nothing when the engine offers no such call; memory, not correctness, rests on it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BatchBuffer } from './ports.ts';

/** A collection after this many bytes of batches were written or sent. */
const collectEveryBytes = 4 * 1024 * 1024;
const youngPerWhole = 9;

type Collect = (how: { readonly type: 'minor' | 'major' }) => unknown;

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

/** V8's own collections: mostly of young memory. The first is made now and is a whole one, for starting leaves much behind. */
export function memoryCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  if (typeof gc !== 'function') return () => undefined;
  let young = youngPerWhole;
  const collect = (): void => {
    const isWhole = young === youngPerWhole;
    young = isWhole ? 0 : young + 1;
    (gc as Collect)({ type: isWhole ? 'major' : 'minor' });
  };
  collect();
  return collect;
}
