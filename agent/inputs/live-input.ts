// A source that cannot be read again, as the port wants it: something receives (a socket, a pipe), the pipeline pulls.
// Promises: when it is told to stop it stops receiving first and then hands out what it has, so that a stop or a new policy
// loses nothing that was received. Lines are gathered for a moment, so that a flood makes blocks and not single lines.
// An input at its end (standard input) waits for the stop: a lane whose inputs are gone would be begun anew.
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';
import type { Source } from '../../config/policy/sources/sources.ts';
import type { Input, LineBlock, SourceStatus, StreamPosition } from '../ports.ts';
import type { InputLog } from './input-log.ts';
import { LiveStreams } from './live-streams.ts';
import { ReceivedLines } from './received-lines.ts';
import { SourceProblems } from './source-problems.ts';

/** Where received lines go, and what the receiver may tell. */
export interface Intake {
  readonly lines: ReceivedLines;
  readonly streams: LiveStreams;
  readonly problems: SourceProblems;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
  /** Known to wait in front of the receiver, in the kernel. */
  lagBytes: number;
}

export interface LiveInputOptions {
  readonly source: Source;
  /** What stands as the path of the source's own stream. */
  readonly path: string;
  readonly peersMax?: number;
  /** Memory that lines may take until the pipeline pulls them. */
  readonly bytesMax?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
  /** Receives until the signal aborts or there is nothing more to come; resolves when nothing more will be added. */
  readonly receive: (intake: Intake, signal: AbortSignal) => Promise<void>;
}

const gatherMs = 10;
/** Whoever can be told to wait needs no more. */
const pausableBytesMax = 2 * 1024 * 1024;

export class LiveInput implements Input {
  readonly #options: LiveInputOptions;
  readonly #intake: Intake;

  constructor(options: LiveInputOptions) {
    const { source, path, peersMax = 1, bytesMax = pausableBytesMax, clock, random, log } = options;
    this.#options = options;
    this.#intake = {
      lines: new ReceivedLines(clock, bytesMax),
      streams: new LiveStreams({ source, path, peersMax, clock, random }),
      problems: new SourceProblems(source.id, log, clock),
      clock,
      random,
      log,
      lagBytes: 0,
    };
  }

  async *read(_resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    const { clock, receive } = this.#options;
    const { lines, streams } = this.#intake;
    streams.renew();
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const over = new AbortController();
    const receiving = receive(this.#intake, until).finally(() => over.abort());
    // It is awaited below; until then a failure must not count as nobody's.
    receiving.catch(() => undefined);
    try {
      while (!over.signal.aborted) {
        await lines.arrived(over.signal);
        await clock.sleep(gatherMs, over.signal).catch(() => undefined);
        yield* lines.blocks();
      }
      await receiving;
      yield* lines.blocks();
      await aborted(signal);
    } finally {
      stop.abort();
      await receiving.catch(() => undefined);
    }
  }

  renew(): void {
    this.#intake.streams.renew();
  }

  status(): SourceStatus {
    const { id, type } = this.#options.source;
    const { lines, problems, lagBytes } = this.#intake;
    const { linesRead, bytesRead, lastReadMs, dropped } = lines;
    const told = { sourceId: id, type, linesRead, bytesRead, lagBytes: lagBytes + lines.lagBytes, lastReadMs };
    return { ...told, problem: problems.first, linesDropped: { ...dropped } };
  }
}
