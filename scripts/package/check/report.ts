// What a check found, line by line; the first thing that is wrong ends it.

export class Report {
  #passed = 0;

  get passed(): number {
    return this.#passed;
  }

  /** `seen` is told when it is not so. */
  must(isSo: boolean, says: string, seen = ''): void {
    if (!isSo) throw new Error(`not so: ${says}${seen === '' ? '' : `\n${seen}`}`);
    this.#passed++;
    console.log(`ok    ${says}`);
  }

  note(text: string): void {
    console.log(`      ${text}`);
  }
}
