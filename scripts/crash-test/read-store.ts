// Every line that the hub's store holds, through searches, as often as it is there.
// Promises: a look at what is new since the last one is believed only if the store counts as many rows as were found;
// else, and when asked for, everything is read again.
import { askHub } from '../programs/site.ts';
import type { CrashSite } from './crash-site.ts';
import { messageOf } from './journal-writer.ts';
import { kernelTextOf } from './kernel-writer.ts';
import { numberIn, type WrittenLine } from './written-lines.ts';

interface SeenEvent {
  readonly id: string;
  readonly raw: string;
}

const searchLimit = 1_000;
const linesPerSearch = 700;
/** Clocks jump, and an event without a time of its own has that of whoever read it. */
const marginMs = 3 * 86_400_000;

export class StoreReader {
  readonly #site: CrashSite;
  /** Number of a line to the ids under which it is stored. */
  #ids = new Map<number, Set<string>>();
  #seen = 0;
  problems: string[] = [];

  constructor(site: CrashSite) {
    this.#site = site;
  }

  get duplicated(): readonly number[] {
    return [...this.#ids].filter(([, ids]) => ids.size > 1).map(([number]) => number);
  }

  get duplicates(): number {
    return [...this.#ids.values()].reduce((sum, ids) => sum + ids.size - 1, 0);
  }

  ids(): ReadonlyMap<number, string> {
    return new Map([...this.#ids].map(([number, [id = '']]) => [number, id]));
  }

  async read(lines: readonly WrittenLine[], { isWhole }: { readonly isWhole: boolean }): Promise<void> {
    const isNew = !isWhole && this.#seen > 0;
    if (isNew)
      await this.#readFrom(
        lines,
        lines.findIndex(({ number, isNoise }) => !isNoise && !this.#ids.has(number)),
      );
    const rows = (await this.#site.hubStatus())?.store.rows;
    if (isNew && rows === [...this.#ids.values()].reduce((sum, { size }) => sum + size, 0)) return;
    this.#ids = new Map();
    await this.#readFrom(lines, 0);
  }

  async #readFrom(lines: readonly WrittenLine[], from: number): Promise<void> {
    this.problems = [];
    this.#seen = lines.length;
    if (from < 0) return;
    const cuts = lines.filter(({ number }) => number > from && number % linesPerSearch === 0).map(({ timeMs }) => timeMs);
    const beginMs = (lines[from]?.timeMs ?? Date.now()) - (from === 0 ? marginMs : 0);
    const edges = [beginMs, ...cuts, Date.now() + marginMs];
    for (const [at, sinceMs] of edges.slice(0, -1).entries()) await this.#search(lines, sinceMs, edges[at + 1] ?? sinceMs);
  }

  /** Halves the time until an answer is whole. */
  async #search(lines: readonly WrittenLine[], sinceMs: number, untilMs: number): Promise<void> {
    const answer = await askHub(this.#site.hubData, 'search', { query: '', sinceMs, untilMs, limit: searchLimit });
    if (typeof answer !== 'object' || answer === null || !('events' in answer))
      throw new Error(`a search answered ${JSON.stringify(answer)}`);
    // The hub's own answer, of the same version.
    const { events, isPartial } = answer as { readonly events: readonly SeenEvent[]; readonly isPartial: boolean };
    if (events.length < searchLimit && !isPartial) return events.forEach((event) => this.#note(lines, event));
    if (untilMs - sinceMs < 2) throw new Error('a search of one millisecond is not answered whole');
    const middle = Math.floor((sinceMs + untilMs) / 2);
    await this.#search(lines, sinceMs, middle);
    await this.#search(lines, middle, untilMs);
  }

  #note(lines: readonly WrittenLine[], { id, raw }: SeenEvent): void {
    const number = numberIn(raw);
    const line = number === undefined ? undefined : lines[number];
    const isRight = line && line.text === textOf(line, raw);
    if (!line || !isRight || line.isNoise) {
      if (this.problems.length < 5) this.problems.push(`the store holds what was not written so: ${JSON.stringify(raw.slice(0, 300))}`);
      return;
    }
    const ids = this.#ids.get(line.number);
    if (ids) ids.add(id);
    else this.#ids.set(line.number, new Set([id]));
  }
}

/** What was written, out of the line that the agent made of it. */
function textOf({ source }: WrittenLine, raw: string): string {
  if (source === 'journal') return messageOf(raw);
  return source === 'kmsg' ? kernelTextOf(raw) : raw;
}
