// Text inside a statement. Promises: whatever the text is, the result is one string literal and nothing else: harmless
// characters are quoted as they are, everything else travels as hexadecimal digits.

const harmless = /^[0-9A-Za-z ._:/-]*$/;

export function literal(text: string): string {
  if (harmless.test(text)) return `'${text}'`;
  return `unhex('${Buffer.from(text, 'utf8').toString('hex')}')`;
}
