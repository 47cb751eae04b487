// When amounts that only grow had reached how much: so that it can be told how long the rest of them waits.
// Promises: an age is never above the truth; it is below it by a sampling interval at most while one queue in order is
// looked at, and by more where several are one amount. Bounded: a mark per sample where something waits, thinned evenly.

export interface Age {
  /** 0: nothing waits. */
  readonly ageMs: number;
  /** It was there already when the first mark was set: perhaps it is older. */
  readonly isAtLeast: boolean;
}

interface Mark {
  readonly atMs: number;
  readonly amount: number;
}

export class AgeMarks {
  readonly #marksMax: number;
  /** Ascending. */
  #marks = new Map<string, Mark[]>();

  /** `marksMax`: of each key. */
  constructor(marksMax: number) {
    this.#marksMax = marksMax;
  }

  /** The amount of a key now, and how much of it is done with. */
  note(key: string, atMs: number, { amount, done }: { readonly amount: number; readonly done: number }): void {
    const known = this.#marks.get(key) ?? [];
    const last = known.at(-1);
    // What is counted anew says nothing about what was counted before.
    if (!last || amount < last.amount) {
      this.#marks.set(key, [{ atMs, amount }]);
      return;
    }
    if (amount === last.amount) return;
    const needed = known.findIndex((mark) => mark.amount > done);
    known.splice(0, needed < 0 ? known.length - 1 : needed);
    if (known.length >= this.#marksMax)
      this.#marks.set(
        key,
        known.filter((_, at) => at % 2 === 0),
      );
    this.#marks.get(key)?.push({ atMs, amount });
  }

  /** Keys that are not among these are forgotten. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#marks.keys()) if (!keys.has(key)) this.#marks.delete(key);
  }

  /** How long something of the amount is there that is not done with: from the first mark above that on. */
  ageOf(key: string, done: number, nowMs: number): Age {
    const marks = this.#marks.get(key) ?? [];
    const place = marks.findIndex(({ amount }) => amount > done);
    // Above the last mark is what came since.
    const mark = marks[place];
    return { ageMs: mark ? Math.round(nowMs - mark.atMs) : 0, isAtLeast: place === 0 };
  }
}
