// One source that cannot be read again, for several hubs: there is one listener, pipe or command, and each hub's pipeline
// gets every line of it.
// Promises: the source goes at the pace of the one that leads (the first hub's); those that follow never hold it up. What
// waits for one of them is bounded, and what it has no room for is dropped for it alone, counted as receive-memory. Each
// has streams of its own: hubs count apart.
import type { Source } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';
import type { Input, LineBlock, SourceStatus, StreamPosition } from '../ports.ts';
import type { InputLog } from './input-log.ts';
import { LiveInput, type Intake } from './live-input.ts';

export interface FollowOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

/** As much as a UDP source may hold: some seconds of a flood. */
const followerBytesMax = 8 * 1024 * 1024;
/** Those of the leading input are fewer (its own maxPeers); one more would share a stream. */
const streamsMax = 65_536;

export class SharedInput {
  readonly #input: Input;
  readonly #followers = new Set<(block: LineBlock) => void>();
  readonly #over = new AbortController();

  constructor(input: Input) {
    this.#input = input;
  }

  /** The one that pulls, once. */
  lead(): Input {
    return {
      read: (resume, signal) => this.#lead(resume, signal),
      status: () => this.#input.status(),
      renew: () => this.#input.renew?.(),
    };
  }

  /** One that gets what comes from now on, until the leading one has ended. */
  follow({ source, clock, random, log }: FollowOptions): Input {
    const receive = (intake: Intake, signal: AbortSignal): Promise<void> => this.#copyInto(intake, signal);
    const own = new LiveInput({ source, path: '', peersMax: streamsMax, bytesMax: followerBytesMax, clock, random, log, receive });
    return {
      read: (resume, signal) => own.read(resume, signal),
      status: (): SourceStatus => ({ ...own.status(), problem: this.#input.status().problem }),
      renew: () => own.renew(),
    };
  }

  async *#lead(resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    try {
      for await (const block of this.#input.read(resume, signal)) {
        for (const take of this.#followers) take(block);
        yield block;
      }
    } finally {
      this.#over.abort();
    }
  }

  async #copyInto({ lines, streams }: Intake, signal: AbortSignal): Promise<void> {
    const take = ({ stream: { path }, bytes, starts, ends, count, cut, dropped }: LineBlock): void => {
      const stream = streams.of(path);
      for (let line = 0; line < count; line++) {
        if (lines.isFull) {
          lines.drop(stream, 'receive-memory', count - line);
          break;
        }
        lines.add(stream, bytes.subarray(starts[line], ends[line]), cut.includes(line));
      }
      for (const [reason, more] of Object.entries(dropped ?? {})) lines.drop(stream, reason, more);
    };
    this.#followers.add(take);
    await Promise.race([aborted(signal), aborted(this.#over.signal)]);
    this.#followers.delete(take);
  }
}
