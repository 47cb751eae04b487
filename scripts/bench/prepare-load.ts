// Batches of the mixed stream for several agents, sealed by the agent's own code before a run.
// Promises: every event is generated once, none is sent twice; each agent has one stream per kind of log, with offsets,
// line numbers and counters as a file would give them. Every `needleEvery`-th event holds the needle.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Sealer } from '../../agent/buffer/sealer.ts';
import type { SealedBody, StreamInfo } from '../../agent/ports.ts';
import { blockOf } from './line-blocks.ts';
import { mixedStream, type GeneratedLine } from './stream/mixed-stream.ts';

export interface LoadWish {
  readonly agents: number;
  readonly events: number;
  readonly seed: number;
  /** Time between two events of the whole stream. */
  readonly stepMs: number;
  /** Lines of a batch at most; as many as fit when 0. */
  readonly batchLines: number;
  readonly corpus: readonly string[];
  /** A word put into one event in each `needleEvery`; none when empty. */
  readonly needle: string;
  readonly needleEvery: number;
}

export interface PreparedLoad {
  readonly events: number;
  /** Of the lines, line ends included. */
  readonly bytes: number;
}

const blockLines = 250;

interface Place {
  readonly stream: StreamInfo;
  offset: number;
  lineNumber: number;
  waiting: string[];
}

/** Calls `take` with each sealed body in its agent's order. */
export async function prepareLoad(wish: LoadWish, take: (agent: number, body: SealedBody) => void): Promise<PreparedLoad> {
  const feeders = Array.from({ length: wish.agents }, (_, agent) => new Feeder(agent, wish.batchLines, (body) => take(agent, body)));
  const startMs = Date.now();
  let [events, bytes] = [0, 0];
  for await (const { kind, text } of source(wish, startMs)) {
    const line = wish.needle !== '' && events % wish.needleEvery === wish.needleEvery >> 1 ? withNeedle(text, wish.needle) : text;
    bytes += Buffer.byteLength(line) + 1;
    // Runs of one host, as real hosts write: not line by line in turn.
    await feeders[Math.floor(events / blockLines) % feeders.length]?.add(kind, line);
    events++;
    if (events === wish.events) break;
  }
  for (const feeder of feeders) await feeder.end();
  return { events, bytes };
}

class Feeder {
  readonly #agent: number;
  readonly #sealer = new Sealer({ policyHash: new Uint8Array(32), level: 1 }, []);
  readonly #places = new Map<string, Place>();
  readonly #batchLines: number;
  readonly #take: (body: SealedBody) => void;
  #lines = 0;

  constructor(agent: number, batchLines: number, take: (body: SealedBody) => void) {
    this.#agent = agent;
    this.#batchLines = batchLines;
    this.#take = take;
  }

  async add(kind: string, line: string): Promise<void> {
    const place = this.#placeOf(kind);
    place.waiting.push(line);
    this.#lines++;
    if (place.waiting.length >= blockLines) await this.#seal(place);
    if (this.#batchLines > 0 && this.#lines >= this.#batchLines) await this.end();
  }

  async end(): Promise<void> {
    for (const place of this.#places.values()) if (place.waiting.length > 0) await this.#seal(place);
    for (const sealing of this.#sealer.seal()) for (const body of await sealing) this.#take(body);
    this.#lines = 0;
  }

  async #seal(place: Place): Promise<void> {
    const { block, kept } = blockOf(place.waiting, { ...place, readAtMs: Date.now() });
    place.waiting = [];
    place.offset = block.endOffset;
    place.lineNumber = block.endLineNumber;
    for (const sealing of this.#sealer.add(block, kept)) for (const body of await sealing) this.#take(body);
  }

  #placeOf(kind: string): Place {
    const known = this.#places.get(kind);
    if (known) return known;
    const path = `/var/log/${kind}.log`;
    const stream = { sourceId: kind, streamId: `${kind}-${this.#agent}`, file: undefined, path, typeHint: '', timeZone: 'UTC', labels: {} };
    const place = { stream, offset: 0, lineNumber: 0, waiting: [] };
    this.#places.set(kind, place);
    return place;
  }
}

async function* source(
  { corpus, seed, stepMs }: LoadWish,
  startMs: number,
): AsyncGenerator<Pick<GeneratedLine, 'text'> & { kind: string }> {
  if (corpus.length === 0) yield* mixedStream({ seed, startMs, stepMs });
  for (let hasLines = true; hasLines;) {
    hasLines = false;
    for (const [place, file] of corpus.entries()) {
      for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
        if (text === '') continue;
        hasLines = true;
        yield { kind: `corpus-${place}`, text };
      }
    }
  }
  throw new Error(`--corpus: ${corpus.join(', ')} hold no lines`);
}

/** At a place where no format minds it. */
function withNeedle(text: string, needle: string): string {
  return text.startsWith('{') ? `${text.slice(0, -1)},"trace":"${needle}"}` : `${text} ${needle}`;
}
