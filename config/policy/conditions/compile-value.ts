// The values of one item (`Field|modifier: value`) as tests over bytes. Modifiers apply from left to right, as Sigma has
// them: contains, startswith, endswith, all, cased, neq, exists, re (i, m, s), cidr, lt, lte, gt, gte, windash, base64,
// base64offset, wide (utf16le, utf16be, utf16). What means nothing for a raw line is refused with the reason, never ignored.
import { addressBytes, isInside, parseCidr } from './cidr.ts';
import { base64Offsets, toBase64, toUtf16, type Wide, windashForms } from './encode.ts';
import type { ValueTest } from './value-sight.ts';
import { globTest } from './glob-test.ts';
import { regexTest } from './regex-test.ts';
import { type Part, splitWildcards } from './split-wildcards.ts';

export type Scalar = string | number | boolean | null;

const valueCharsMax = 4_096;
const formsMax = 20_000;
const first = ['re', 'cidr', 'lt', 'lte', 'gt', 'gte'] as const;
type First = (typeof first)[number];
const edges: Readonly<Record<string, { readonly before: boolean; readonly behind: boolean }>> = {
  contains: { before: true, behind: true },
  startswith: { before: false, behind: true },
  endswith: { before: true, behind: false },
};
const wides: Readonly<Record<string, Wide>> = { wide: 'utf16le', utf16le: 'utf16le', utf16be: 'utf16be', utf16: 'utf16' };
const encodings = ['windash', 'base64', 'base64offset'] as const;
const regexFlags: Readonly<Record<string, string>> = { i: 'i', m: 'm', s: 's', ignorecase: 'i', multiline: 'm', dotall: 's' };
const unfit: Readonly<Record<string, string>> = {
  fieldref: 'compares two fields, which the hub does on events',
  expand: 'needs lists that only the hub has; write the values out',
  ...Object.fromEntries(
    ['minute', 'hour', 'day', 'week', 'month', 'year'].map((part) => [part, 'needs a time that was read, which lines do not have']),
  ),
};

/** Every modifier that goes with an item, those that its caller handles included. */
export const modifiers = [...Object.keys(edges), 'all', 'cased', 'neq', 'exists', ...first, ...encodings, ...Object.keys(wides)];

/** The tests that one written value becomes (any of them counts), or why it is refused. */
export function compileValue(value: Scalar, words: readonly string[]): readonly ValueTest[] | string {
  if (value === null) return words.length > 0 ? 'null goes without modifiers' : [(_bytes, _start, _end, isNull) => isNull];
  const text = String(value);
  if (text.length > valueCharsMax) return `a value longer than ${valueCharsMax} characters`;
  const special = first.find((word) => word === words[0]);
  if (special) return specialTest(special, text, words.slice(1));
  let forms: readonly Form[] = [{ parts: splitWildcards(text) }];
  for (const word of words) {
    if (word === 'cased') continue;
    const next = forms.map((form) => applied(form, word));
    const refused = next.find((one) => typeof one === 'string');
    if (refused !== undefined) return refused;
    forms = next.flatMap((one) => (typeof one === 'string' ? [] : one));
    if (forms.length > formsMax) return `more than ${formsMax} forms of one value; shorten it`;
  }
  return collected(
    forms.map((form) =>
      'bytes' in form ? 'wide text must be encoded; add base64 or base64offset behind' : globTest(form.parts, words.includes('cased')),
    ),
  );
}

function collected(tests: readonly (ValueTest | string)[]): readonly ValueTest[] | string {
  const refused = tests.find((test) => typeof test === 'string');
  return refused ?? tests.flatMap((test) => (typeof test === 'string' ? [] : [test]));
}

type Form = { readonly parts: readonly Part[] } | { readonly bytes: Buffer };

/** What a form becomes by one modifier, or why it cannot. */
function applied(form: Form, word: string): readonly Form[] | string {
  const edge = edges[word];
  const wide = wides[word];
  if (edge && 'parts' in form) return [{ parts: opened(form.parts, edge) }];
  if (word === 'windash' && 'parts' in form) return windashed(form.parts);
  const plain = 'bytes' in form ? form.bytes : plainText(form.parts);
  if (plain === undefined) return 'only plain text without wildcards can be encoded; put contains behind the encoding';
  if (wide) return [{ bytes: toUtf16(plain.toString(), wide) }];
  if (word === 'base64') return [{ parts: [{ is: 'literal', text: toBase64(plain) }] }];
  if (word === 'base64offset') return base64Offsets(plain).map((text) => ({ parts: [{ is: 'literal', text }] }));
  if (word === 'windash' || edge) return `\`${word}\` behind an encoding; put it before`;
  return unfitReason(word);
}

/** Why a modifier that is not known here is refused. */
export function unfitReason(word: string): string {
  const reason = unfit[word];
  return reason ? `the modifier \`${word}\` ${reason}` : `unknown modifier \`${word}\`; known: ${modifiers.join(', ')}`;
}

function opened(parts: readonly Part[], { before, behind }: { readonly before: boolean; readonly behind: boolean }): Part[] {
  const out = [...parts];
  if (before && out[0]?.is !== 'any') out.unshift({ is: 'any' });
  if (behind && out.at(-1)?.is !== 'any') out.push({ is: 'any' });
  return out;
}

function plainText(parts: readonly Part[]): Buffer | undefined {
  const [only] = parts;
  return parts.length === 1 && only?.is === 'literal' ? Buffer.from(only.text) : undefined;
}

function windashed(parts: readonly Part[]): readonly Form[] | string {
  let forms: readonly (readonly Part[])[] = [[]];
  for (const part of parts) {
    const texts = part.is === 'literal' ? windashForms(part.text, formsMax) : undefined;
    if (part.is === 'literal' && !texts) return `windash gives more than ${formsMax} forms; shorten the value`;
    const pieces: readonly Part[] = texts?.map((text) => ({ is: 'literal', text })) ?? [part];
    if (forms.length * pieces.length > formsMax) return `windash gives more than ${formsMax} forms; shorten the value`;
    forms = forms.flatMap((form) => pieces.map((piece) => [...form, piece]));
  }
  return forms.map((form) => ({ parts: form }));
}

function specialTest(special: First, text: string, words: readonly string[]): readonly ValueTest[] | string {
  if (special === 're') {
    const stranger = words.find((word) => regexFlags[word] === undefined);
    if (stranger !== undefined) return `\`${stranger}\` does not go with \`re\`; its flags are i, m and s`;
    return collected([regexTest(text, words.map((word) => regexFlags[word]).join(''))]);
  }
  const [stranger] = words;
  if (stranger !== undefined) return `\`${stranger}\` does not go with \`${special}\``;
  if (special === 'cidr') return cidrTest(text);
  const limit = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(limit)) return `\`${text}\` is not a number`;
  return [numberTest(special, limit)];
}

function cidrTest(text: string): readonly ValueTest[] | string {
  const network = parseCidr(text);
  if (typeof network === 'string') return `${network}; write a network such as 192.0.2.0/24 or 2001:db8::/32`;
  return [
    (bytes, start, end, isNull) => {
      if (isNull || end - start > addressCharsMax) return false;
      const address = addressBytes(bytes.toString('latin1', start, end));
      return address !== undefined && isInside(network, address);
    },
  ];
}

const addressCharsMax = 45;
const numberCharsMax = 32;

/** NaN, which is what a value that is no number gives, is neither below nor above anything. */
function numberTest(special: Exclude<First, 're' | 'cidr'>, limit: number): ValueTest {
  const compare = comparisons[special];
  return (bytes, start, end, isNull) => !isNull && compare(numberOf(bytes, start, end), limit);
}

const comparisons = {
  lt: (value: number, limit: number) => value < limit,
  lte: (value: number, limit: number) => value <= limit,
  gt: (value: number, limit: number) => value > limit,
  gte: (value: number, limit: number) => value >= limit,
} as const;

/** Decimal digits without a turn through text; anything else as JavaScript reads it, NaN for what is no number. */
function numberOf(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > numberCharsMax) return Number.NaN;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c < 0x30 || c > 0x39)
      return /^[-+.\dEe]+$/.test(bytes.toString('latin1', start, end)) ? Number(bytes.toString('latin1', start, end)) : Number.NaN;
    value = value * 10 + c - 0x30;
  }
  return value;
}
