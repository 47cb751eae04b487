// Dotted names of nested fields (`winlog.event_data.Image`), one string object for each however often it comes: a string put
// together anew for every event would be hashed anew by the matcher, the store and everyone else who looks it up.
// Promises: the same text as joining with a dot. Bounded: hostile names beyond `namesMax` or `charsMax` are joined anew, and
// when full it starts again, so that names of yesterday's flood do not stay for ever.

const namesMax = 16_384;
const charsMax = 256;

export class JoinedNames {
  readonly #byPrefix = new Map<string, Map<string, string>>();
  #size = 0;

  join(prefix: string, key: string): string {
    const names = this.#byPrefix.get(prefix);
    return names?.get(key) ?? this.#add(prefix, key);
  }

  #add(prefix: string, key: string): string {
    const name = `${prefix}.${key}`;
    if (name.length > charsMax) return name;
    if (this.#size >= namesMax) {
      this.#byPrefix.clear();
      this.#size = 0;
    }
    let names = this.#byPrefix.get(prefix);
    if (!names) this.#byPrefix.set(prefix, (names = new Map()));
    names.set(key, name);
    this.#size++;
    return name;
  }
}
