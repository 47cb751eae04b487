// A regular expression as the engine runs it. Yes or no only, so the answer is the same whoever gives it: JavaScript's
// RegExp where it cannot blow up, re2js (linear, slower) for everything else. Attackers write the values: three SigmaHQ
// expressions never ended on 8 KB of their own pieces under a backtracking engine.
// Values are looked at up to 16 KB; `cutValues` counts those that were longer, because a hidden limit is a hiding place.
import { unreachable } from '../../../proto/runtime/errors.ts';
import { RE2JS } from 're2js';
import { foldText } from '../sigma/fold.ts';
import { parseRegex } from '../sigma/regex-tree.ts';
import type { RegexNode } from '../sigma/regex-tree.ts';
import { RuleRefusal } from '../sigma/rule.ts';

const valueCharsMax = 16_384;
/** With two or more unbounded repeats backtracking is at least quadratic, with one it is so when unanchored. */
const backtrackCharsMax = [valueCharsMax, 1_024, 256] as const;
const looseRepeatMin = 9;

const regexCounts = { cutValues: 0 };

export class RegexTest {
  readonly #quick: RegExp;
  readonly #linear: RE2JS;
  readonly #quickCharsMax: number;
  /** Folded texts of which any match holds at least one; empty when nothing can be said. */
  readonly hints: readonly string[];

  constructor(pattern: string, flags: string, place: string) {
    const tree = parseRegex(pattern, place);
    this.#quick = new RegExp(toJavaScript(tree, flags), flags.includes('i') ? 'i' : '');
    this.#linear = compileLinear(pattern, flags, place);
    // Multi-line anchors differ between the two engines (\r, U+2028); those few expressions run on one.
    const loose = flags.includes('m') ? Infinity : countLoose(tree);
    this.#quickCharsMax = loose === Infinity ? -1 : (backtrackCharsMax[Math.min(loose, 2)] ?? 0);
    this.hints = requiredTexts(tree) ?? [];
  }

  test(written: string): boolean {
    let value = written;
    if (value.length > valueCharsMax) {
      value = value.slice(0, valueCharsMax);
      regexCounts.cutValues++;
    }
    // Non-ASCII text is re2js's: classes, case folding and surrogates have one meaning there.
    if (value.length <= this.#quickCharsMax && Buffer.byteLength(value) === value.length) return this.#quick.test(value);
    return this.#linear.test(value);
  }
}

function compileLinear(pattern: string, flags: string, place: string): RE2JS {
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), bits);
  } catch (error) {
    throw new RuleRefusal(
      place,
      `regular expression refused (${error instanceof Error ? error.message : String(error)})`,
      'use the subset in the Sigma specification',
    );
  }
}

/** The same expression for RegExp, with the classes and the dot spelled out as RE2 means them. */
function toJavaScript(node: RegexNode, flags: string): string {
  switch (node.is) {
    case 'char':
      return /[A-Za-z0-9 ]/.test(node.char) ? node.char : `\\u${node.char.charCodeAt(0).toString(16).padStart(4, '0')}`;
    case 'set':
      return node.text.startsWith('[')
        ? node.text.replaceAll(String.raw`\s`, String.raw`\t\n\f\r `)
        : node.text.replace('\\s', '[\\t\\n\\f\\r ]').replace('\\S', '[^\\t\\n\\f\\r ]');
    case 'dot':
      return flags.includes('s') ? '[^]' : '[^\\n]';
    case 'edge':
      return node.text;
    case 'cat':
      return node.of.map((child) => toJavaScript(child, flags)).join('');
    case 'alt':
      return `(?:${node.of.map((child) => toJavaScript(child, flags)).join('|')})`;
    case 'repeat':
      return `(?:${toJavaScript(node.of, flags)}){${node.min},${node.max === Infinity ? '' : node.max}}${node.isLazy ? '?' : ''}`;
    default:
      return unreachable(node);
  }
}

/** Repeats that may take long or short: each multiplies the ways to match. A repeat inside a repeat counts as many. */
function countLoose(node: RegexNode): number {
  if (node.is === 'repeat') {
    const inner = countLoose(node.of);
    const own = node.max === Infinity || (node.max >= looseRepeatMin && node.max !== node.min) ? 1 : 0;
    return inner > 0 && node.max > 1 ? Math.max(2, inner + own) : inner + own;
  }
  return node.is === 'cat' || node.is === 'alt' ? node.of.reduce((sum, child) => sum + countLoose(child), 0) : 0;
}

/** Any match holds one of these (folded); undefined when no text is certain. */
function requiredTexts(node: RegexNode): string[] | undefined {
  if (node.is === 'char') return literalHint(node.char);
  if (node.is === 'repeat') return node.min > 0 ? requiredTexts(node.of) : undefined;
  if (node.is === 'alt') {
    const each = node.of.map(requiredTexts);
    const all = each.flatMap((texts) => texts ?? []);
    return each.every((texts) => texts !== undefined) && all.length <= 32 ? [...new Set(all)] : undefined;
  }
  return node.is === 'cat' ? bestOf(node.of) : undefined;
}

function bestOf(of: readonly RegexNode[]): string[] | undefined {
  let best: string[] | undefined;
  let run = '';
  const offer = (texts: string[] | undefined): void => {
    if (texts && worth(texts) > (best ? worth(best) : 0)) best = texts;
  };
  for (const child of of) {
    if (child.is === 'char' && literalHint(child.char)) {
      run += foldText(child.char);
      continue;
    }
    if (child.is === 'edge') continue;
    offer(run === '' ? undefined : [run]);
    run = '';
    offer(requiredTexts(child));
  }
  offer(run === '' ? undefined : [run]);
  return best;
}

/** Non-ASCII characters have foldings (and surrogate halves) on which the engines and we might differ. */
function literalHint(char: string): string[] | undefined {
  return char.charCodeAt(0) < 128 ? [foldText(char)] : undefined;
}

function worth(texts: readonly string[]): number {
  return Math.min(...texts.map((text) => text.length)) - Math.log2(texts.length) / 2;
}
