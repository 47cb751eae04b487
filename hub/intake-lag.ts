// How far intake is behind: how long the oldest journal write that is being worked has waited since it was committed.
// It is read from the journal in order, so nothing that waits there is older. Promises: 0 when everything is worked; a
// clock that is set back says 0, one that is set ahead says too much only until the writes in work are done.
import type { Clock } from '../proto/runtime/clock.ts';
import type { LineWorkers } from './pipeline-ports.ts';

export class IntakeLag {
  readonly #clock: Clock;
  readonly #inWork = new Set<{ readonly committedAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ms(): number {
    const [oldest] = this.#inWork;
    return oldest ? Math.max(0, this.#clock.nowMs() - oldest.committedAtMs) : 0;
  }

  /** The same workers, watched. */
  watching(lines: LineWorkers): LineWorkers {
    return {
      work: async (work, trying) => {
        this.#inWork.add(work);
        return lines.work(work, trying).finally(() => this.#inWork.delete(work));
      },
      seal: (block) => lines.seal(block),
      reset: () => lines.reset(),
    };
  }
}
