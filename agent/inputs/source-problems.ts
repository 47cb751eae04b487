// What is wrong with a source right now, by kind; `status` shows the first, the log each once.
// Promises: the same kind is logged again at most once a minute, whatever strangers do, so that nobody can fill the log.
import type { Clock } from '../../proto/runtime/clock.ts';
import type { InputLog } from './input-log.ts';

const logAgainMs = 60_000;

interface Problem {
  readonly text: string;
  readonly loggedMs: number;
}

export class SourceProblems {
  readonly #log: InputLog;
  readonly #sourceId: string;
  readonly #clock: Clock;
  readonly #problems = new Map<string, Problem>();

  constructor(sourceId: string, log: InputLog, clock: Clock) {
    this.#sourceId = sourceId;
    this.#log = log;
    this.#clock = clock;
  }

  get first(): string {
    for (const { text } of this.#problems.values()) if (text !== '') return text;
    return '';
  }

  set(kind: string, text: string): void {
    const before = this.#problems.get(kind);
    if (before?.text === text) return;
    const nowMs = this.#clock.monotonicMs();
    const isLogged = before === undefined || nowMs - before.loggedMs >= logAgainMs;
    if (isLogged) this.#log.warn({ source: this.#sourceId }, text);
    this.#problems.set(kind, { text, loggedMs: isLogged ? nowMs : before.loggedMs });
  }

  /** It is well again. */
  clear(kind: string): void {
    const before = this.#problems.get(kind);
    if (before) this.#problems.set(kind, { ...before, text: '' });
  }
}
