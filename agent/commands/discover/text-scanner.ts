// Reads a configuration text from left to right: blanks and comments, words, lines, quoted texts and objects.
// Promises: it always gets on: every reading method consumes something or says that it did not.

export interface ConfigObject {
  readonly name: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const objectBytesMax = 65_536;

export class TextScanner {
  readonly #text: string;
  readonly #path: string;
  #at = 0;
  /** Lines before a place that was asked for; places only grow. */
  #counted = { at: 0, line: 1 };

  constructor(text: string, path: string) {
    // A line that ends in a backslash goes on.
    this.#text = text.replaceAll(/\\\r?\n/g, '  ');
    this.#path = path;
  }

  /** `/etc/rsyslog.conf:12`; counts joined lines as one. */
  place(): string {
    let { at, line } = this.#counted;
    for (at = this.#text.indexOf('\n', at); at >= 0 && at < this.#at; at = this.#text.indexOf('\n', at + 1)) line++;
    this.#counted = { at: this.#at, line };
    return `${this.#path}:${line}`;
  }

  rest(length: number): string {
    return this.#text.slice(this.#at, this.#at + length);
  }

  at(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  take(text: string): boolean {
    if (!this.at(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** A whole word, in any case. */
  word(word: string): boolean {
    const next = this.rest(word.length + 1);
    if (next.slice(0, word.length).toLowerCase() !== word || /\w/.test(next.charAt(word.length))) return false;
    this.#at += word.length;
    return true;
  }

  /** Passes white space and comments; false at the end. */
  skipSpace(): boolean {
    this.match(/^(?:\s+|#[^\n]*|\/\*[\s\S]*?\*\/)*/);
    return this.#at < this.#text.length;
  }

  skipBlanks(): void {
    this.match(/^[ \t]*/);
  }

  /** Takes the text when nothing but white space is before it. */
  skipSpaceBefore(text: string): boolean {
    const before = this.#at;
    if (this.skipSpace() && this.take(text)) return true;
    this.#at = before;
    return false;
  }

  /** What a pattern that begins with ^ matches here; undefined when nothing. */
  match(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#text.slice(this.#at, this.#at + objectBytesMax))?.[0];
    if (found === undefined || found === '') return undefined;
    this.#at += found.length;
    return found;
  }

  /** Up to what the pattern matches outside quotes, which is taken too; all that is left when it is nowhere. */
  until(pattern: RegExp): string {
    const begun = this.#at;
    const quotedOr = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|(${pattern.source})`, 'g');
    quotedOr.lastIndex = begun;
    for (let found = quotedOr.exec(this.#text); found; found = quotedOr.exec(this.#text)) {
      if (found[1] === undefined) continue;
      this.#at = found.index + Math.max(1, found[0].length);
      return this.#text.slice(begun, found.index);
    }
    this.#at = this.#text.length;
    return this.#text.slice(begun);
  }

  line(): string {
    return this.until(/\n/);
  }

  /** An action of the old style: the line, but not the brace that ends its block. */
  action(): string {
    const found = this.match(/^(?:stop\b|~|[^\n}#]+)/) ?? '';
    if (found === '') this.#at++;
    return found.trim();
  }

  isObject(): boolean {
    return /^[a-z_]+\s*\(/.test(this.rest(64));
  }

  object(): ConfigObject {
    const name = (this.match(/^[a-z_]+/) ?? '').toLowerCase();
    this.until(/\(/);
    const body = this.until(/\)/).slice(0, objectBytesMax);
    const parameters = new Map<string, string>();
    for (const [, key = '', double, single] of body.matchAll(/([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/g))
      parameters.set(key.toLowerCase(), double ?? single ?? '');
    return { name, parameters };
  }
}
