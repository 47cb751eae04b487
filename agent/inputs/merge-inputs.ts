// Many inputs as one sequence of blocks, in fair turns.
// Promises: at most one block per input waits; an input goes on only when its block was done with, so its buffers may be
// reused; an input that fails stops the whole, because its lines would silently be missing. Stopping ends the inputs; what
// they still hand out then comes too, unless nobody wants it.
import { setMaxListeners } from 'node:events';
import { Wake } from '../../proto/runtime/wake.ts';
import type { Input, LineBlock, StreamPosition } from '../ports.ts';

interface Turn {
  readonly block: LineBlock;
  readonly done: () => void;
}

export async function* mergeInputs(
  inputs: readonly Input[],
  resume: readonly StreamPosition[],
  signal: AbortSignal,
): AsyncGenerator<LineBlock> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  // Every input listens to it; that is no leak.
  setMaxListeners(0, either, stop.signal);
  const ready: Turn[] = [];
  const wake = new Wake();
  const state: { open: number; failure: { readonly error: unknown } | undefined } = { open: inputs.length, failure: undefined };
  const handOver = (block: LineBlock): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        stop.signal.removeEventListener('abort', done);
        resolve();
      };
      stop.signal.addEventListener('abort', done, { once: true });
      ready.push({ block, done });
      wake.wake();
    });
  const pump = async (input: Input): Promise<void> => {
    try {
      for await (const block of input.read(resume, either)) {
        if (stop.signal.aborted) return;
        await handOver(block);
      }
    } catch (error) {
      if (!either.aborted) state.failure ??= { error };
    } finally {
      state.open -= 1;
      wake.wake();
    }
  };
  const pumps = inputs.map(pump);
  try {
    while (!state.failure && (state.open > 0 || ready.length > 0)) {
      const turn = ready.shift();
      if (!turn) {
        await wake.wait();
        continue;
      }
      yield turn.block;
      turn.done();
    }
  } finally {
    stop.abort();
    await Promise.all(pumps);
  }
  if (state.failure) throw state.failure.error;
}
