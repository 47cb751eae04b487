// Which lines end the hub, so that an attacker's line does not become a crash loop (DELIVERY.md 26). After an unclean end
// writes are worked alone, and the one in work is written down; a write that was in work at a second end is tried line by
// line, each written down first; a line that was being tried at an end is in doubt, and at another end of the same line it
// is poison: stored raw, without rules. Once is not enough: somebody who ends the process from outside ends it during one line.
// Promises: a note is durable before what it names is tried, and gone once it was survived, so that a kill at another
// moment accuses nobody. Costs nothing while nothing ends the hub: writes that were never in doubt are not noted.
import { assert } from '../proto/runtime/errors.ts';
import { Serial } from '../proto/runtime/serial.ts';
import type { State } from './ports.ts';
import type { TriedLine } from './pipeline-ports.ts';

type NotedLine = TriedLine & { readonly write: number };

interface PoisonDocument {
  readonly trying?: { readonly write: number; readonly line?: TriedLine };
  /** Writes that were in work alone when the hub ended. */
  readonly suspects: readonly number[];
  /** Lines that were being tried when the hub ended, once. */
  readonly doubted?: readonly NotedLine[];
  readonly lines: readonly NotedLine[];
  /** Writes whose rows the store refused: their lines are stored raw. */
  readonly refused: readonly number[];
}

const key = 'pipeline/poison';
const empty: PoisonDocument = { suspects: [], lines: [], refused: [] };
/** More than ever lie between two frees; beyond, the oldest are forgotten and would be found again. */
const listMax = 4_096;

export class PoisonBook {
  readonly #state: State;
  /** Freeing the journal forgets while the next write is being tried. */
  readonly #serial = new Serial();
  #document: PoisonDocument;
  #revision: number;

  private constructor(state: State, document: PoisonDocument, revision: number) {
    this.#state = state;
    this.#document = document;
    this.#revision = revision;
  }

  /** What was being tried at an unclean end is judged here; `isLineToBlame` is false where that end had another reason. */
  static async open(state: State, isLineToBlame = true): Promise<PoisonBook> {
    const found = await state.get<PoisonDocument>(key);
    const book = new PoisonBook(state, found?.value ?? empty, found?.revision ?? 0);
    const { trying } = book.#document;
    if (trying) await book.#change((document) => ({ ...without(document), ...(isLineToBlame ? accusing(document, trying) : {}) }));
    return book;
  }

  isSuspect(write: number): boolean {
    return this.#document.suspects.includes(write) || this.#document.lines.some((line) => line.write === write);
  }

  isRefused(write: number): boolean {
    return this.#document.refused.includes(write);
  }

  linesOf(write: number): readonly TriedLine[] {
    return this.#document.lines.filter((line) => line.write === write).map(({ entry, index }) => ({ entry, index }));
  }

  trying(write: number, line?: TriedLine): Promise<void> {
    return this.#change((document) => ({ ...document, trying: line ? { write, line } : { write } }));
  }

  /** Also when a life ended for a reason that is no line's. */
  survived(): Promise<void> {
    return this.#change((document) => (document.trying ? without(document) : document));
  }

  refuse(fromWrite: number, toWrite: number): Promise<void> {
    assert(toWrite >= fromWrite, `writes ${fromWrite} to ${toWrite}`);
    const writes = Array.from({ length: toWrite - fromWrite + 1 }, (_, at) => fromWrite + at);
    return this.#change((document) => ({ ...document, refused: [...new Set([...document.refused, ...writes])].slice(-listMax) }));
  }

  forget(upTo: number): Promise<void> {
    return this.#change((document) => {
      const { suspects, doubted = [], lines, refused } = document;
      if (![...suspects, ...lines.map(({ write }) => write), ...refused].some((write) => write <= upTo)) return document;
      return {
        ...document,
        suspects: suspects.filter((write) => write > upTo),
        doubted: doubted.filter(({ write }) => write > upTo),
        lines: lines.filter(({ write }) => write > upTo),
        refused: refused.filter((write) => write > upTo),
      };
    });
  }

  /** The same document: nothing is written. */
  #change(compute: (document: PoisonDocument) => PoisonDocument): Promise<void> {
    return this.#serial.run(async () => {
      const next = compute(this.#document);
      if (next === this.#document) return;
      this.#revision = await this.#state.put(key, next, this.#revision);
      this.#document = next;
    });
  }
}

function without({ suspects, doubted = [], lines, refused }: PoisonDocument): PoisonDocument {
  return { suspects, doubted, lines, refused };
}

function accusing(
  { suspects, doubted = [], lines }: PoisonDocument,
  { write, line }: NonNullable<PoisonDocument['trying']>,
): Partial<Pick<PoisonDocument, 'suspects' | 'doubted' | 'lines'>> {
  if (line) {
    const noted = { write, ...line };
    const isAgain = doubted.some((other) => other.write === write && other.entry === line.entry && other.index === line.index);
    return isAgain ? { lines: [...lines, noted].slice(-listMax) } : { doubted: [...doubted, noted].slice(-listMax) };
  }
  return { suspects: [...new Set([...suspects, write])].slice(-listMax) };
}
