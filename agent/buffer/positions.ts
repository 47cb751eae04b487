// Where reading of each stream of one lane goes on, as the records say it.
// Limit (DELIVERY.md 27): 16,384 streams; the one that has not moved for longest goes first.
import type { StreamEntry } from '../../proto/framing/messages.ts';
import { limits } from '../../proto/delivery.ts';
import type { StreamPosition } from '../ports.ts';

export const positionsMax = 16_384;
const none = new Uint8Array(0);

export class Positions {
  /** In order of last move. */
  #byStream = new Map<string, StreamPosition>();

  constructor(positions: readonly StreamPosition[] = []) {
    this.apply(positions);
  }

  apply(positions: readonly StreamPosition[]): void {
    for (const position of positions) {
      this.#byStream.delete(position.stream.streamId);
      this.#byStream.set(position.stream.streamId, position);
    }
    for (const oldest of this.#byStream.keys()) {
      if (this.#byStream.size <= positionsMax) return;
      this.#byStream.delete(oldest);
    }
  }

  /** No stream is further here than there. */
  holdBack(there: Positions): void {
    this.apply(there.all().filter(({ stream, counters }) => counters.linesRead < (this.get(stream.streamId)?.counters.linesRead ?? 0)));
  }

  get(streamId: string): StreamPosition | undefined {
    return this.#byStream.get(streamId);
  }

  all(): StreamPosition[] {
    return [...this.#byStream.values()];
  }

  /** Takes what the hub has further than we do; true when anything moved. */
  adopt(told: readonly StreamPosition[]): boolean {
    const further = told.filter(({ stream, counters }) => {
      const ours = this.get(stream.streamId);
      return !ours || counters.linesRead > ours.counters.linesRead;
    });
    this.apply(further.map((position) => ({ ...position, stream: this.get(position.stream.streamId)?.stream ?? position.stream })));
    return further.length > 0;
  }
}

/** Positions and cumulative counters as a Lost says them; the newest, as many as one message may hold. */
export function lostStreams(positions: readonly StreamPosition[]): StreamEntry[] {
  return positions.slice(-limits.streamsPerBatchMax / 2).map(({ stream, counters, ...position }) => ({
    ...stream,
    policyHash: none,
    isTrimmed: false,
    endOffset: position.offset,
    endLineNumber: position.lineNumber,
    tailHash: position.tailHash,
    tailBytes: position.tailBytes,
    cursor: position.cursor,
    counters,
  }));
}
