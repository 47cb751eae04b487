// Words and phrases in text, as SQL. Promises: case is ignored; a word matches whole words only (letters and digits, and
// anything beyond ASCII, make words) unless `*` says otherwise; where the words are plain ASCII the token index of the
// raw line can rule granules out before any line is read.
import { literal } from './sql-literal.ts';

const wordChars = '0-9A-Za-z\\x{80}-\\x{10FFFF}';
const isWordChar = /[0-9A-Za-z\u0080-\uffff]/;

/** Parts of a pattern between unescaped `*`; `\` makes `*` and `\` plain. */
export function splitPattern(pattern: string): string[] {
  const parts = [''];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === '*') parts.push('');
    else if (char === '\\' && (next === '*' || next === '\\')) {
      parts[parts.length - 1] += next;
      at++;
    } else parts[parts.length - 1] += char;
  }
  return parts;
}

/** `parts` were separated by `*`. `text` is the expression to look in. */
export function containsWords(text: string, parts: readonly string[]): string {
  if (parts.every((part) => part === '')) return '1';
  const tokens = parts.flatMap((part, at) => wholeTokens(part, at > 0, at < parts.length - 1)).slice(0, 16);
  const conditions = tokens.map((token) => `hasToken(lower(${text}), '${token}')`);
  if (parts.length > 1 || parts[0]?.toLowerCase() !== tokens[0]) conditions.push(`match(${text}, ${literal(wordPattern(parts))})`);
  return `(${conditions.join(' AND ')})`;
}

/** ASCII words of a part that cannot be half of a longer word. Lower case; digits and letters only, so safe to quote. */
function wholeTokens(part: string, starBefore: boolean, starAfter: boolean): string[] {
  const words = [...part.matchAll(/[0-9A-Za-z\u0080-\uffff]+/g)];
  return words
    .filter((word) => !(starBefore && word.index === 0) && !(starAfter && word.index + word[0].length === part.length))
    .map((word) => word[0].toLowerCase())
    .filter((word) => /^[0-9a-z]+$/.test(word));
}

function wordPattern(parts: readonly string[]): string {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  const begin = isWordChar.test(first.charAt(0)) ? `(?:^|[^${wordChars}])` : '';
  const end = isWordChar.test(last.charAt(last.length - 1)) ? `(?:[^${wordChars}]|$)` : '';
  const middle = parts.filter((part, at) => part !== '' || (at > 0 && at < parts.length - 1)).map(quoted);
  return `(?is)${begin}${middle.join('\\S*')}${end}`;
}

/** Every ASCII character that could mean something to RE2 is written so that it does not. */
function quoted(part: string): string {
  let pattern = '';
  for (const char of part) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) pattern += `\\x{${code.toString(16)}}`;
    else pattern += code < 0x80 && !isWordChar.test(char) ? `\\${char}` : char;
  }
  return pattern;
}

/** ILIKE pattern of a keyword pattern. */
export function likePattern(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[\\%_]/g, (char) => `\\${char}`)).join('%');
}
