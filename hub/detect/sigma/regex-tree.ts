// Reads the regular expressions that Sigma allows (a PCRE subset) into a small tree, so that we can say what a match must
// contain, how it may blow up, and refuse what cannot run in linear time (lookaround, back-references, atomic groups).
// What this parser does not know it refuses: a construct that is read wrongly would be a rule that silently never fires.
import { RuleRefusal } from './rule.ts';

export type RegexNode =
  | { readonly is: 'char'; readonly char: string }
  /** One character out of several, as written. */
  | { readonly is: 'set'; readonly text: string }
  | { readonly is: 'dot' }
  /** ^ $ \b \B */
  | { readonly is: 'edge'; readonly text: string }
  | { readonly is: 'cat' | 'alt'; readonly of: readonly RegexNode[] }
  | { readonly is: 'repeat'; readonly of: RegexNode; readonly min: number; readonly max: number; readonly isLazy: boolean };

const patternMax = 4_096;
const nestingMax = 32;
const repeatMax = 1_000;

export function parseRegex(pattern: string, place: string): RegexNode {
  if (pattern.length > patternMax) throw new RuleRefusal(place, `the expression is longer than ${patternMax}`, 'split it');
  return new RegexParser(pattern, place).parse();
}

class RegexParser {
  readonly #text: string;
  readonly #place: string;
  #at = 0;
  #depth = 0;

  constructor(text: string, place: string) {
    this.#text = text;
    this.#place = place;
  }

  parse(): RegexNode {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) this.#refuse('a `)` without its `(`', 'escape it with a backslash');
    return node;
  }

  #alternatives(): RegexNode {
    const of = [this.#sequence()];
    while (this.#text[this.#at] === '|') {
      this.#at++;
      of.push(this.#sequence());
    }
    return of.length === 1 && of[0] ? of[0] : { is: 'alt', of };
  }

  #sequence(): RegexNode {
    const of: RegexNode[] = [];
    for (let char = this.#text[this.#at]; char !== undefined && char !== '|' && char !== ')'; char = this.#text[this.#at])
      of.push(this.#repeated(this.#atom(char)));
    return of.length === 1 && of[0] ? of[0] : { is: 'cat', of };
  }

  #atom(char: string): RegexNode {
    if (char === '(') return this.#group();
    if (char === '[') return this.#set();
    if (char === '\\') return this.#escape();
    if (char === '*' || char === '+' || char === '?') this.#refuse(`\`${char}\` has nothing to repeat`, 'escape it with a backslash');
    this.#at++;
    if (char === '.') return { is: 'dot' };
    return char === '^' || char === '$' ? { is: 'edge', text: char } : { is: 'char', char };
  }

  #group(): RegexNode {
    if (++this.#depth > nestingMax) this.#refuse(`nested deeper than ${nestingMax}`, 'simplify it');
    this.#at++;
    if (this.#text[this.#at] === '?') {
      if (!this.#text.startsWith('?:', this.#at))
        this.#refuse('lookaround, named, atomic and flag groups are not taken', 'use `(?:…)` and, for flags, the modifiers re|i|m|s');
      this.#at += 2;
    }
    const inner = this.#alternatives();
    if (this.#text[this.#at] !== ')') this.#refuse('a `(` is not closed', 'add the `)`');
    this.#at++;
    this.#depth--;
    return inner;
  }

  #set(): RegexNode {
    const from = this.#at++;
    if (this.#text[this.#at] === '^') this.#at++;
    if (this.#text[this.#at] === ']') this.#refuse('a set that begins with `]`', 'write it as `\\]`');
    for (; this.#text[this.#at] !== ']'; this.#at++) {
      if (this.#at >= this.#text.length) this.#refuse('a `[` is not closed', 'add the `]`');
      if (this.#text.startsWith('[:', this.#at)) this.#refuse('POSIX classes are not taken', 'write the characters out');
      if (this.#text[this.#at] === '\\') this.#at += /[ux]/.test(this.#text[this.#at + 1] ?? '') ? this.#codeLength() - 1 : 1;
    }
    this.#at++;
    return { is: 'set', text: this.#text.slice(from, this.#at) };
  }

  #escape(): RegexNode {
    const next = this.#text[this.#at + 1];
    if (next === undefined) this.#refuse('it ends with a backslash', 'write `\\\\`');
    if (next === 'x' || next === 'u') {
      const length = this.#codeLength();
      const code = this.#text.slice(this.#at + 2, this.#at + length);
      this.#at += length;
      return { is: 'char', char: String.fromCharCode(Number.parseInt(code, 16)) };
    }
    this.#at += 2;
    if ('dDsSwW'.includes(next)) return { is: 'set', text: `\\${next}` };
    if (next === 'b' || next === 'B') return { is: 'edge', text: `\\${next}` };
    const control = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }[next];
    if (control !== undefined) return { is: 'char', char: control };
    if (/[A-Za-z0-9]/.test(next)) this.#refuse(`\\${next} is not taken (back-references never are)`, 'write it without');
    return { is: 'char', char: next };
  }

  /** Length of \xHH or \uHHHH at the current place. */
  #codeLength(): number {
    const match = /^\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (!match) this.#refuse('an incomplete \\x or \\u', 'write \\xHH or \\uHHHH');
    return match[0].length;
  }

  #repeated(node: RegexNode): RegexNode {
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#text.slice(this.#at, this.#at + 20));
    if (!match) return node;
    const [min, max] = bounds(match[0]);
    if (min > max || (max !== Infinity && max > repeatMax))
      this.#refuse(`the repeat ${match[0]}`, `at most ${repeatMax}, smaller number first`);
    this.#at += match[0].length;
    const isLazy = this.#text[this.#at] === '?';
    if (isLazy) this.#at++;
    if (/^(?:[*+?]|\{\d)/.test(this.#text.slice(this.#at, this.#at + 2))) this.#refuse('a repeat of a repeat', 'use one of them');
    return { is: 'repeat', of: node, min, max, isLazy };
  }

  #refuse(what: string, remedy: string): never {
    throw new RuleRefusal(this.#place, `regular expression, at character ${this.#at + 1}: ${what}`, remedy);
  }
}

function bounds(text: string): [min: number, max: number] {
  if (text === '*') return [0, Infinity];
  if (text === '+') return [1, Infinity];
  if (text === '?') return [0, 1];
  const [min = '0', max] = text.slice(1, -1).split(',');
  return [Number(min), max === undefined ? Number(min) : max === '' ? Infinity : Number(max)];
}
