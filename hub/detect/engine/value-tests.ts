// The tests that are run on a value only when a decision program asks (lazy): wildcards in the middle, case-sensitive
// text, networks, numbers, regular expressions. Each says which literals a value must hold for it to be true, so that
// the automaton can keep most events away from it.
import { unreachable } from '../../../proto/runtime/errors.ts';
import { addressBytes, isInside, parseCidr } from '../../../config/policy/conditions/cidr.ts';
import type { Network } from '../../../config/policy/conditions/cidr.ts';
import { foldText } from '../sigma/fold.ts';
import { anyRun } from '../sigma/rule.ts';
import type { GlobToken, RefMode, Test } from '../sigma/rule.ts';
import { matchesGlob } from '../sigma/wildcard.ts';
import type { Literal } from './automaton.ts';
import { RegexTest } from './regex-test.ts';

export interface ValueTest {
  readonly wantsFolded: boolean;
  /** Any of these is in every value that passes; empty when nothing can be said. */
  readonly hints: readonly Literal[];
  test(value: string): boolean;
}

/** The literal of a test that the automaton answers alone; undefined when it needs more. */
export function literalOf(test: Test): Literal | undefined {
  if (test.op !== 'eq' && test.op !== 'pre' && test.op !== 'suf' && test.op !== 'con') return undefined;
  return test.cased ? undefined : literal(test.text, test.op);
}

function literal(text: string, mode: RefMode): Literal {
  return { text, atStart: mode === 'eq' || mode === 'pre', atEnd: mode === 'eq' || mode === 'suf' };
}

/** undefined for tests on presence or on two fields, which are no tests of one value. */
export function valueTestOf(test: Test, place: string): ValueTest | undefined {
  switch (test.op) {
    case 'eq':
    case 'pre':
    case 'suf':
    case 'con':
      return {
        wantsFolded: !test.cased,
        hints: [literal(foldText(test.text), test.op)],
        test: (value) => compare(test.op, value, test.text),
      };
    case 'glob':
      return { wantsFolded: !test.cased, hints: globHint(test.tokens), test: (value) => matchesGlob(test.tokens, value) };
    case 'regex': {
      const regex = new RegexTest(test.pattern, test.flags, place);
      const hints = regex.hints.map((text) => literal(text, 'con'));
      return { wantsFolded: false, hints, test: (value) => regex.test(value) };
    }
    case 'cidr': {
      const network = parseCidr(test.cidr);
      return { wantsFolded: false, hints: [], test: (value) => typeof network !== 'string' && isAddressIn(network, value) };
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return { wantsFolded: false, hints: [], test: (value) => comparesTo(test.op, value, test.number) };
    case 'any':
    case 'null':
    case 'ref':
      return undefined;
    default:
      return unreachable(test);
  }
}

export function compare(mode: RefMode, value: string, text: string): boolean {
  if (mode === 'eq') return value === text;
  if (mode === 'pre') return value.startsWith(text);
  return mode === 'suf' ? value.endsWith(text) : value.includes(text);
}

/** The longest piece of a pattern, with the edge it must stand at. */
function globHint(tokens: readonly GlobToken[]): Literal[] {
  let best: Literal | undefined;
  for (const [at, token] of tokens.entries()) {
    if (typeof token !== 'string' || token.length <= (best?.text.length ?? 0)) continue;
    best = { text: foldText(token), atStart: at === 0, atEnd: at === tokens.length - 1 };
  }
  return best && tokens.some((token) => token === anyRun || typeof token === 'string') ? [best] : [];
}

function isAddressIn(network: Network, value: string): boolean {
  const bytes = addressBytes(value);
  return bytes !== undefined && isInside(network, bytes);
}

/** Numbers in text count as numbers; anything else compares as false. */
function comparesTo(op: 'lt' | 'lte' | 'gt' | 'gte', value: string, number: number): boolean {
  const trimmed = value.trim();
  const parsed = trimmed === '' ? Number.NaN : Number(trimmed);
  if (op === 'lt') return parsed < number;
  if (op === 'lte') return parsed <= number;
  return op === 'gt' ? parsed > number : parsed >= number;
}
