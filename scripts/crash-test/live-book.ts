// What a live source owes (DELIVERY.md 4). Its lines come in *connections*: to one agent process, in order, until one of
// both is gone. What the agent had buffered has to be in the store; what it had not is lost with the process, and that can
// only be the end of a connection: of its lines, exactly the first so many are stored.
// How many at least is learned from the agent's own status, asked all the time: a stream's line number counts what is
// durable, a source's `linesRead` what was received, which a clean stop owes too. A connection that never ended owes all.
import type { LiveName } from './sources.ts';

export interface Connection {
  readonly run: string;
  readonly source: LiveName;
  /** Numbers of its lines, in the order they were sent. */
  readonly numbers: number[];
  /** So many of them are certainly buffered. */
  surely: number;
  isOver: boolean;
}

/** What an agent's status says of its sources. */
export interface SourceCounts {
  readonly sources: readonly {
    readonly sourceId: string;
    readonly linesRead: number;
    readonly linesDropped?: Readonly<Record<string, number>>;
  }[];
  readonly positions: readonly {
    readonly source: string;
    readonly stream: string;
    readonly offset: number;
    readonly lineNumber: number;
  }[];
}

export class LiveBook {
  readonly connections: Connection[] = [];
  /** Of the agent's process of now: its connections by source. */
  #ofProcess = new Map<LiveName, Connection[]>();
  readonly #seen = new Set<string>();
  /**
   * Streams of processes before it: live streams are new in each. After damage an agent may not know them when it begins,
   * and be told of them by the hub later.
   */
  #earlier: ReadonlySet<string> = new Set();

  /** All of which a status told, of any source. */
  get streams(): ReadonlySet<string> {
    return this.#seen;
  }

  processBegan(counts: SourceCounts): void {
    this.processEnded();
    this.#see(counts);
    this.#earlier = new Set(this.#seen);
  }

  processEnded(): void {
    for (const ofSource of this.#ofProcess.values()) for (const connection of ofSource) connection.isOver = true;
    this.#ofProcess = new Map();
  }

  open(source: LiveName): Connection {
    const run = `${source} ${this.connections.length}`;
    const connection: Connection = { run, source, numbers: [], surely: 0, isOver: false };
    this.connections.push(connection);
    const earlier = this.#ofProcess.get(source);
    if (earlier) earlier.push(connection);
    else this.#ofProcess.set(source, [connection]);
    return connection;
  }

  /** `counts` are of the process of now. */
  learnBuffered(counts: SourceCounts): void {
    this.#see(counts);
    for (const source of this.#ofProcess.keys()) {
      const own = counts.positions.filter((position) => position.source === source && !this.#earlier.has(position.stream));
      this.#learn(source, sum(own.map(({ lineNumber }) => lineNumber)));
    }
  }

  /** The same process then stopped without being killed: what it had received counts. */
  learnReceived({ sources }: SourceCounts): void {
    for (const { sourceId, linesRead, linesDropped = {} } of sources)
      for (const source of this.#ofProcess.keys())
        if (source === sourceId) this.#learn(source, linesRead - sum(Object.values(linesDropped)));
  }

  /** Everything that was sent and is owed, told by what is to be drained. */
  owed(connection: Connection): number {
    return connection.isOver ? connection.surely : connection.numbers.length;
  }

  #see({ positions }: SourceCounts): void {
    for (const { stream } of positions) this.#seen.add(stream);
  }

  /** Of connections one after the other the last owes what is beyond all that the others can have brought. */
  #learn(source: LiveName, count: number): void {
    const ofSource = this.#ofProcess.get(source) ?? [];
    const last = ofSource.at(-1);
    if (!last || last.isOver) return;
    const others = sum(ofSource.slice(0, -1).map(({ numbers }) => numbers.length));
    last.surely = Math.max(last.surely, Math.min(last.numbers.length, count - others));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
