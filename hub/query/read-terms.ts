// Reads one word or one quoted text out of a query. Pure functions, never throw.
// In a word a backslash makes white space, parentheses, quotes, colon and comparison signs plain; before `*` and `\` it
// stays, for there it belongs to the pattern; before anything else it is a backslash (C:\Windows needs no doubling).

const endsWord = /[\s()"]/;
const madePlain = /[\s()":<>=]/;

export function readWord(text: string, from: number): { readonly value: string; readonly end: number } {
  let value = '';
  let at = from;
  while (at < text.length) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '\\' && next !== '' && madePlain.test(next)) {
      value += next;
      at += 2;
    } else if (char === '\\' && (next === '*' || next === '\\')) {
      value += char + next;
      at += 2;
    } else if (endsWord.test(char)) break;
    else {
      value += char;
      at++;
    }
  }
  return { value, end: at };
}

/** From the opening quote on; undefined when it is never closed. */
export function readQuoted(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '"') return { value, end: at + 1 };
    if (char === '\\' && (next === '"' || next === '\\')) {
      value += next;
      at++;
    } else value += char;
  }
  return undefined;
}

/** Plain text as a pattern that matches just it. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\*]/g, (char) => `\\${char}`);
}
