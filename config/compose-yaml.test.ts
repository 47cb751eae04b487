// Each text here takes the library alone minutes, a gigabyte or the whole stack; refused at its place it takes none of them.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { composeYaml, yamlLimits, type ComposeOptions } from './compose-yaml.ts';

const { nestingMax, entriesMax, keyCharsMax } = yamlLimits;

function saidOf(text: string, options?: ComposeOptions): string {
  const composed = composeYaml(text, options);
  if (composed.is === 'refused') return `${composed.line}:${composed.column} ${composed.reason}`;
  return [...new Set(composed.documents.flatMap(({ errors }) => errors.map(({ code }) => code)))].join(' ');
}

const marks = 'too many marks before one value; write one tag, one anchor and one comma at most';
const asKey = 'a key that is a map or a list; write a word as key, text in quotes';
const keys = (count: number): string => Array.from({ length: count }, (_, at) => `k${at}: 1\n`).join('');

test.each([
  ['maps that are not closed', '{'.repeat(32_768), /^1:6\d nested/],
  ['lists that are not closed, below a key on the second line', `version: 1\nlist: ${'['.repeat(32_768)}`, /^2:7\d nested/],
  ['maps in maps by indicators on one line', '- '.repeat(100_000), /^1:1[23]\d nested/],
  ['keys in keys by indicators on one line', '? '.repeat(100_000), /^1:1[23]\d nested/],
  ['maps in maps by indentation', Array.from({ length: 70 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''), /^6\d:\d+ nested/],
  ['more closing brackets than opening ones', '}'.repeat(100_000), /^1:1 bad YAML: Unexpected flow-map-end token/],
])('%s are refused at their place, whether faults are guessed around or not', (_, text, place) => {
  expect(saidOf(text)).toMatch(place);
  expect(saidOf(text, { strict: false, uniqueKeys: false, version: '1.1' })).toMatch(place);
});

test.each([
  ['a map as a key', 'a: 1\n{ b: { c: 1 } }: 2\n', `2:1 ${asKey}`],
  ['a list as a key', 'a: 1\n? - b\n: 2\n', `2:3 ${asKey}`],
  [
    'a key of more characters than a key may have',
    `${'k'.repeat(keyCharsMax + 1)}: 1`,
    `1:1 a key of more than ${keyCharsMax} characters; write a shorter one`,
  ],
  [
    'the same behind a question mark, in quotes',
    `? "${'k'.repeat(keyCharsMax)}"\n: 1`,
    `1:3 a key of more than ${keyCharsMax} characters; write a shorter one`,
  ],
  ['tags without end before a value', '- !a !b !c !d x', `1:12 ${marks}`],
  ['more entries than a document may have', keys(entriesMax + 1), `1:1 more than ${entriesMax} entries; write fewer`],
  ['empty entries without end', `[${','.repeat(100_000)}]`, `1:6 ${marks}`],
])('%s: place and remedy', (_, text, told) => {
  expect(saidOf(text)).toBe(told);
});

test('what is within the limits is taken: as many keys as may be, nesting as deep, a key as long', () => {
  expect(saidOf(keys(entriesMax))).toBe('');
  expect(saidOf(`${'['.repeat(nestingMax)}${']'.repeat(nestingMax)}`)).toBe('');
  expect(saidOf(`${'- '.repeat(nestingMax - 1)}a: 1`)).toBe('');
  expect(saidOf(`? ${'k'.repeat(keyCharsMax)}\n: 1`)).toBe('');
});

test('a key that comes twice is an error at its second place, 1 and "1" too, for they are one property', () => {
  const composed = composeYaml('a: 1\nb: { 1: x, "1": y }\na: 2\n');

  expect(composed.is === 'composed' && composed.documents[0]?.errors.map(({ code, pos }) => `${code} ${pos[0]}`).sort()).toEqual([
    'DUPLICATE_KEY 16',
    'DUPLICATE_KEY 25',
  ]);
  expect(saidOf('a: 1\na: 2\n', { uniqueKeys: false })).toBe('');
});

test('a text is composed as the library composes it', () => {
  const json = fc.json({ maxDepth: 6 });
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        json.map((text) => `a: ${text}\n# told\nb:\n  - ${text}\n`),
        fc.string().filter((text) => !text.includes('*')),
      ),
      (text) => {
        const composed = composeYaml(text, { uniqueKeys: false });
        if (composed.is === 'refused') return;
        const alone = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
        const [document] = composed.documents;
        expect(document?.errors.map(({ code, pos }) => [code, ...pos])).toEqual(alone.errors.map(({ code, pos }) => [code, ...pos]));
        if (alone.errors.length === 0) expect(JSON.stringify(document)).toBe(JSON.stringify(alone));
      },
    ),
  );
});
