// Has the engine look for dead buffers often enough. Most of what a batch passes through is given back at once
// (proto/runtime/give-back.ts); the rest lies outside the JavaScript heap, where V8 seldom looks. A young collection takes
// about a millisecond; buffers that were in use during two of them are found by a whole one alone, some thirty milliseconds
// of two threads, which therefore comes now and then.
// Promises: nothing when the engine offers no such call; memory, not correctness, rests on it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { giveBack } from '../proto/runtime/give-back.ts';
import type { BatchBuffer } from './ports.ts';

/** A collection after this many bytes of batches were written or sent. */
const collectEveryBytes = 8 * 1024 * 1024;
const youngPerWhole = 19;

type Collect = (how: { readonly type: 'minor' | 'major' }) => unknown;

/** The buffer, counting what passes through it. A body that was appended is the buffer's: its memory is given back. */
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
      giveBack(sealed.body);
      count(sealed.rawBytes);
    },
    next: async (after, signal) => {
      const stored = await buffer.next(after, signal);
      count(stored?.frame.length ?? 0);
      return stored;
    },
    free: (upTo) => buffer.free(upTo),
    positions: () => buffer.positions(),
    readBack: () => buffer.readBack(),
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
