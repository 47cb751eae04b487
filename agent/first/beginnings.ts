// Where the reading of each stream began, kept with its positions: a lane that lost all it knew of a stream, or has never
// heard of it, begins there, and not where somebody else's knowledge begins (DECISION-first-lines.md).
// Streams that feed one lane are described too: a later policy may send some of their lines ahead.
import { canBeReadAgain } from '../can-be-read-again.ts';
import type { LineBlock, StreamInfo, StreamPosition } from '../ports.ts';
import { beginning, type Place } from './stream-places.ts';

/** As many as a lane remembers. */
const streamsMax = 16_384;

export class Beginnings {
  readonly #began = new Map<string, Place>();
  /** The stream as it came, and as it was described: blocks of one stream share it. */
  #last: { readonly stream: StreamInfo; readonly described: StreamInfo } | undefined;

  /** What is known of streams; of one that does not say where it began all is taken for unread that no lane has. */
  constructor(positions: readonly Pick<StreamPosition, 'stream'>[]) {
    for (const { stream } of positions) this.#began.set(stream.streamId, stream.began ?? beginning);
  }

  /** The block's stream with its beginning; as it is where it cannot be read again. */
  describe(block: LineBlock): StreamInfo {
    const { stream, baseOffset, endLineNumber, count, cursor } = block;
    if (!canBeReadAgain(block)) return stream;
    let began = this.#began.get(stream.streamId);
    if (!began) {
      // A block without lines says where reading begins, cursor included.
      began = { offset: baseOffset, lineNumber: endLineNumber - count, cursor: count === 0 ? cursor : '' };
      this.#began.set(stream.streamId, began);
      const [oldest] = this.#began.keys();
      if (this.#began.size > streamsMax && oldest !== undefined) this.#began.delete(oldest);
    }
    if (this.#last?.stream !== stream) this.#last = { stream, described: { ...stream, began } };
    return this.#last.described;
  }
}
