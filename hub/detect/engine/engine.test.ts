import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { internKind } from '../../../config/fields/kinds.ts';
import { slotOf } from '../../../config/fields/registry.ts';
import { EventRow } from '../../../config/fields/row.ts';
import { referenceMatch } from './reference.fixture.ts';
import { compileRules } from './ruleset.ts';

// A small alphabet, so that random rules do meet random events; ſ, Σ/ς, the Kelvin sign, a dash and a rare unit fold or not.
const piece = fc.string({
  unit: fc.constantFrom('a', 'A', 'b', 's', 'k', 'ſ', 'σ', 'ς', '\u212a', '\u2013', '😀', '.', '-', '/', ' ', '1'),
  maxLength: 5,
});
const written = fc.oneof(
  piece,
  fc.array(fc.oneof(piece, fc.constantFrom('*', '?', String.raw`\*`)), { maxLength: 4 }).map((parts) => parts.join('')),
);
const value = fc.oneof(
  { weight: 6, arbitrary: written },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }) },
);
const textKey = fc.constantFrom(
  'Field',
  'user.name',
  'c-uri',
  'Field|contains',
  'user.name|startswith',
  'Other|endswith',
  'Field|cased',
  'Other|contains|cased',
  'Field|contains|windash',
  'Other|neq',
);
const item = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(textKey, fc.array(value, { minLength: 1, maxLength: 3 }))
      .map(([key, values]) => [key, key.includes('|') && key !== 'Other|neq' ? values.map((one) => one ?? 'a') : values] as const),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('Field|contains|all', 'Other|all'), fc.array(piece, { minLength: 2, maxLength: 3 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('Field|re', 'Field|re|i'),
      fc.constantFrom('a+b', '^a', 's.*k', '(a|b)s', 'b{2,}', 'k$').map((one) => [one]),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ['Field|exists', true],
      ['Other|exists', false],
      ['Field|gte', 3],
      ['Other|lt', 5],
      ['Field|fieldref', 'Other'],
      ['Field|fieldref|contains', 'user.name'],
    ),
  },
);
const part = fc.oneof(
  { weight: 4, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.fromEntries(items)) },
  {
    weight: 1,
    arbitrary: fc.array(
      piece.filter((one) => one !== ''),
      { minLength: 1, maxLength: 3 },
    ),
  },
);
const condition = fc.constantFrom(
  'one',
  'one and two',
  'one or not two',
  'not one',
  'not (one or two) or three',
  '1 of them',
  'all of t*',
  'one and not 1 of t*',
  'three or (two and not one)',
);
const rule = fc
  .record({ one: part, two: part, three: part, condition })
  .map((detection) => stringify({ title: 'made', logsource: { category: 'webserver' }, detection }));
const fieldText = fc.option(
  fc.oneof(
    piece,
    fc.array(piece, { maxLength: 4 }).map((parts) => parts.join('')),
    fc.integer({ min: 0, max: 20 }).map(String),
  ),
  { nil: undefined },
);
const event = fc.record({
  Field: fieldText,
  Other: fc.option(fc.array(piece, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  user: fieldText,
  uri: fieldText,
  raw: piece,
});
type MadeEvent = typeof event extends fc.Arbitrary<infer T> ? T : never;

const web = internKind({ categories: ['webserver'] });

function rowOf({ Field, Other, user, uri, raw }: MadeEvent): EventRow {
  const row = new EventRow();
  row.kindId = web.id;
  row.raw = raw;
  if (Field !== undefined) row.setExtra('Field', Field);
  for (const one of Other ?? []) row.setExtra('Other', one);
  if (user !== undefined) row.set(slotOf('user.name'), user);
  if (uri !== undefined) row.set(slotOf('url.original'), uri);
  return row;
}

test('the engine gives the answers of a plain evaluator, whatever the rules and events', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), fc.array(event, { minLength: 1, maxLength: 8 }), (texts, events) => {
      const { ruleset } = compileRules(
        texts.map((text, at) => ({ file: `${at}.yml`, text: `${text}# ${at}\nid: 00000000-0000-0000-0000-00000000000${at}\n` })),
      );
      const matcher = ruleset.matcher();
      for (const row of events.map(rowOf)) {
        const found: number[] = [];
        matcher.match(row, (index) => found.push(index));
        expect(found.toSorted((a, b) => a - b)).toEqual(
          ruleset.rules.flatMap(({ expr }, index) => (referenceMatch(expr, row) ? [index] : [])),
        );
      }
    }),
    { numRuns: 300 },
  );
});

// Long literals over few letters, and texts made of their beginnings: tails of the automaton, failures and jumps.
const letter = fc.constantFrom('a', 'b', 'B', ':', 'k', '\u212a', '\u2013');
const longWord = fc.string({ unit: letter, minLength: 4, maxLength: 12 });
const longCase = fc.array(longWord, { minLength: 1, maxLength: 8 }).chain((words) =>
  fc.record({
    words: fc.constant(words),
    shorts: fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
    texts: fc.array(
      fc
        .array(
          fc.oneof(
            fc.tuple(fc.constantFrom(...words), fc.nat(12)).map(([word, chars]) => word.slice(0, chars)),
            letter,
            fc.constant('x'),
          ),
          {
            maxLength: 12,
          },
        )
        .map((parts) => parts.join('')),
      { minLength: 1, maxLength: 6 },
    ),
  }),
);

test('long literals are found wherever they stand, however a text plays with their beginnings', () => {
  fc.assert(
    fc.property(longCase, ({ words, shorts, texts }) => {
      const parts = [
        ...words.flatMap((word) => [[word], { 'Field|contains': word }, { 'Other|endswith': word }, { 'Other|startswith': word }]),
        { 'Field|contains': words, 'Field|contains|all': [...shorts, words[0]] },
      ];
      const { ruleset } = compileRules(
        parts.map((selection, at) => ({
          file: `${at}.yml`,
          text: stringify({ title: `made ${at}`, logsource: {}, detection: { selection, condition: 'selection' } }),
        })),
      );
      const matcher = ruleset.matcher();
      for (const text of texts) {
        const row = rowOf({ Field: text, Other: [text.slice(1), text], user: undefined, uri: undefined, raw: `${text}-` });
        const found: number[] = [];
        matcher.match(row, (index) => found.push(index));
        expect(found.toSorted((a, b) => a - b)).toEqual(
          ruleset.rules.flatMap(({ expr }, index) => (referenceMatch(expr, row) ? [index] : [])),
        );
      }
    }),
    { numRuns: 400 },
  );
});

test('a text made of the beginnings of literals costs no more than a few readings of each character', () => {
  const words = ['aaaaaaaab', 'aaaaaaaac', 'abababababx', 'aaaabaaaabaaaac'];
  const { ruleset } = compileRules([
    { file: 'a.yml', text: stringify({ title: 'a', logsource: {}, detection: { selection: words, condition: 'selection' } }) },
  ]);
  const matcher = ruleset.matcher();
  const row = new EventRow();
  row.raw = 'aaaabaaaabaaaababababab'.repeat(40_000);
  const startMs = performance.now();

  let isFound = false;
  matcher.match(row, () => (isFound = true));

  expect(isFound).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

function matchOne(detection: object, fields: Record<string, string>, logsource = {}): boolean {
  const { ruleset, refused } = compileRules([
    { file: 'a.yml', text: stringify({ title: 'a', logsource, detection: { selection: detection, condition: 'selection' } }) },
  ]);
  expect(refused).toEqual([]);
  const row = new EventRow();
  for (const [name, text] of Object.entries(fields)) row.setExtra(name, text);
  let isFound = false;
  ruleset.matcher().match(row, () => (isFound = true));
  return isFound;
}

test.each([
  ['wide|base64offset|contains', 'ping', `x${Buffer.from('a ping b', 'utf16le').toString('base64')}`, true],
  ['base64offset|contains', 'foo', Buffer.from('xxfoo').toString('base64'), true],
  ['base64offset|contains', 'foo', Buffer.from('xxfo').toString('base64'), false],
  ['contains|windash', ' -enc', 'powershell \u2013enc', true],
  ['windash|contains', ' -enc', 'powershell \u2014enc AAA', true],
  ['cidr', '192.0.2.0/24', '192.0.2.77', true],
  ['cidr', '192.0.2.0/24', '192.0.3.1', false],
  ['cidr', '2001:db8::/32', '2001:db8::1', true],
  ['cidr', '192.0.2.0/24', 'no address', false],
  ['re', '(?i)FOO\\d', 'a foo7', true],
  ['cased', 'Foo', 'foo', false],
])('%s of %s against %s', (modifiers, text, given, answer) => {
  expect(matchOne({ [`F|${modifiers}`]: text }, { F: given })).toBe(answer);
});

test('an expression that explodes under backtracking answers in bounded time', () => {
  const attack = 'a'.repeat(8_000);
  const startMs = performance.now();

  expect(matchOne({ 'F|re': 'x?(a+)+b$' }, { F: `${attack}!b!` })).toBe(false);

  expect(performance.now() - startMs).toBeLessThan(2_000);
});

test('a rule of another log source does not see the event', () => {
  expect(matchOne({ F: 'a' }, { F: 'a' }, { product: 'windows' })).toBe(false);
  expect(matchOne({ F: 'a' }, { F: 'a' })).toBe(true);
});

test('every rule says under which names it reads its fields', () => {
  const { ruleset } = compileRules([
    { file: 'a.yml', text: 'title: a\nlogsource: { category: webserver }\ndetection: { s: { c-uri: x }, condition: s }' },
  ]);

  expect(ruleset.fieldsRead(0)).toEqual(['c-uri', 'url.original']);
});
