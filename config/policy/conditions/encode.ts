// The modifiers that turn one written value into the several texts an attacker's tools may leave: windash, base64,
// base64offset, wide and its relatives. Pure functions; byte lengths, not characters, decide base64 offsets.

/** - / – — ― */
const dashes = ['-', '/', '\u2013', '\u2014', '\u2015'] as const;

/** Every combination of dashes where one begins a word; undefined when there would be more than `max`. */
export function windashForms(text: string, max: number): string[] | undefined {
  const places = [...text.matchAll(/\B[-/]\b/g)].map((match) => match.index);
  if (dashes.length ** places.length > max) return undefined;
  let forms = [text];
  for (const place of places) forms = forms.flatMap((form) => dashes.map((dash) => form.slice(0, place) + dash + form.slice(place + 1)));
  return [...new Set(forms)];
}

export function toBase64(bytes: Buffer): string {
  return bytes.toString('base64');
}

/** The three texts that a longer encoded text may hold, depending on where the value falls in its groups of three bytes. */
export function base64Offsets(bytes: Buffer): string[] {
  const start = [0, 2, 3] as const;
  const end = [undefined, -3, -2] as const;
  return [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset, ' '), bytes])
      .toString('base64')
      .slice(start[offset], end[(bytes.length + offset) % 3]),
  );
}

export type Wide = 'utf16le' | 'utf16be' | 'utf16';

export function toUtf16(text: string, wide: Wide): Buffer {
  const little = Buffer.from(text, 'utf16le');
  if (wide === 'utf16be') return little.swap16();
  return wide === 'utf16' ? Buffer.concat([Buffer.from([0xff, 0xfe]), little]) : little;
}
