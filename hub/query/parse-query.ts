// The search language (DESIGN.md 11): words, "phrases", field:value, field:>5, `*` in values, and/or/not, parentheses.
// Promises: never throws, whatever the text; what it refuses it refuses with the place (from 0) and the remedy; two
// terms beside each other mean `and`. It grows, it does not change: a query that parses today means the same tomorrow.
// Values of words and fields are patterns: `*` is any text, `\*` a star, `\\` a backslash; in quotes everything is plain.
import { fieldByName } from '../../config/fields/registry.ts';
import type { SearchNode } from '../ports.ts';
import { escapePattern, readQuoted, readWord } from './read-terms.ts';

export type ParsedQuery =
  | { readonly ok: true; readonly node: SearchNode }
  | { readonly ok: false; readonly message: string; readonly at: number };

export const queryLimits = { charsMax: 4_096, depthMax: 32, termsMax: 256 } as const;

export function parseQuery(text: string): ParsedQuery {
  if (text.length > queryLimits.charsMax) {
    return { ok: false, at: queryLimits.charsMax, message: `the search is longer than ${queryLimits.charsMax} characters; shorten it` };
  }
  try {
    return { ok: true, node: new Parser(text).whole() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

/** Only within this file: the way out of the descent. */
class Refusal extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const operators = [
  ['>=', 'gte'],
  ['<=', 'lte'],
  ['>', 'gt'],
  ['<', 'lt'],
  ['=', 'eq'],
] as const;
const dateFields = new Set(['@timestamp', 'event.created', 'event.ingested']);

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #terms = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): SearchNode {
    this.#space();
    if (this.#isEnd()) return { is: 'all' };
    const node = this.#either();
    if (!this.#isEnd()) throw new Refusal(this.#at, 'this ")" closes nothing; remove it or add "(" before');
    return node;
  }

  #either(): SearchNode {
    const of = [this.#both()];
    while (this.#keyword('or')) of.push(this.#both());
    return joined('or', of);
  }

  #both(): SearchNode {
    const of = [this.#one()];
    for (;;) {
      if (this.#keyword('and')) of.push(this.#one());
      else if (this.#isEnd() || this.#text[this.#at] === ')' || this.#isKeyword('or')) return joined('and', of);
      else of.push(this.#one());
    }
  }

  #one(): SearchNode {
    const start = this.#at;
    if (++this.#depth > queryLimits.depthMax) throw new Refusal(start, `nested deeper than ${queryLimits.depthMax}; use fewer parentheses`);
    const node = this.#negated() ?? this.#group() ?? this.#term();
    this.#depth--;
    this.#space();
    return node;
  }

  #negated(): SearchNode | undefined {
    return this.#keyword('not') ? { is: 'not', of: this.#one() } : undefined;
  }

  #group(): SearchNode | undefined {
    const start = this.#at;
    if (this.#text[start] !== '(') return undefined;
    this.#at++;
    this.#space();
    const node = this.#either();
    if (this.#text[this.#at] !== ')') throw new Refusal(start, 'this "(" is never closed; add ")"');
    this.#at++;
    return node;
  }

  #term(): SearchNode {
    const start = this.#at;
    if (this.#isEnd()) throw new Refusal(start, 'the search ends where a word is expected; add one or remove the last and/or/not');
    if (this.#text[start] === ')') throw new Refusal(start, 'a word is expected before ")"');
    if (this.#isKeyword('or') || this.#isKeyword('and')) {
      throw new Refusal(start, `"${this.#text.slice(start, start + 3).trim()}" joins two searches; put it in quotes to look for the word`);
    }
    if (++this.#terms > queryLimits.termsMax) throw new Refusal(start, `more than ${queryLimits.termsMax} terms; split the search`);
    if (this.#text[start] === '"') return this.#phrase();
    return this.#field() ?? this.#word();
  }

  #phrase(): SearchNode {
    const start = this.#at;
    const value = this.#quoted();
    if (value.trim() === '') throw new Refusal(start, 'an empty phrase finds nothing; write something between the quotes');
    return { is: 'text', value, phrase: true };
  }

  #word(): SearchNode {
    const { value, end } = readWord(this.#text, this.#at);
    this.#at = end;
    return /^\*+$/.test(value) ? { is: 'all' } : { is: 'text', value, phrase: false };
  }

  // `http://…`, times and IPv6 addresses hold colons too: a field begins with a letter and its value with no colon or //.
  #field(): SearchNode | undefined {
    const start = this.#at;
    const name = /[@A-Za-z_][\w.@-]*(?=:)(?!::|:\/\/)/y;
    name.lastIndex = start;
    const field = name.exec(this.#text)?.[0];
    if (field === undefined) return undefined;
    this.#at = start + field.length + 1;
    const [sign = '', op = 'eq'] = operators.find(([sign]) => this.#text.startsWith(sign, this.#at)) ?? [];
    this.#at += sign.length;
    const value = this.#value(field);
    if (op === 'eq' && sign === '' && /^\*+$/.test(value)) return { is: 'field', field, op: 'exists', value: '' };
    const complaint = complaintAbout(field, op, value);
    if (complaint !== undefined) throw new Refusal(start, complaint);
    return { is: 'field', field, op, value };
  }

  #value(field: string): string {
    const next = this.#text[this.#at];
    if (next === '"') return escapePattern(this.#quoted());
    if (next === '(') throw new Refusal(this.#at, `a field takes one value; write (${field}:a or ${field}:b)`);
    if (next === undefined || next === ')' || /\s/.test(next)) {
      throw new Refusal(
        this.#at,
        `${field}: needs a value right after the colon, or * for any; put quotes around the term to look for its text`,
      );
    }
    const { value, end } = readWord(this.#text, this.#at);
    this.#at = end;
    return value;
  }

  #quoted(): string {
    const read = readQuoted(this.#text, this.#at);
    if (!read) throw new Refusal(this.#at, 'this quote is never closed; add " (inside a phrase write \\" for a quote)');
    this.#at = read.end;
    return read.value;
  }

  #isKeyword(word: string): boolean {
    const found = this.#text.slice(this.#at, this.#at + word.length).toLowerCase();
    const next = this.#text[this.#at + word.length];
    return found === word && (next === undefined || /[\s()"]/.test(next));
  }

  #keyword(word: string): boolean {
    if (!this.#isKeyword(word)) return false;
    this.#at += word.length;
    this.#space();
    return true;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #isEnd(): boolean {
    return this.#at >= this.#text.length;
  }
}

function joined(is: 'and' | 'or', of: readonly SearchNode[]): SearchNode {
  const [only] = of;
  return of.length === 1 && only ? only : { is, of };
}

function complaintAbout(field: string, op: string, value: string): string | undefined {
  const type = dateFields.has(field) ? 'date' : fieldByName(field)?.type;
  if (type === 'date' && !Number.isFinite(Date.parse(value)) && !/^\d{5,15}$/.test(value)) {
    return `${field} is a time; write it like ${field}:>2026-01-31 or ${field}:>2026-01-31T12:00:00Z`;
  }
  if (type !== 'long' && type !== 'float') return undefined;
  if (op === 'eq' && value.includes('*')) return undefined;
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? undefined : `${field} is a number; write it like ${field}:22 or ${field}:>1023`;
}
