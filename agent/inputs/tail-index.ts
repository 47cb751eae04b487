// Finds the tails whose file may hold what another file holds: among thousands, without comparing with each.
import { basename, dirname } from 'node:path';
import type { FileTail } from './file-tail.ts';
import { copyProofBytesMin } from './tail-proof.ts';
import { nameBeforeCompression, nameBeforeRotation } from './find-rotated.ts';

/** Names are no proof: of more the newest are asked. */
const ownMax = 64;

export class TailIndex {
  /** As it was when the index was made: elsewhere tails read on meanwhile. */
  readonly #byBeginning = new Map<string, FileTail[]>();
  readonly #byName = new Map<string, FileTail[]>();
  readonly #byRotatedName = new Map<string, FileTail[]>();

  constructor(tails: Iterable<FileTail> = []) {
    for (const tail of tails) this.add(tail);
  }

  add(tail: FileTail): void {
    if (tail.proof.head.length >= copyProofBytesMin) push(this.#byBeginning, beginningOf(tail.proof.head), tail);
    const { plain, base } = namesOf(tail.path);
    push(this.#byName, plain, tail);
    if (base !== plain) push(this.#byRotatedName, base, tail);
  }

  /** For the content to decide. Of the same log those too of which too little was read to know them by it. */
  alike(path: string, head: Buffer): FileTail[] {
    const read = (this.#byBeginning.get(beginningOf(head)) ?? []).filter((tail) => tail.proof.beginsLike(head));
    const own = this.#ofLog(path).filter((tail) => tail.proof.head.length < copyProofBytesMin || tail.proof.beginsLike(head));
    return [...new Set([...own, ...read])];
  }

  #ofLog(path: string): FileTail[] {
    const { plain, base } = namesOf(path);
    const live = this.#byName.get(base);
    // Other generations of it, where there is such a log.
    const siblings = live && base !== plain ? (this.#byRotatedName.get(base) ?? []) : [];
    const rotated = this.#byRotatedName.get(plain) ?? [];
    return [
      ...(this.#byName.get(plain) ?? []),
      ...(base === plain ? [] : (live ?? [])),
      ...rotated.slice(-ownMax),
      ...siblings.slice(-ownMax),
    ];
  }
}

function beginningOf(head: Buffer): string {
  return head.toString('latin1', 0, copyProofBytesMin);
}

function namesOf(path: string): { readonly plain: string; readonly base: string } {
  const [folder, name] = [dirname(path), basename(path)];
  return { plain: `${folder}/${nameBeforeCompression(name)}`, base: `${folder}/${nameBeforeRotation(name)}` };
}

function push(lists: Map<string, FileTail[]>, key: string, tail: FileTail): void {
  const list = lists.get(key);
  if (list) list.push(tail);
  else lists.set(key, [tail]);
}
