// The hub's side of the engine's child process: starts it, gives it statements, starts it again when it dies.
// Promises: every statement is answered or rejected, never left hanging: by the engine, by its time limit (the child is
// then ended and awaited before the rejection), or by the child's death. After a rejection that is not the engine's own
// answer the statement is certainly no longer running. Statements while the child is down are refused with a retryable
// STORE_DOWN; whoever asks waits and asks again, the journal holds the lines meanwhile.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { AtalaiaError } from '../../../proto/runtime/errors.ts';
import type { Clock } from '../../../proto/runtime/clock.ts';
import { entryPath } from '../../../proto/runtime/entries.ts';
import type { StoreLog } from '../blocks.ts';
import { engineFailure, storeDown } from './failures.ts';
import type { EngineLane, FromEngine, ReaderLimits, ToEngine } from './messages.ts';

export interface EngineOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly readers: number;
  readonly readerLimits: ReaderLimits;
}

export interface EngineAnswer {
  readonly rows: readonly Record<string, unknown>[];
  readonly rowsRead: number;
  /** In the engine: waiting for it not counted, standing still for intake counted. */
  readonly tookMs: number;
  readonly heldMs: number;
}

interface Waiting {
  resolve(answer: EngineAnswer): void;
  reject(error: unknown): void;
}

const startMsMax = 60_000;
const restartDelayMs = { first: 50, max: 5_000 };
const statementsMax = 1_024;
/**
 * The engine's allocator (jemalloc) keeps what an insert or a merge freed for half a minute instead of five seconds, and in
 * two places instead of one a core: the next insert then finds it. Given back and taken again, the kernel zeroes hundreds
 * of megabytes a second, which was half of the engine's CPU on a machine whose memory had not been touched before.
 */
const allocator = 'dirty_decay_ms:30000,percpu_arena:disabled,narenas:2';
/** ClickHouse's QUERY_WAS_CANCELLED. */
const queryCancelled = 394;

export class Engine {
  readonly #options: EngineOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closing = new AbortController();
  #child: ChildProcess | undefined;
  #isReady = false;
  #starting: Promise<void> | undefined;
  #nextId = 1;
  #restarts = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isReady;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The child's process id, for operators and tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the child has the store open; later deaths are mended without being asked. */
  async start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  async run(lane: EngineLane, statement: string, timeoutMs: number): Promise<EngineAnswer> {
    return this.begin(lane, statement, timeoutMs).answer;
  }

  /** The answer and a way to cancel it. */
  begin(lane: EngineLane, statement: string, timeoutMs: number): { readonly answer: Promise<EngineAnswer>; cancel(): void } {
    const id = this.#nextId++;
    return { answer: this.#ask(id, { is: 'run', id, lane, statement }, timeoutMs), cancel: () => this.#send({ is: 'cancel', id }) };
  }

  /** Searches give way while intake is behind; to be said again while anybody searches, for a new child knows nothing. */
  pace(isBehind: boolean): void {
    this.#send({ is: 'pace', isBehind });
  }

  /** Ends the child and waits until it is gone; it is started again unless closing. */
  async end(reason: string): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#options.log[this.#closing.signal.aborted ? 'info' : 'warn']({ pid: child.pid, reason }, 'engine ended');
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.end('hub stops');
    await this.#starting?.catch(() => undefined);
    await this.end('hub stops');
  }

  async #start(): Promise<void> {
    const { folder, readers, readerLimits } = this.#options;
    const child = fork(entryPath('engine-child'), [folder, String(readers), JSON.stringify(readerLimits)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      env: { JE_MALLOC_CONF: allocator, ...process.env, UV_THREADPOOL_SIZE: String(readers + 5) },
    });
    this.#child = child;
    child.on('error', (error) => this.#options.log.error({ err: error }, 'engine could not be started'));
    child.on('exit', (code, signal) => this.#exited(child, code, signal));
    await this.#opened(child);
    this.#isReady = true;
    child.on('message', (message: FromEngine) => this.#receive(message));
  }

  async #opened(child: ChildProcess): Promise<void> {
    const late = AbortSignal.timeout(startMsMax);
    const first: unknown = await Promise.race([
      once(child, 'message', { signal: late }).then(([message]: unknown[]) => message),
      once(child, 'exit', { signal: late }),
    ]).catch(() => undefined);
    if (isMessage(first) && first.is === 'ready') return;
    child.kill('SIGKILL');
    const why = isMessage(first) && first.is === 'refused' ? first.reason : 'the engine process ended or did not answer';
    throw new AtalaiaError('STORE_OPEN', `the event store in ${this.#options.folder} could not be opened: ${why}`, { isRetryable: true });
  }

  #exited(child: ChildProcess, code: number | null, signal: string | null): void {
    if (child !== this.#child) return;
    const wasReady = this.#isReady;
    this.#isReady = false;
    for (const waiting of this.#waiting.values()) waiting.reject(storeDown('it ended while working'));
    this.#waiting.clear();
    if (this.#closing.signal.aborted || !wasReady) return;
    this.#options.log.warn({ code, signal }, 'engine died, starting it again');
    void this.#restart();
  }

  async #restart(): Promise<void> {
    for (let delayMs = restartDelayMs.first; ; delayMs = Math.min(delayMs * 2, restartDelayMs.max)) {
      try {
        await this.#options.clock.sleep(delayMs, this.#closing.signal);
        this.#restarts++;
        await this.start();
        this.#options.log.info({ pid: this.pid, restarts: this.#restarts }, 'engine started again');
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#options.log.error({ err: error }, 'engine does not start, trying again; lines wait in the journal');
      }
    }
  }

  async #ask(id: number, message: ToEngine, timeoutMs: number): Promise<EngineAnswer> {
    if (!this.#isReady) throw storeDown('it is starting');
    if (this.#waiting.size >= statementsMax) throw storeDown(`${statementsMax} statements wait for it`);
    const answer = new Promise<EngineAnswer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const timer = setTimeout(() => void this.end(`statement ${id} took longer than ${timeoutMs} ms`), timeoutMs);
    try {
      this.#send(message);
      return await answer;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  #send(message: ToEngine): void {
    // A failed send means that the child is going; its exit rejects whoever waits.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  #receive(message: FromEngine): void {
    if (message.is !== 'answer' && message.is !== 'failed') return;
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    if (message.is === 'failed') waiting.reject(engineFailure(message.engineCode, message.reason));
    else {
      const answer = parseAnswer(message.text, message.heldMs);
      if (answer) waiting.resolve(answer);
      else waiting.reject(engineFailure(queryCancelled, 'the answer broke off'));
    }
  }
}

/** Undefined when the text is no whole answer: a statement cancelled while it answers leaves a broken one. */
function parseAnswer(text: string, heldMs: number): EngineAnswer | undefined {
  if (text.trim() === '') return { rows: [], rowsRead: 0, tookMs: 0, heldMs };
  try {
    // The engine wrote it: its JSON format, with rows as objects.
    const { data, statistics } = JSON.parse(text) as {
      data: Record<string, unknown>[];
      statistics?: { rows_read: number; elapsed: number };
    };
    return { rows: data, rowsRead: statistics?.rows_read ?? 0, tookMs: (statistics?.elapsed ?? 0) * 1_000, heldMs };
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is FromEngine {
  return typeof value === 'object' && value !== null && 'is' in value;
}
