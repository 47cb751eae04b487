// A regular expression over the bytes of a value: yes or no, in linear time (RE2), because attackers write the values.
// Promises: where any match must hold a literal, its bytes are looked for first, and only a value that holds it is decoded.
// The first 64 KiB of a value are looked at.
import { RE2JS } from 're2js';
import type { ValueTest } from './value-sight.ts';
import { searchLiteral } from './search-literal.ts';

const patternCharsMax = 1_024;
const valueBytesMax = 64 * 1024;

/** `flags`: i, m and s. Gives the test, or why the expression is refused. */
export function regexTest(pattern: string, flags: string, charsMax: number = patternCharsMax): ValueTest | string {
  if (pattern.length > charsMax) return `a regular expression longer than ${charsMax} characters`;
  if (/\(\?<?[=!]/.test(pattern)) return 'look-around in a regular expression is not supported; it cannot be run in bounded time';
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const body = inline ? pattern.slice(inline[0].length) : pattern;
  const all = flags + (inline?.[1] ?? '');
  const isFolded = all.includes('i');
  const bits = (isFolded ? RE2JS.CASE_INSENSITIVE : 0) | (all.includes('m') ? RE2JS.MULTILINE : 0) | (all.includes('s') ? RE2JS.DOTALL : 0);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(body), bits);
  } catch (error) {
    return `the regular expression cannot be used: ${error instanceof Error ? error.message : 'it is not valid'}`;
  }
  const literal = requiredLiteral(body, isFolded);
  const hint = literal === undefined ? undefined : searchLiteral(literal, { cased: !isFolded });
  return (bytes, start, end, isNull) => {
    if (isNull || (hint && !hint.contains(bytes, start, end))) return false;
    return compiled.matcher(bytes.toString('utf8', start, Math.min(end, start + valueBytesMax))).find();
  };
}

const literalCharsMin = 3;

/** The longest text that every match holds, as far as can be told by reading from left to right; undefined when unsure. */
function requiredLiteral(pattern: string, isFolded: boolean): string | undefined {
  // Flags in the middle and quoted runs change what plain characters mean.
  if (/\(\?[a-z-]+\)|\\Q/i.test(pattern)) return undefined;
  let longest = '';
  let run = '';
  const close = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '|') return undefined;
    if (c === '(' || c === '[') {
      close();
      i = c === '(' ? groupEnd(pattern, i) : setEnd(pattern, i);
    } else if (c === '*' || c === '?' || c === '{') {
      run = run.slice(0, -1);
      close();
      if (c === '{') i = Math.max(i, pattern.indexOf('}', i));
    } else if (c === '\\' && /[A-Za-z0-9]/.test(pattern.charAt(i + 1))) {
      close();
      i = escapedClassEnd(pattern, i + 1);
    } else if (/[.^$+)\]]/.test(c)) close();
    else {
      const char = c === '\\' ? pattern.charAt(++i) : c;
      // Folding joins these letters with others outside ASCII (the Kelvin sign, the long s).
      if (char.charCodeAt(0) > 0x7e || (isFolded && /[ksKS]/.test(char))) close();
      else run += char;
    }
  }
  close();
  return longest.length >= literalCharsMin ? longest : undefined;
}

/** Index of the `)` that closes the group at `at`. */
function groupEnd(pattern: string, at: number): number {
  let depth = 0;
  for (let i = at; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '\\') i++;
    else if (c === '[') i = setEnd(pattern, i);
    else if (c === '(') depth++;
    else if (c === ')' && --depth === 0) return i;
  }
  return pattern.length;
}

/** Index of the `]` that closes the set at `at`. */
function setEnd(pattern: string, at: number): number {
  let i = pattern.charAt(at + 1) === '^' ? at + 2 : at + 1;
  if (pattern.charAt(i) === ']') i++;
  for (; i < pattern.length && pattern.charAt(i) !== ']'; i++) {
    if (pattern.charAt(i) === '\\') i++;
    else if (pattern.startsWith('[:', i)) i = Math.max(i, pattern.indexOf(':]', i) + 1);
  }
  return i;
}

/** Index of the last character of `\d`, `\x41`, `\x{1F600}`, `\pL`, `\p{Greek}`, whose first letter is at `at`. */
function escapedClassEnd(pattern: string, at: number): number {
  const [whole = ''] = /^(?:x[0-9A-Fa-f]{2}|[xpPuk]\{[^}]*\}|u[0-9A-Fa-f]{4}|[pP][A-Za-z]|[0-7]{1,3}|.)/s.exec(pattern.slice(at)) ?? [];
  return at + Math.max(1, whole.length) - 1;
}
