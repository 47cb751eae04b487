// Finds the tails whose file begins like another: among thousands, without comparing with each.
import { copyProofBytesMin, type FileTail } from './file-tail.ts';

export class TailIndex {
  readonly #byBeginning = new Map<string, FileTail[]>();

  constructor(tails: Iterable<FileTail> = []) {
    for (const tail of tails) this.add(tail);
  }

  add(tail: FileTail): void {
    const beginning = tail.head.toString('latin1', 0, copyProofBytesMin);
    if (beginning.length < copyProofBytesMin) return;
    const others = this.#byBeginning.get(beginning);
    if (others) others.push(tail);
    else this.#byBeginning.set(beginning, [tail]);
  }

  alike(head: Buffer): FileTail[] {
    const others = this.#byBeginning.get(head.toString('latin1', 0, copyProofBytesMin));
    return others?.filter((tail) => tail.beginsLike(head)) ?? [];
  }
}
