// Splits a Sigma value at its wildcards: `*` any run, `?` any one character, `\*`, `\?` and `\\` literally.
// A backslash before anything else is a backslash (Windows paths are written plainly in Sigma).

export type Part = { readonly is: 'literal'; readonly text: string } | { readonly is: 'any' } | { readonly is: 'one' };

export function splitWildcards(value: string): Part[] {
  const parts: Part[] = [];
  let literal = '';
  const close = (): void => {
    if (literal !== '') parts.push({ is: 'literal', text: literal });
    literal = '';
  };
  for (let i = 0; i < value.length; i++) {
    const c = value.charAt(i);
    const next = value.charAt(i + 1);
    if (c === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      i++;
    } else if (c === '*' || c === '?') {
      close();
      parts.push({ is: c === '*' ? 'any' : 'one' });
    } else literal += c;
  }
  close();
  return parts;
}
