// One item of a detection (`Field|modifier|modifier: value`) to a tree of tests. Modifiers apply left to right
// (SIGMA.md 2.3). A modifier we do not know, or know and have not built, refuses the rule with the reason: a modifier
// that is ignored would be a rule that means something else than its author wrote.
import { base64Offsets, toBase64, toUtf16, windashForms } from '../../../config/policy/conditions/encode.ts';
import type { Wide } from '../../../config/policy/conditions/encode.ts';
import { parseRegex } from './regex-tree.ts';
import { RuleRefusal, anyRun } from './rule.ts';
import type { Expr, GlobToken, RefMode, Test } from './rule.ts';
import { parseCidr } from '../../../config/policy/conditions/cidr.ts';
import { parseWildcards, textTest, unanchored } from './wildcard.ts';

export type Scalar = string | number | boolean | null;

const formsMax = 20_000;

/** A value on its way through the modifiers. */
type Value = { readonly text: string } | { readonly tokens: readonly GlobToken[] } | { readonly bytes: Buffer };

interface Chain {
  readonly field: string;
  readonly place: string;
  values: Value[];
  isAll: boolean;
  isCased: boolean;
  isNegated: boolean;
  mode: RefMode;
  special: 'text' | 'regex' | 'cidr' | 'ref' | 'exists' | 'lt' | 'lte' | 'gt' | 'gte';
  flags: string;
}

const firstOnly = { re: 'regex', cidr: 'cidr', fieldref: 'ref', exists: 'exists', lt: 'lt', lte: 'lte', gt: 'gt', gte: 'gte' } as const;
const regexFlags: Readonly<Record<string, string>> = { i: 'i', m: 'm', s: 's', ignorecase: 'i', multiline: 'm', dotall: 's' };
const modes: Readonly<Record<string, RefMode>> = { startswith: 'pre', endswith: 'suf', contains: 'con' };
const wides: Readonly<Record<string, Wide>> = { wide: 'utf16le', utf16le: 'utf16le', utf16be: 'utf16be', utf16: 'utf16' };
const notBuilt = new Set(['minute', 'hour', 'day', 'week', 'month', 'year']);

function itemExpr(key: string, written: readonly Scalar[], place: string): Expr {
  const [field = '', ...modifiers] = key.split('|');
  const chain: Chain = {
    field,
    place: `${place}.${key}`,
    values: written.filter((value) => value !== null).map((value) => ({ text: String(value) })),
    isAll: false,
    isCased: false,
    isNegated: false,
    mode: 'eq',
    special: 'text',
    flags: '',
  };
  const nulls = written.length - chain.values.length;
  if (nulls > 0 && (field === '' || modifiers.some((modifier) => modifier !== 'neq' && modifier !== 'all')))
    refuse(chain, 'null goes with a named field and no modifier', 'remove one of them');
  for (const [at, modifier] of modifiers.entries()) applyModifier(chain, modifier, at);
  if (chain.isAll && written.length < 2) refuse(chain, '`all` with a single value', 'remove `all` or add values');

  const tests: Expr[] = finish(chain).map((test) => ({ is: 'test', test }));
  if (nulls > 0 || written.length === 0) tests.push({ is: 'test', test: { op: 'null', field } });
  const [only] = tests;
  const joined: Expr = tests.length === 1 && only ? only : { is: chain.isAll ? 'and' : 'or', of: tests };
  return chain.isNegated ? { is: 'not', of: joined } : joined;
}

/** Windash with `all` must stay OR within one value: items with `all` are taken value by value. */
export function itemExprs(key: string, values: readonly Scalar[], place: string): Expr {
  const modifiers = key.split('|').slice(1);
  const isMultiplying = modifiers.some((modifier) => modifier === 'windash' || modifier === 'base64offset');
  if (!modifiers.includes('all') || !isMultiplying || values.length < 2) return itemExpr(key, values, place);
  const single = key
    .split('|')
    .filter((part) => part !== 'all' && part !== 'neq')
    .join('|');
  const all: Expr = { is: 'and', of: values.map((value) => itemExpr(single, [value], place)) };
  return modifiers.includes('neq') ? { is: 'not', of: all } : all;
}

function applyModifier(chain: Chain, modifier: string, at: number): void {
  if (Object.hasOwn(firstOnly, modifier)) {
    if (at !== 0) refuse(chain, `\`${modifier}\` must be the first modifier`, 'move it to the front');
    if (chain.field === '' && modifier !== 're') refuse(chain, `\`${modifier}\` needs a named field`, 'put the field before it');
    chain.special = firstOnly[modifier as keyof typeof firstOnly];
  } else if (modifier === 'all') chain.isAll = true;
  else if (modifier === 'neq') chain.isNegated = true;
  else if (modifier === 'cased') chain.isCased = true;
  else if (chain.special === 'regex') applyToRegex(chain, modifier);
  else if (chain.special === 'ref' && modes[modifier]) chain.mode = modes[modifier];
  else if (chain.special !== 'text') refuse(chain, `\`${modifier}\` does not go with \`${chain.special}\``, 'remove one of them');
  else applyToText(chain, modifier);
}

function applyToRegex(chain: Chain, modifier: string): void {
  const flag = regexFlags[modifier];
  if (flag !== undefined) chain.flags += flag;
  // Expressions are unanchored already, so `contains` says nothing new.
  else if (modifier !== 'contains') refuse(chain, `\`${modifier}\` does not go with \`re\``, 'anchor the expression with ^ or $');
}

function applyToText(chain: Chain, modifier: string): void {
  const mode = modes[modifier];
  const wide = wides[modifier];
  if (mode) chain.values = chain.values.map((value) => ({ tokens: addRuns(tokensOf(value), mode) }));
  else if (modifier === 'windash') chain.values = chain.values.flatMap((value) => windash(chain, value));
  else if (wide) chain.values = chain.values.map((value) => ({ bytes: toUtf16(plain(chain, value), wide) }));
  else if (modifier === 'base64') chain.values = chain.values.map((value) => ({ tokens: [toBase64(bytesOf(chain, value))] }));
  else if (modifier === 'base64offset')
    chain.values = chain.values.flatMap((value) => base64Offsets(bytesOf(chain, value)).map((text) => ({ tokens: [text] })));
  else if (modifier === 'expand') chain.values = chain.values.map((value) => withoutPlaceholders(chain, value));
  else if (notBuilt.has(modifier)) refuse(chain, `the modifier \`${modifier}\` is not built yet`, 'rewrite the item without it');
  else refuse(chain, `unknown modifier \`${modifier}\``, 'see the list of modifiers in the Sigma specification');
}

function finish(chain: Chain): Test[] {
  const { field, special } = chain;
  if (special === 'text') return chain.values.map((value) => finishText(chain, value));
  return chain.values.map((value): Test => {
    const text = 'text' in value ? value.text : '';
    if (special === 'regex') return regexTest(chain, text);
    if (special === 'cidr') return cidrTest(chain, text);
    if (special === 'ref') return { op: 'ref', field, other: text, mode: chain.mode, cased: chain.isCased };
    if (special === 'exists') return existsTest(chain, text);
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) refuse(chain, `\`${text}\` is not a number`, 'give a number');
    return { op: special, field, number };
  });
}

function finishText(chain: Chain, value: Value): Test {
  if ('bytes' in value) refuse(chain, 'wide text must be encoded', 'add base64 or base64offset after it');
  const tokens = tokensOf(value);
  if (chain.field !== '') return textTest(chain.field, tokens, chain.isCased);
  if (tokens.length === 0) refuse(chain, 'an empty keyword matches every event', 'remove it');
  return textTest('', unanchored(tokens), chain.isCased);
}

function regexTest(chain: Chain, text: string): Test {
  // Inline (?i) is deprecated and still in use; it means what re|i means.
  const inline = /^\(\?([ims]+)\)/.exec(text);
  const pattern = inline ? text.slice(inline[0].length) : text;
  const flags = [...new Set(chain.flags + (inline?.[1] ?? ''))].sort().join('');
  parseRegex(pattern, chain.place);
  return { op: 'regex', field: chain.field, pattern, flags };
}

function cidrTest(chain: Chain, text: string): Test {
  const parsed = parseCidr(text);
  if (typeof parsed === 'string') refuse(chain, parsed, 'write a network such as 192.0.2.0/24 or 2001:db8::/32');
  return { op: 'cidr', field: chain.field, cidr: text };
}

function existsTest(chain: Chain, text: string): Test {
  if (text !== 'true' && text !== 'false') refuse(chain, '`exists` takes true or false', 'give one of them');
  return { op: text === 'true' ? 'any' : 'null', field: chain.field };
}

function addRuns(tokens: readonly GlobToken[], mode: RefMode): GlobToken[] {
  const out = [...tokens];
  if (mode !== 'pre' && out[0] !== anyRun) out.unshift(anyRun);
  if (mode !== 'suf' && (out.length === 0 || out.at(-1) !== anyRun)) out.push(anyRun);
  return out;
}

function tokensOf(value: Value): readonly GlobToken[] {
  if ('tokens' in value) return value.tokens;
  return 'text' in value ? parseWildcards(value.text) : [];
}

function plain(chain: Chain, value: Value): string {
  const tokens = tokensOf(value);
  const [only] = tokens;
  if ('bytes' in value || tokens.length !== 1 || typeof only !== 'string')
    refuse(chain, 'only plain text without wildcards can be encoded', 'put contains after the encoding');
  return only;
}

function bytesOf(chain: Chain, value: Value): Buffer {
  return 'bytes' in value ? value.bytes : Buffer.from(plain(chain, value));
}

function windash(chain: Chain, value: Value): Value[] {
  if ('text' in value) {
    const forms = windashForms(value.text, formsMax);
    if (forms) return forms.map((text) => ({ text }));
    refuse(chain, `windash gives more than ${formsMax} forms`, 'shorten the value');
  }
  if ('bytes' in value) refuse(chain, 'windash after an encoding', 'put windash first');
  // After contains and its like: dashes are looked for in each literal piece.
  return value.tokens.reduce<{ tokens: GlobToken[] }[]>(
    (forms, token) => {
      const pieces = typeof token === 'string' ? windashForms(token, formsMax) : [token];
      if (!pieces || pieces.length * forms.length > formsMax)
        refuse(chain, `windash gives more than ${formsMax} forms`, 'shorten the value');
      return forms.flatMap(({ tokens }) => pieces.map((piece) => ({ tokens: [...tokens, piece] })));
    },
    [{ tokens: [] }],
  );
}

function withoutPlaceholders(chain: Chain, value: Value): Value {
  const text = 'text' in value ? value.text : value && 'tokens' in value ? value.tokens.join('') : '';
  const found = /(?<!\\)%[^%\s]+%/.exec(text);
  if (found) refuse(chain, `the placeholder ${found[0]} has no values here`, 'write the values out instead of `expand`');
  return 'text' in value ? { text: value.text.replaceAll(String.raw`\%`, '%') } : value;
}

function refuse(chain: Chain, what: string, remedy: string): never {
  throw new RuleRefusal(chain.place, what, remedy);
}
