// When each of many keys was first seen in the running interval, and how often: the memory of limit and collapse.
// Promises: fixed memory, made at first use. Where a key finds its places taken, the one whose interval began first is
// forgotten: then more lines pass, never fewer.

const places = 16_384;
/** Each key may stand in any of so many neighbouring places. */
const neighbours = 8;
const nobody = -1;

export class KeyTable {
  #lows = new Uint32Array(0);
  #highs = new Uint32Array(0);
  #begun = new Float64Array(0);
  #counts = new Uint32Array(0);

  /**
   * Counts one more of the key and gives its number within the interval, from 1. An interval begins with the first of its
   * key, and anew when the clock went back.
   */
  count(key: { readonly low: number; readonly high: number }, nowMs: number, intervalMs: number): number {
    if (this.#begun.length === 0) this.#open();
    const place = this.#placeOf(key.low, key.high);
    const age = nowMs - (this.#begun[place] ?? 0);
    const isSame = this.#lows[place] === key.low && this.#highs[place] === key.high;
    if (isSame && age >= 0 && age < intervalMs) return (this.#counts[place] = (this.#counts[place] ?? 0) + 1);
    this.#lows[place] = key.low;
    this.#highs[place] = key.high;
    this.#begun[place] = nowMs;
    this.#counts[place] = 1;
    return 1;
  }

  #open(): void {
    this.#lows = new Uint32Array(places);
    this.#highs = new Uint32Array(places);
    this.#begun = new Float64Array(places).fill(-Infinity);
    this.#counts = new Uint32Array(places);
  }

  /** Where the key stands, or the place of its neighbours that it may take. */
  #placeOf(low: number, high: number): number {
    const first = (low % (places / neighbours)) * neighbours;
    let oldest = nobody;
    for (let place = first; place < first + neighbours; place++) {
      if (this.#lows[place] === low && this.#highs[place] === high) return place;
      if (oldest < 0 || (this.#begun[place] ?? 0) < (this.#begun[oldest] ?? 0)) oldest = place;
    }
    return oldest;
  }
}
