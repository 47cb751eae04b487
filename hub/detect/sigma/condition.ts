// The condition grammar: or < and < not < (1|any|all) of X < ( ). Gives a tree over the named parts of `detection`.
// A selector that matches nothing is refused: as "true" it would alert on everything, as "false" never.
import { RuleRefusal } from './rule.ts';
import type { Expr } from './rule.ts';

const nestingMax = 32;
const tokensMax = 2_000;
const place = 'detection.condition';

export function parseCondition(text: string, parts: ReadonlyMap<string, Expr>): Expr {
  if (text.includes('|'))
    throw new RuleRefusal(
      place,
      '`|` (an old aggregation or near) is no longer Sigma',
      'write a correlation document that refers to this rule',
    );
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length === 0) throw new RuleRefusal(place, 'it is empty', 'name the parts of `detection` that must match');
  if (tokens.length > tokensMax) throw new RuleRefusal(place, `more than ${tokensMax} words`, 'use `1 of name*` or split the rule');
  return new ConditionParser(tokens, parts).parse();
}

class ConditionParser {
  readonly #tokens: readonly string[];
  readonly #parts: ReadonlyMap<string, Expr>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], parts: ReadonlyMap<string, Expr>) {
    this.#tokens = tokens;
    this.#parts = parts;
  }

  parse(): Expr {
    const expr = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined)
      throw new RuleRefusal(place, `\`${rest}\` was not expected after a complete condition`, 'put `and` or `or` before it');
    return expr;
  }

  #or(): Expr {
    return this.#list('or', () => this.#list('and', () => this.#not()));
  }

  #list(word: 'or' | 'and', next: () => Expr): Expr {
    const of = [next()];
    while (this.#isWord(word)) {
      this.#at++;
      of.push(next());
    }
    return of.length === 1 && of[0] ? of[0] : { is: word, of };
  }

  #not(): Expr {
    if (!this.#isWord('not')) return this.#atom();
    this.#at++;
    if (++this.#depth > nestingMax) throw new RuleRefusal(place, `nested deeper than ${nestingMax}`, 'split the condition');
    const of = this.#not();
    this.#depth--;
    return { is: 'not', of };
  }

  #atom(): Expr {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new RuleRefusal(place, 'it ends in the middle', 'name a part of `detection` after the last word');
    if (token === '(') return this.#group();
    if (/^(1|any|all|\d+)$/i.test(token) && this.#isWord('of')) return this.#selector(token.toLowerCase());
    const part = this.#parts.get(token);
    if (part) return part;
    throw new RuleRefusal(place, `there is no part \`${token}\` in detection`, `it has ${[...this.#parts.keys()].join(', ') || 'none'}`);
  }

  #group(): Expr {
    if (++this.#depth > nestingMax) throw new RuleRefusal(place, `nested deeper than ${nestingMax}`, 'split the condition');
    const inner = this.#or();
    if (this.#tokens[this.#at++] !== ')') throw new RuleRefusal(place, 'a `(` is not closed', 'add the `)`');
    this.#depth--;
    return inner;
  }

  #selector(quantity: string): Expr {
    this.#at++;
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all')
      throw new RuleRefusal(place, `\`${quantity} of\` is not Sigma`, 'only `1 of`, `any of` and `all of` exist');
    const pattern = this.#tokens[this.#at++];
    if (pattern === undefined) throw new RuleRefusal(place, '`of` is the last word', 'add `them` or a name with `*`');
    const chosen = [...this.#parts].filter(([name]) => selects(pattern, name)).map(([, expr]) => expr);
    if (chosen.length === 0)
      throw new RuleRefusal(place, `\`${pattern}\` matches no part of detection`, `it has ${[...this.#parts.keys()].join(', ') || 'none'}`);
    return chosen.length === 1 && chosen[0] ? chosen[0] : { is: quantity === 'all' ? 'and' : 'or', of: chosen };
  }

  #isWord(word: string): boolean {
    return this.#tokens[this.#at]?.toLowerCase() === word;
  }
}

function selects(pattern: string, name: string): boolean {
  if (pattern === 'them') return !name.startsWith('_');
  const escaped = pattern.replaceAll(/[^A-Za-z0-9_*]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(name);
}
