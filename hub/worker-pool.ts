// Threads that make rows and findings of journal writes: each write's batches are spread over them by agent, so that a
// stream's lines keep their order, and the answers come back as one.
// Promises: answers in the order of the calls; a thread that ends, or takes longer than workMsMax over one write, makes
// every call that waits reject with WORKER_FAILED, and `reset` starts fresh ones. Block files of a reset are removed.
// Memory: as much as the caller has in work; frames are copied to the threads.
import { mkdir, rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../proto/runtime/clock.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { entryPath } from '../proto/runtime/entries.ts';
import type { Worked } from './line-work.ts';
import type { LineWorkers, TriedLine, Work } from './pipeline-ports.ts';
import type { FromWorker, RuleSource, ToWorker, WorkerStart } from './work.ts';

export interface WorkerPoolOptions {
  readonly count: number;
  readonly blocksFolder: string;
  readonly rules: readonly RuleSource[];
  readonly clock: Clock;
  /** Of one write; beyond it the thread is ended. A careful write takes as long as its lines. */
  readonly workMsMax?: number;
}

interface Waiting {
  readonly resolve: (message: FromWorker) => void;
  readonly reject: (error: unknown) => void;
  readonly trying?: (line: TriedLine) => Promise<void>;
  sinceMs: number;
}

interface Thread {
  readonly worker: Worker;
  readonly turn: Int32Array;
  /** Answers come in the order of the questions. */
  readonly waiting: Waiting[];
  readonly ready: Promise<void>;
}

const workMsMaxDefault = 60_000;
const watchEveryMs = 1_000;
/** The matching thread's heap is small (DESIGN.md 4); this is the point where something is wrong. */
const heapMbMax = 2_048;

export class WorkerPool implements LineWorkers {
  readonly #options: WorkerPoolOptions;
  readonly #rules: SharedArrayBuffer;
  readonly #closing = new AbortController();
  #threads: Thread[] = [];
  #life = 0;
  #watching: Promise<void> | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    const bytes = Buffer.from(JSON.stringify(options.rules));
    this.#rules = new SharedArrayBuffer(bytes.length);
    new Uint8Array(this.#rules).set(bytes);
  }

  async work(work: Work, trying: (line: TriedLine) => Promise<void>): Promise<Worked> {
    const shares = this.#share(work);
    const answers = shares.map(async ({ thread, places, share }) => {
      const tried = ({ entry, index }: TriedLine): Promise<void> => trying({ entry: places[entry] ?? 0, index });
      const message = await this.#ask(thread, share, tried);
      return { places, worked: message.is === 'worked' ? readWorked(message.worked) : nothing };
    });
    return joined(await Promise.all(answers));
  }

  async seal(block: number): Promise<readonly string[]> {
    const answers = await Promise.all(this.#threads.map((thread) => this.#ask(thread, { is: 'seal', block })));
    return answers.flatMap((answer) => (answer.is === 'sealed' && answer.rows > 0 ? [answer.file] : []));
  }

  async reset(): Promise<void> {
    await this.#end(failed('the pipeline begins anew'));
    const { blocksFolder, count } = this.#options;
    await rm(blocksFolder, { recursive: true, force: true });
    await mkdir(blocksFolder, { recursive: true, mode: 0o700 });
    this.#life++;
    this.#threads = Array.from({ length: count }, (_, at) => this.#start(`${this.#life}-${at}`));
    this.#watching ??= this.#watch();
    await Promise.all(this.#threads.map(({ ready }) => ready));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#end(failed('the hub stops'));
    await this.#watching;
  }

  #share(work: Work): { thread: Thread; places: number[]; share: Work }[] {
    const [only] = this.#threads;
    if (!only) throw failed('no worker runs');
    if (this.#threads.length === 1) return [{ thread: only, places: work.entries.map((_, at) => at), share: work }];
    return this.#threads.flatMap((thread, at) => {
      const places = work.entries.flatMap(({ agentId }, place) => (spread(agentId) % this.#threads.length === at ? [place] : []));
      if (places.length === 0) return [];
      const entries = places.flatMap((place) => work.entries[place] ?? []);
      const poison = work.poison.flatMap(({ entry, index }) => (places.includes(entry) ? [{ entry: places.indexOf(entry), index }] : []));
      return [{ thread, places, share: { ...work, entries, poison } }];
    });
  }

  #ask(thread: Thread, message: ToWorker, trying?: (line: TriedLine) => Promise<void>): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      thread.waiting.push({ resolve, reject, sinceMs: this.#options.clock.monotonicMs(), ...(trying ? { trying } : {}) });
      thread.worker.postMessage(message, []);
    });
  }

  #start(name: string): Thread {
    const turn = new SharedArrayBuffer(4);
    const workerData: WorkerStart = { rules: this.#rules, blocksFolder: this.#options.blocksFolder, name, turn };
    const worker = new Worker(entryPath('hub-worker'), { workerData, resourceLimits: { maxOldGenerationSizeMb: heapMbMax } });
    const waiting: Waiting[] = [];
    const ready = new Promise<void>((resolve, reject) => waiting.push({ resolve: () => resolve(), reject, sinceMs: Infinity }));
    const thread: Thread = { worker, turn: new Int32Array(turn), waiting, ready };
    worker.on('message', (message: FromWorker) => this.#take(thread, message));
    worker.on('error', (error) => this.#lost(failed('a worker thread ended', error)));
    worker.on('exit', () => {
      if (this.#threads.includes(thread)) this.#lost(failed('a worker thread ended'));
    });
    return thread;
  }

  #take(thread: Thread, message: FromWorker): void {
    const [first] = thread.waiting;
    if (!first) return;
    first.sinceMs = this.#options.clock.monotonicMs();
    if (message.is !== 'trying') {
      thread.waiting.shift();
      const [next] = thread.waiting;
      if (next) next.sinceMs = first.sinceMs;
      first.resolve(message);
      return;
    }
    const goOn = (): void => {
      Atomics.store(thread.turn, 0, 1);
      Atomics.notify(thread.turn, 0);
    };
    first.trying?.({ entry: message.entry, index: message.index }).then(goOn, (error: unknown) => this.#lost(error));
  }

  /** Whoever waits is told; the threads are ended by the reset that follows. */
  #lost(error: unknown): void {
    for (const { waiting } of this.#threads) for (const { reject } of waiting.splice(0)) reject(error);
  }

  async #end(reason: AtalaiaError): Promise<void> {
    const threads = this.#threads;
    this.#lost(reason);
    this.#threads = [];
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  async #watch(): Promise<void> {
    const { clock, workMsMax = workMsMaxDefault } = this.#options;
    while (!this.#closing.signal.aborted) {
      await clock.sleep(watchEveryMs, this.#closing.signal).catch(() => undefined);
      const isStuck = this.#threads.some(({ waiting: [first] }) => first && clock.monotonicMs() - first.sinceMs > workMsMax);
      if (isStuck) this.#lost(failed(`a worker took more than ${workMsMax} ms over one journal write`));
    }
  }
}

const nothing: Worked = {
  rows: 0,
  findings: [],
  maxTimeMs: 0,
  counts: { lines: 0, rawBytes: 0, problems: 0, decoders: {} },
  stored: [],
  damaged: [],
};

function readWorked(bytes: Uint8Array): Worked {
  // Our own worker wrote it.
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as Worked;
}

function joined(answers: readonly { readonly places: readonly number[]; readonly worked: Worked }[]): Worked {
  const [first] = answers;
  if (first && answers.length === 1) return first.worked;
  return answers.reduce<Worked>((sum, { places, worked }) => {
    const decoders = { ...sum.counts.decoders };
    for (const [id, lines] of Object.entries(worked.counts.decoders)) decoders[id] = (decoders[id] ?? 0) + lines;
    return {
      rows: sum.rows + worked.rows,
      findings: [...sum.findings, ...worked.findings],
      maxTimeMs: Math.max(sum.maxTimeMs, worked.maxTimeMs),
      counts: {
        lines: sum.counts.lines + worked.counts.lines,
        rawBytes: sum.counts.rawBytes + worked.counts.rawBytes,
        problems: sum.counts.problems + worked.counts.problems,
        decoders,
      },
      stored: [...sum.stored, ...worked.stored],
      damaged: [...sum.damaged, ...worked.damaged.map(({ entry, reason }) => ({ entry: places[entry] ?? 0, reason }))],
    };
  }, nothing);
}

/** Ids are hashes already; any of their digits spreads. */
function spread(agentId: string): number {
  return Number.parseInt(agentId.slice(0, 8), 16) || 0;
}

function failed(text: string, cause?: unknown): AtalaiaError {
  return new AtalaiaError('WORKER_FAILED', `${text}; the journal keeps its lines`, cause === undefined ? {} : { cause });
}
