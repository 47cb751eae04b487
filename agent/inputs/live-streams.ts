// The streams of a source that cannot be read again: one per peer, none with a position to come back to, their ids new at
// each start (DELIVERY.md 4).
// Promises: at most `peersMax` streams at a time. A new peer takes the place of the one that was quiet longest, if that was
// for ten minutes; else its lines go into the source's own stream, without the peer's name, and that is told. Forged sender
// addresses can therefore neither fill memory nor make streams by the thousand on the hub.
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { zoneName } from '../../proto/runtime/zone-name.ts';
import type { StreamInfo } from '../ports.ts';

export interface LiveStream {
  info: StreamInfo;
  offset: number;
  lineNumber: number;
  /** Not yet told to the pipeline, by reason. */
  dropped: Record<string, number> | undefined;
  lastMs: number;
}

export interface LiveStreamsOptions {
  readonly source: {
    readonly id: string;
    readonly typeHint: string;
    readonly timeZone: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  /** What stands as the path of the source's own stream. */
  readonly path: string;
  readonly peersMax: number;
  readonly clock: Clock;
  readonly random: Random;
}

const quietMsMin = 600_000;
/** So exactly is known who was heard last. */
const orderMs = 1_000;

export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  /** In order of last use. */
  readonly #byPeer = new Map<string, LiveStream>();
  #own: LiveStream | undefined;
  /** Some peers had to share the source's own stream. */
  isCrowded = false;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
  }

  /** What is handed out from now on comes in new streams; lines that wait go along. */
  renew(): void {
    for (const stream of [...this.#byPeer.values(), ...(this.#own ? [this.#own] : [])]) {
      stream.info = { ...stream.info, streamId: this.#newId() };
      stream.offset = 0;
      stream.lineNumber = 0;
    }
  }

  /** For lines of which no peer is known, and drops that nobody can be charged with. */
  own(): LiveStream {
    this.#own ??= this.#stream(this.#options.path);
    return this.#own;
  }

  of(peer: string): LiveStream {
    const nowMs = this.#options.clock.monotonicMs();
    let stream = this.#byPeer.get(peer);
    // Not with every message: a map that is changed so often leaves its old tables to the collector, 30 MB at a time.
    if (stream && nowMs - stream.lastMs < orderMs) return stream;
    if (stream) this.#byPeer.delete(peer);
    else if (this.#hasPlace(nowMs)) stream = this.#stream(peer);
    else {
      this.isCrowded = true;
      return this.own();
    }
    stream.lastMs = nowMs;
    this.#byPeer.set(peer, stream);
    return stream;
  }

  #hasPlace(nowMs: number): boolean {
    if (this.#byPeer.size < this.#options.peersMax) return true;
    const [quietest] = this.#byPeer;
    if (!quietest || nowMs - quietest[1].lastMs < quietMsMin) return false;
    return this.#byPeer.delete(quietest[0]);
  }

  #stream(path: string): LiveStream {
    const { source, clock } = this.#options;
    const { id: sourceId, typeHint, labels } = source;
    const timeZone = zoneName(source.timeZone);
    const streamId = this.#newId();
    const info = { sourceId, streamId, file: undefined, path, typeHint, timeZone, labels };
    return { info, offset: 0, lineNumber: 0, dropped: undefined, lastMs: clock.monotonicMs() };
  }

  #newId(): string {
    return Buffer.from(this.#options.random.bytes(16)).toString('hex');
  }
}
