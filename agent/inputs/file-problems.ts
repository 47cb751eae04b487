// Which paths of a source cannot be followed or read right now, and why.
// Promises: each is logged once, and again only after it was well meanwhile or its reason changed; status shows the first.
import type { InputLog } from './input-log.ts';

export class FileProblems {
  readonly #log: InputLog;
  readonly #sourceId: string;
  /** From the last look for files. */
  #found = new Map<string, string>();
  /** From reading; they go when the file is read again or is no longer there. */
  readonly #reading = new Map<string, string>();

  constructor(sourceId: string, log: InputLog) {
    this.#sourceId = sourceId;
    this.#log = log;
  }

  get first(): string {
    const all = new Map([...this.#found, ...this.#reading]);
    const [first] = all;
    if (!first) return '';
    return `${first[0]}: ${first[1]}${all.size > 1 ? ` (and ${all.size - 1} more)` : ''}`;
  }

  /** What a whole look found; what it does not name is well again. */
  replaceFound(problems: ReadonlyMap<string, string>): void {
    for (const [path, problem] of problems) if (this.#found.get(path) !== problem) this.#tell(path, `not followed: ${problem}`);
    this.#found = new Map(problems);
  }

  whileReading(path: string, problem: string): void {
    if (this.#reading.get(path) !== problem) this.#tell(path, `reading stopped: ${problem}`);
    this.#reading.set(path, problem);
  }

  aboutLines(path: string, problem: string): void {
    if (this.#reading.get(path) !== problem) this.#tell(path, problem);
    this.#reading.set(path, problem);
  }

  readAgain(path: string): void {
    if (this.#reading.size > 0) this.#reading.delete(path);
  }

  #tell(path: string, text: string): void {
    this.#log.warn({ source: this.#sourceId, path }, text);
  }
}
