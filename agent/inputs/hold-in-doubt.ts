// Between damage to a lane's buffer and the hub's answer nobody knows which lines the hub has. Lines that can be read again
// wait in their source meanwhile, or they would be stored twice; what comes only once is buffered at once, beside them.
// Promises: an input is held at its first block that can be read again, and goes on looking for files meanwhile, so that
// what is rotated is held open (a file that is deleted and not held when the agent stops is gone).
import { canBeReadAgain } from '../can-be-read-again.ts';
import type { BatchBuffer, Input, LineBlock, StreamPosition } from '../ports.ts';
import type { Clock } from '../../proto/runtime/clock.ts';

export interface HoldOptions {
  readonly buffer: Pick<BatchBuffer, 'status'>;
  readonly clock: Clock;
  readonly askEveryMs: number;
}

export function holdInDoubt(input: Input, options: HoldOptions): Input {
  return {
    read: (resume, signal) => readHeld(input, options, { resume, signal }),
    status: () => input.status(),
  };
}

async function* readHeld(
  input: Input,
  { buffer, clock, askEveryMs }: HoldOptions,
  { resume, signal }: { readonly resume: readonly StreamPosition[]; readonly signal: AbortSignal },
): AsyncGenerator<LineBlock> {
  for await (const block of input.read(resume, signal)) {
    while (canBeReadAgain(block) && buffer.status().isInDoubt === true && !signal.aborted)
      await clock.sleep(askEveryMs, signal).catch(() => undefined);
    yield block;
  }
}
