// State in memory, for tests and the simulation: the same GroupedState on a map that stands for the synced disk.
// Faults on demand: the next write fails before or after it took effect, and crash() ends this life: writes in flight
// are kept or lost as the caller says, everything that resolved is there in the next life, nothing else is written.
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import type { State } from '../ports.ts';
import { GroupedState } from './grouped-state.ts';
import type { Row, Shelf, ShelfWrite } from './shelf.ts';

/** Everything durable at one moment: what a backup holds. */
export interface MemoryStateImage {
  readonly rows: ReadonlyMap<string, Row>;
  readonly lastRevision: number;
}

export interface MemoryStateOptions {
  /** Begins with what a backup held. */
  readonly from?: MemoryStateImage;
  /** Waited for before each write reaches the disk: the simulation's latency. */
  readonly latency?: () => Promise<void>;
}

export interface MemoryState extends State {
  /** The next write rejects with STATE_WRITE_FAILED, before or after it took effect. May be called several times. */
  failNextPut(when: 'before' | 'after'): void;
  /** Ends this life; the answer is the next one, on the same disk. */
  crash(inFlight?: 'lost' | 'kept'): MemoryState;
  image(): MemoryStateImage;
  /** Synced writes so far, over all lives. */
  readonly writes: number;
}

interface MemoryDisk {
  readonly rows: Map<string, Row>;
  lastRevision: number;
  writes: number;
}

export function memoryState(options: MemoryStateOptions = {}): MemoryState {
  const { rows, lastRevision } = options.from ?? { rows: [], lastRevision: 0 };
  return bornOn({ rows: new Map(rows), lastRevision, writes: 0 }, options);
}

function bornOn(disk: MemoryDisk, options: MemoryStateOptions): MemoryState {
  return new MemoryLife(disk, options, new MemoryShelf(disk, options));
}

class MemoryLife extends GroupedState implements MemoryState {
  readonly #disk: MemoryDisk;
  readonly #options: MemoryStateOptions;
  readonly #shelf: MemoryShelf;

  constructor(disk: MemoryDisk, options: MemoryStateOptions, shelf: MemoryShelf) {
    super(shelf, disk.lastRevision);
    this.#disk = disk;
    this.#options = options;
    this.#shelf = shelf;
  }

  get writes(): number {
    return this.#disk.writes;
  }

  failNextPut(when: 'before' | 'after'): void {
    this.#shelf.failures.push(when);
  }

  image(): MemoryStateImage {
    return { rows: new Map(this.#disk.rows), lastRevision: this.#disk.lastRevision };
  }

  crash(inFlight: 'lost' | 'kept' = 'lost'): MemoryState {
    this.#shelf.die(inFlight);
    this.abandon(crashed());
    return bornOn(this.#disk, this.#options);
  }
}

class MemoryShelf implements Shelf {
  readonly failures: ('before' | 'after')[] = [];
  readonly #disk: MemoryDisk;
  readonly #latency: () => Promise<void>;
  #inFlight: ShelfWrite | undefined;
  #isDead = false;

  constructor(disk: MemoryDisk, options: MemoryStateOptions) {
    this.#disk = disk;
    this.#latency = options.latency ?? (() => Promise.resolve());
  }

  async get(key: string): Promise<Row | undefined> {
    if (this.#isDead) throw crashed();
    return this.#disk.rows.get(key);
  }

  async write(write: ShelfWrite): Promise<void> {
    if (this.#isDead) throw crashed();
    this.#inFlight = write;
    await this.#latency();
    if (this.#isDead) throw crashed();
    this.#inFlight = undefined;
    const failure = this.failures.shift();
    if (failure !== 'before') this.#apply(write);
    if (failure) throw new AtalaiaError('STATE_WRITE_FAILED', 'the write failed because the test asked for it', { isRetryable: true });
  }

  async range({ prefix, after, limit }: { prefix: string; after: string; limit: number }): Promise<readonly Row[]> {
    if (this.#isDead) throw crashed();
    const keys = [...this.#disk.rows.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    return keys.slice(0, limit).flatMap((key) => this.#disk.rows.get(key) ?? []);
  }

  async lastRevision(): Promise<number> {
    return this.#disk.lastRevision;
  }

  async close(): Promise<void> {
    this.#isDead = true;
  }

  die(inFlight: 'lost' | 'kept'): void {
    if (this.#inFlight && inFlight === 'kept') this.#apply(this.#inFlight);
    this.#inFlight = undefined;
    this.#isDead = true;
  }

  #apply({ puts, removes, lastRevision }: ShelfWrite): void {
    for (const row of puts) this.#disk.rows.set(row.key, row);
    for (const key of removes) this.#disk.rows.delete(key);
    this.#disk.lastRevision = lastRevision;
    this.#disk.writes++;
  }
}

function crashed(): AtalaiaError {
  return new AtalaiaError('STATE_CLOSED', 'the state store went down; whether the write happened is known after the restart');
}
