// A pulse that never overlaps: the next tick is timed from the end of the last one's work.
import type { Clock } from './clock.ts';

/** Yields every `intervalMs` until the signal aborts, then ends without an error. */
export async function* ticks(intervalMs: number, { clock, signal }: { clock: Clock; signal: AbortSignal }): AsyncGenerator<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(intervalMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    yield;
  }
}
