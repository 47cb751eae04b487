// JSON.parse for text that strangers wrote (DECISION-hostile-json.md): V8 14 may take an escaped key for another key
// that an earlier text has taught it, so one line could change how a later one is read.
// Promises: the value that JSON.parse is specified to give (repeated keys, `__proto__` as a plain key), a SyntaxError where it
// throws one; what was parsed before changes nothing. Texts without an escape in a key cost one search for backslashes.
// Texts with one are read here, several times slower, and at most `depthMax` levels deep (else a SyntaxError).
// Would break it: handing any text with an escaped key to JSON.parse, as a whole or in parts.

const depthMax = 1_000;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

export function parseHostileJson(text: string): unknown {
  return hasEscapedKey(text) ? new TextReader(text).read() : JSON.parse(text);
}

/** Of a text that is not JSON it may say either. */
export function hasEscapedKey(text: string): boolean {
  let at = text.indexOf('\\');
  // Outside of strings JSON has no backslash: the first one seen begins an escape in a string whose end is looked for.
  while (at >= 0) {
    const behind = stringEnd(text, at + 2);
    if (behind < 0) return false;
    const next = skipSpace(text, behind);
    if (text.charCodeAt(next) === colon) return true;
    at = text.indexOf('\\', next);
  }
  return false;
}

/** Just behind the next quote that no backslash escapes; `at` must not lie within an escape. -1 when there is none. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (before >= at && text.charCodeAt(before) === backslash) before--;
    if (((end - before) & 1) === 1) return end + 1;
  }
  return -1;
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (isSpace(text.charCodeAt(i))) i++;
  return i;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** Strings and scalars are handed to JSON.parse one by one: it judges them, and there is no key for it to mistake. */
class TextReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value(1);
    if (skipSpace(this.#text, this.#at) < this.#text.length) this.#refuse();
    return value;
  }

  #value(depth: number): unknown {
    const unit = this.#peek();
    if (unit === quote) return this.#string();
    if (unit === openBrace || unit === openBracket) {
      if (depth > depthMax) throw new SyntaxError(`JSON nested deeper than ${depthMax} levels`);
      return unit === openBrace ? this.#object(depth) : this.#array(depth);
    }
    return this.#scalar();
  }

  #object(depth: number): object {
    const object: Record<string, unknown> = {};
    this.#at++;
    if (this.#take(closeBrace)) return object;
    do {
      if (this.#peek() !== quote) this.#refuse();
      const key = this.#string();
      if (!this.#take(colon)) this.#refuse();
      const value = this.#value(depth + 1);
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      else object[key] = value;
    } while (this.#take(comma));
    if (!this.#take(closeBrace)) this.#refuse();
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    if (this.#take(closeBracket)) return array;
    do array.push(this.#value(depth + 1));
    while (this.#take(comma));
    if (!this.#take(closeBracket)) this.#refuse();
    return array;
  }

  #string(): string {
    const start = this.#at;
    const end = stringEnd(this.#text, start + 1);
    if (end < 0) this.#refuse();
    this.#at = end;
    return String(JSON.parse(this.#text.slice(start, end)));
  }

  #scalar(): unknown {
    const start = this.#at;
    let at = start;
    while (at < this.#text.length && isOfScalar(this.#text.charCodeAt(at))) at++;
    this.#at = at;
    return JSON.parse(this.#text.slice(start, at));
  }

  /** The next unit that is not white space, which is then the current one. */
  #peek(): number {
    this.#at = skipSpace(this.#text, this.#at);
    return this.#text.charCodeAt(this.#at);
  }

  #take(unit: number): boolean {
    if (this.#peek() !== unit) return false;
    this.#at++;
    return true;
  }

  #refuse(): never {
    throw new SyntaxError(`not JSON at position ${this.#at}`);
  }
}

/** Letters, digits, signs and the point, so that a scalar's end is where JSON.parse would end it. */
function isOfScalar(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x2d ||
    unit === 0x2b ||
    unit === 0x2e ||
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a)
  );
}
