// Lines that number themselves, appended to a followed file while something goes wrong, and what the store holds of them.
// Promises: a line is whole when it is written; `stored` answers them in their order, a repeat as often as it is stored.
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { askHub } from './site.ts';

const everyMs = 20;
/** What one search answers at most. */
const linesMax = 10_000;
const foundEvents = z.object({ events: z.array(z.object({ raw: z.string() })) });

export class NumberedLines {
  readonly #file: string;
  readonly #word: string;
  readonly #lines: string[] = [];
  readonly #stopping = new AbortController();
  #writing: Promise<void> = Promise.resolve();

  /** `word` is in no other line of the store. */
  constructor(file: string, word: string) {
    this.#file = file;
    this.#word = word;
  }

  get count(): number {
    return this.#lines.length;
  }

  start(): void {
    this.#writing = this.#write();
  }

  /** Every line that was written. */
  async stop(): Promise<readonly string[]> {
    this.#stopping.abort();
    await this.#writing;
    return this.#lines;
  }

  /** As soon as as many are stored as were written, or after `waitMsMax`. */
  async stored(hubData: string, waitMsMax: number): Promise<string[]> {
    const untilMs = Date.now() + waitMsMax;
    for (;;) {
      const wish = { query: this.#word, sinceMs: 0, untilMs: Date.now() + 86_400_000, limit: linesMax };
      const { events } = foundEvents.parse(await askHub(hubData, 'search', wish));
      if (events.length >= this.#lines.length || Date.now() > untilMs)
        return events.map(({ raw }) => raw).toSorted((a, b) => numberOf(a) - numberOf(b));
      await delay(200);
    }
  }

  async #write(): Promise<void> {
    while (!this.#stopping.signal.aborted && this.#lines.length < linesMax) {
      const line = `2026-11-24T10:00:00Z app1 app[1]: ${this.#word} number ${this.#lines.length}`;
      this.#lines.push(line);
      await appendFile(this.#file, `${line}\n`);
      await delay(everyMs);
    }
  }
}

function numberOf(line: string): number {
  return Number(/number (\d+)/.exec(line)?.[1]);
}
