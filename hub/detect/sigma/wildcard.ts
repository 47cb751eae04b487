// Sigma strings to tokens: `*` any run, `?` one character, backslash as SIGMA.md 2.2 says (`\*`, `\?`, `\\` stand for the
// second character; before any other character, and at the end, a backslash is itself).
// A pattern without wildcards in the middle becomes eq, pre, suf or con, which the engine answers without a check.
import { foldText } from './fold.ts';
import { anyRun, oneChar } from './rule.ts';
import type { GlobToken, Test } from './rule.ts';

export function parseWildcards(text: string): GlobToken[] {
  const tokens: GlobToken[] = [];
  let literal = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    const next = text[at + 1];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      at++;
    } else if (char === '*' || char === '?') {
      if (literal !== '') tokens.push(literal);
      literal = '';
      tokens.push(char === '*' ? anyRun : oneChar);
    } else literal += char;
  }
  if (literal !== '') tokens.push(literal);
  return tokens;
}

/** `**` is `*`, and `*?` is `?*`: one spelling for one meaning, so that equal patterns are shared. */
function normalise(tokens: readonly GlobToken[]): GlobToken[] {
  const out: GlobToken[] = [];
  for (const token of tokens) {
    const last = out.at(-1);
    if (token === anyRun && last === anyRun) continue;
    if (token === oneChar && last === anyRun) out.splice(-1, 1, oneChar, anyRun);
    else if (typeof token === 'string' && typeof last === 'string') out[out.length - 1] = last + token;
    else out.push(token);
  }
  return out;
}

export function textTest(field: string, written: readonly GlobToken[], cased: boolean): Test {
  const tokens = normalise(written).map((token) => (typeof token === 'string' && !cased ? foldText(token) : token));
  const [first, second, third] = tokens;
  if (first === undefined) return { op: 'eq', field, text: '', cased };
  if (tokens.length === 1 && first === anyRun) return { op: 'any', field };
  if (tokens.length === 1 && typeof first === 'string') return { op: 'eq', field, text: first, cased };
  if (tokens.length === 2 && typeof first === 'string' && second === anyRun) return { op: 'pre', field, text: first, cased };
  if (tokens.length === 2 && first === anyRun && typeof second === 'string') return { op: 'suf', field, text: second, cased };
  if (tokens.length === 3 && first === anyRun && typeof second === 'string' && third === anyRun)
    return { op: 'con', field, text: second, cased };
  return { op: 'glob', field, tokens, cased };
}

/** Keywords are unanchored: a value that holds them anywhere matches. */
export function unanchored(tokens: readonly GlobToken[]): GlobToken[] {
  return [anyRun, ...tokens, anyRun];
}

/** Whether a value matches tokens. The caller folds the value where the tokens are folded. Linear in value × stars. */
export function matchesGlob(tokens: readonly GlobToken[], value: string): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  for (;;) {
    const current = tokens[token];
    if (current === anyRun) {
      starToken = token++;
      starAt = at;
      continue;
    }
    if (current === undefined) {
      if (at === value.length) return true;
    } else if (current === oneChar ? at < value.length : value.startsWith(current, at)) {
      at += current === oneChar ? 1 : current.length;
      token++;
      continue;
    }
    if (starToken < 0 || starAt >= value.length) return false;
    const wanted = tokens[starToken + 1];
    // Jump to the next place where the piece after the star can begin instead of trying each.
    const jump = typeof wanted === 'string' ? value.indexOf(wanted, starAt + 1) : starAt + 1;
    if (jump < 0) return false;
    starAt = at = jump;
    token = starToken + 1;
  }
}
