// What a search for a field shows its values to, and what it learned: whether a value was taken, whether any was there.

/** Sees the bytes of one value as they mean; `isNull` for a JSON null or a field that is not there. */
export type ValueTest = (bytes: Buffer, start: number, end: number, isNull: boolean) => boolean;

const anything: ValueTest = () => true;
const empty = Buffer.alloc(0);

export class ValueSight {
  /** Objects, arrays and null count as values too. */
  seesTrees = false;
  isThere = false;
  #test: ValueTest = anything;

  lookFor(test: ValueTest): void {
    this.#test = test;
    this.seesTrees = false;
    this.isThere = false;
  }

  lookForAnything(): void {
    this.lookFor(anything);
    this.seesTrees = true;
  }

  /** Whether the value is taken. Bound, so that it can be handed on. */
  readonly see = (bytes: Buffer, start: number, end: number): boolean => {
    this.isThere = true;
    return this.#test(bytes, start, end, false);
  };

  /** The same for bytes with escapes, `decoded`, where there are any. */
  seeDecoded(bytes: Buffer, start: number, end: number, decoded: Buffer | undefined): boolean {
    return decoded ? this.see(decoded, 0, decoded.length) : this.see(bytes, start, end);
  }

  seeNull(): boolean {
    return this.#test(empty, 0, 0, true);
  }
}
