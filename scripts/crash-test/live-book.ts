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
  /** Of the agent's process of now: its connections by source, and what its buffer held when it began. */
  #ofProcess = new Map<LiveName, Connection[]>();
  #before = new Map<string, number>();

  processBegan({ positions }: SourceCounts): void {
    this.processEnded();
    this.#before = new Map(positions.map(({ stream, lineNumber }) => [stream, lineNumber]));
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
  learnBuffered({ positions }: SourceCounts): void {
    for (const source of this.#ofProcess.keys()) {
      const ofSource = positions.filter((position) => position.source === source);
      this.#learn(source, sum(ofSource.map(({ stream, lineNumber }) => Math.max(0, lineNumber - (this.#before.get(stream) ?? 0)))));
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
