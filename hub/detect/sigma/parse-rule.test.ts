import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRules } from '../engine/ruleset.ts';
import { foldText } from './fold.ts';
import { parseRules } from './parse-rule.ts';

const whole = (detection: string): string => `title: a\nlogsource: { product: linux }\ndetection:\n  ${detection}`;

test.each([
  ['an unknown modifier', 's: { F|shout: a }\n  condition: s', /unknown modifier `shout`/],
  ['a modifier that is not built', 's: { F|hour: 3 }\n  condition: s', /not built yet/],
  ['a selector that matches nothing', 's: { F: a }\n  condition: 1 of x*', /matches no part of detection/],
  ['a part that is missing', 's: { F: a }\n  condition: t', /no part `t`/],
  ['an old aggregation', 's: { F: a }\n  condition: s | count() > 5', /correlation document/],
  ['lookaround', "s: { F|re: '(?=a)b' }\n  condition: s", /lookaround/],
  ['a back-reference', "s: { F|re: '(a)\\1' }\n  condition: s", /back-references/],
  ['all with one value', 's: { F|contains|all: a }\n  condition: s', /single value/],
  ['a placeholder', "s: { F|expand: '%Admins%' }\n  condition: s", /placeholder %Admins%/],
  ['host bits in a network', 's: { F|cidr: 192.0.2.1/24 }\n  condition: s', /host bits/],
  ['a condition that ends early', 's: { F: a }\n  condition: s and', /ends in the middle/],
  ['an unclosed parenthesis', 's: { F: a }\n  condition: (s', /not closed/],
])('%s is refused with place and remedy', (_name, detection, reason) => {
  const { documents, refused } = parseRules([{ file: 'a.yml', text: whole(detection) }]);

  expect(documents).toEqual([]);
  expect(refused[0]?.reason).toMatch(reason);
  expect(refused[0]?.reason).toMatch(/^detection/);
});

test('bad YAML names line and column and leaves the other files alone', () => {
  const { documents, refused } = parseRules([
    { file: 'bad.yml', text: 'title: a\n  b: : c' },
    { file: 'good.yml', text: whole('s: { F: a }\n  condition: s') },
  ]);

  expect(documents).toHaveLength(1);
  expect(refused[0]?.reason).toMatch(/line 1, column \d+/);
});

test.each([
  ['nested without end', `title: a\n${'{'.repeat(32_768)}`, /^YAML, line 2, column 6\d: nested more than 64 deep/],
  ['of a map as a key', 'title: a\n{ b: 1 }: c', /^YAML, line 2, column 1: a key that is a map/],
  ['of comments alone', '# nothing yet\n', /^a rule file holds 1 to 256 YAML documents/],
])('a file %s is refused, the others are taken', (_, text, reason) => {
  const { documents, refused } = parseRules([
    { file: 'bad.yml', text },
    { file: 'good.yml', text: whole('s: { F: a }\n  condition: s') },
  ]);

  expect(documents).toHaveLength(1);
  expect(refused.map(({ file }) => file)).toEqual(['bad.yml']);
  expect(refused[0]?.reason).toMatch(reason);
});

test('a correlation whose rules are missing, or that reads itself, is refused', () => {
  const correlation = (name: string, reads: string): string =>
    `title: a\nname: ${name}\ncorrelation: { type: event_count, rules: [${reads}], timespan: 1m, condition: { gte: 2 } }`;

  const { ruleset, refused } = compileRules([
    { file: 'a.yml', text: [correlation('a', 'nowhere'), correlation('b', 'c'), correlation('c', 'b')].join('\n---\n') },
  ]);

  expect(ruleset.correlations).toEqual([]);
  expect(refused.map(({ reason }) => reason).join('\n')).toMatch(/there is no rule `nowhere`[\s\S]*in a circle/);
});

test('no text makes the loader throw', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      parseRules([{ file: 'a.yml', text }]);
      parseRules([{ file: 'a.yml', text: whole(text) }]);
    }),
  );
});

test('folding is stable: a folded text folds to itself', () => {
  for (let unit = 0; unit < 65_536; unit++) {
    const once = foldText(String.fromCharCode(unit));
    expect(foldText(once)).toBe(once);
  }
});
