// Sigma's condition grammar over named selections: or < and < not < (1|any|all) of X < ( ). Gives a tree of names.
// A selector that matches nothing is refused: as "true" it would match every line, as "false" none.
// Promises: bounded words and nesting; a refusal says what was found and what to write instead.

export type ConditionTree =
  | { readonly is: 'selection'; readonly name: string }
  | { readonly is: 'and' | 'or'; readonly of: readonly ConditionTree[] }
  | { readonly is: 'not'; readonly of: ConditionTree };

export type ParsedCondition = { readonly ok: true; readonly tree: ConditionTree } | { readonly ok: false; readonly reason: string };

const nestingMax = 32;
const wordsMax = 2_000;

export function parseConditionText(text: string, names: readonly string[]): ParsedCondition {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  if (words.length === 0) return { ok: false, reason: 'an empty condition; name the selections that must match' };
  if (words.length > wordsMax) return { ok: false, reason: `a condition of more than ${wordsMax} words; use \`1 of name*\`` };
  try {
    return { ok: true, tree: new ConditionReader(words, names).read() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Never leaves this file. */
class Refusal extends Error {}

class ConditionReader {
  readonly #words: readonly string[];
  readonly #names: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(words: readonly string[], names: readonly string[]) {
    this.#words = words;
    this.#names = names;
  }

  read(): ConditionTree {
    const tree = this.#or();
    const rest = this.#words[this.#at];
    if (rest !== undefined) throw new Refusal(`\`${rest}\` after a complete condition; put \`and\` or \`or\` before it`);
    return tree;
  }

  #or(): ConditionTree {
    return this.#list('or', () => this.#list('and', () => this.#not()));
  }

  #list(word: 'or' | 'and', next: () => ConditionTree): ConditionTree {
    const first = next();
    const of = [first];
    while (this.#isNext(word)) {
      this.#at++;
      of.push(next());
    }
    return of.length === 1 ? first : { is: word, of };
  }

  #not(): ConditionTree {
    if (!this.#isNext('not')) return this.#atom();
    this.#at++;
    return this.#deeper(() => ({ is: 'not', of: this.#not() }));
  }

  #atom(): ConditionTree {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Refusal('the condition ends in the middle; name a selection after its last word');
    if (word === '(') return this.#group();
    if (/^(1|any|all|\d+)$/i.test(word) && this.#isNext('of')) return this.#selector(word.toLowerCase());
    if (this.#names.includes(word)) return { is: 'selection', name: word };
    throw new Refusal(`there is no selection \`${word}\`; ${this.#known()}`);
  }

  #group(): ConditionTree {
    return this.#deeper(() => {
      const inner = this.#or();
      if (this.#words[this.#at++] !== ')') throw new Refusal('a `(` is not closed; add the `)`');
      return inner;
    });
  }

  #selector(quantity: string): ConditionTree {
    this.#at++;
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all')
      throw new Refusal(`\`${quantity} of\` is not Sigma; write \`1 of\`, \`any of\` or \`all of\``);
    const pattern = this.#words[this.#at++];
    if (pattern === undefined) throw new Refusal('`of` is the last word; add `them` or a name with `*`');
    const of = this.#names.filter((name) => isChosen(pattern, name)).map((name) => ({ is: 'selection' as const, name }));
    if (of.length === 0) throw new Refusal(`\`${pattern}\` matches no selection; ${this.#known()}`);
    return { is: quantity === 'all' ? 'and' : 'or', of };
  }

  #deeper(read: () => ConditionTree): ConditionTree {
    if (++this.#depth > nestingMax) throw new Refusal(`a condition nested deeper than ${nestingMax}; split it`);
    const tree = read();
    this.#depth--;
    return tree;
  }

  #isNext(word: string): boolean {
    return this.#words[this.#at]?.toLowerCase() === word;
  }

  #known(): string {
    return `there is ${this.#names.join(', ') || 'none'}`;
  }
}

function isChosen(pattern: string, name: string): boolean {
  if (pattern === 'them') return !name.startsWith('_');
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
  ).test(name);
}
