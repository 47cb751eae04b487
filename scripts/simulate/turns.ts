// Time and order of a simulated world. Whatever waits for the world (disk, network, engine, clock) parks here; one parked
// thing at a time goes on, chosen by the seed, and time moves when nothing is parked (rarely before: a slow disk).
// Promises: the same seed gives the same order; what a dead process asked for never comes back to it, so that the dead do
// nothing; nothing here waits for anything but microtasks, so that no real clock, thread or socket has a say.
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';

/** One process from its start to its end. */
export class Life {
  readonly name: string;
  isAlive = true;

  constructor(name: string) {
    this.name = name;
  }
}

interface Parked {
  readonly life: Life;
  readonly what: string;
  readonly go: () => void;
  /** Sets the thing going without waiting for it: what power loss finds half done. */
  readonly begin: (() => void) | undefined;
}

interface Sleeper {
  readonly life: Life;
  readonly atMs: number;
  readonly wake: () => void;
}

/** A machine's wall clock: it may be wrong and may jump. */
export interface WallClock {
  aheadMs: number;
}

/** Microtasks between two turns: enough for most chains; what is still on its way goes on beside the next. */
const hopsPerTurn = 14;
const soon = Promise.resolve();
const startMs = Date.UTC(2026, 10, 24, 9);

export class World {
  readonly seed: number;
  readonly random: Random;
  readonly tell: ((text: string) => void) | undefined;
  monotonicMs = 0;
  turnCount = 0;
  /** Sleeps end at multiples of this: a loaded machine. */
  grainMs = 1;
  /** How often time moves although something could go on. */
  slowness = 0;
  readonly problems: string[] = [];
  #parked: Parked[] = [];
  #sleepers: Sleeper[] = [];
  readonly #controllers: AbortController[] = [];
  #isOver = false;

  constructor(seed: number, tell: ((text: string) => void) | undefined) {
    this.seed = seed;
    this.random = seededRandom(seed);
    this.tell = tell;
  }

  chance(probability: number): boolean {
    return this.random.unit() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.random.unit() * limit);
  }

  pick<T>(things: readonly T[]): T | undefined {
    return things[this.below(things.length)];
  }

  /** Something that no schedule may bring about. */
  blame(problem: string): void {
    this.tell?.(`PROBLEM ${problem}`);
    if (this.problems.length < 20) this.problems.push(problem);
  }

  /** Waits for its turn. Never comes back to a process that died meanwhile. */
  park(life: Life, what: string, begin?: () => void): Promise<void> {
    return new Promise((resolve) => {
      if (life.isAlive && !this.#isOver) this.#parked.push({ life, what, go: resolve, begin });
    });
  }

  /** The process is gone. What it had asked for is begun or not, and never answered. */
  end(life: Life, howMany: number): void {
    life.isAlive = false;
    const left = this.#parked.filter((parked) => parked.life === life);
    this.#parked = this.#parked.filter((parked) => parked.life !== life);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.life !== life);
    for (const { begin, what } of left) {
      if (!begin || !this.chance(howMany)) continue;
      this.tell?.(`  ${life.name}: ${what} was under way`);
      begin();
    }
  }

  /** For a process and its connections; aborted when the world ends at the latest. */
  controller(): AbortController {
    const controller = new AbortController();
    this.#controllers.push(controller);
    return controller;
  }

  /** Nothing goes on any more. Signals that nobody aborts would hold all that listens to them in memory for ever, and
   * thousands of worlds come after this one. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#parked = [];
    this.#sleepers = [];
    for (const controller of this.#controllers) controller.abort();
    await macrotask();
  }

  clockOf(life: Life, wall: WallClock): Clock {
    return {
      nowMs: () => startMs + this.monotonicMs + wall.aheadMs,
      monotonicMs: () => this.monotonicMs,
      sleep: (ms, signal) => this.#sleep(life, ms, signal),
    };
  }

  /** Lets one thing go on. False when nothing ever will. */
  async turn(): Promise<boolean> {
    this.turnCount++;
    if (this.#parked.length === 0) {
      await macrotask();
      if (this.#parked.length === 0 && !this.#moveTime()) return false;
    } else if (this.slowness > 0 && this.chance(this.slowness)) this.#moveTime();
    const [next] = this.#parked.splice(this.below(this.#parked.length), 1);
    if (!next) return true;
    this.tell?.(`${this.turnCount} ${this.monotonicMs}ms ${next.life.name}: ${next.what}`);
    next.go();
    for (let hop = 0; hop < hopsPerTurn; hop++) await soon;
    return true;
  }

  #sleep(life: Life, ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      if (!life.isAlive || this.#isOver) return;
      const atMs = Math.ceil((this.monotonicMs + Math.max(ms, 0)) / this.grainMs) * this.grainMs;
      let isOver = false;
      const onAbort = (): void => {
        isOver = true;
        const at = this.#sleepers.indexOf(own);
        if (at >= 0) this.#sleepers.splice(at, 1);
        reject(signal?.reason);
      };
      const own: Sleeper = {
        life,
        atMs,
        wake: () => {
          if (isOver) return;
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(own);
    });
  }

  /** To the next sleeper; everybody whose time has come gets a turn, in any order. */
  #moveTime(): boolean {
    let atMs = Infinity;
    for (const sleeper of this.#sleepers) atMs = Math.min(atMs, sleeper.atMs);
    if (atMs === Infinity) return false;
    this.monotonicMs = Math.max(this.monotonicMs, atMs);
    const due = this.#sleepers.filter((sleeper) => sleeper.atMs <= atMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.atMs > atMs);
    for (const { life, wake } of due) this.#parked.push({ life, what: 'timer', go: wake, begin: undefined });
    return true;
  }
}

/** Every microtask has run when it resolves. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The answer, if the one who asked still lives; else nothing, for ever. */
export async function answerTo<T>(life: Life, answer: Promise<T>): Promise<T> {
  try {
    const value = await answer;
    if (life.isAlive) return value;
  } catch (error) {
    if (life.isAlive) throw error;
  }
  return new Promise<T>(() => undefined);
}
