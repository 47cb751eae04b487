import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { compileLinePattern } from './line-pattern.ts';

const patterns = [
  '^\\d{4}-\\d\\d-\\d\\d',
  '^[ \\t]',
  '^\\s+',
  '^<\\d',
  '^\\[\\w',
  '^[a-fx]{2}:',
  '^Traceback',
  '^\\S',
  '^(\\s|Caused by:)',
  '^\\{"',
  'ERROR',
  '^[^ ]',
  '^[0-9-]',
];

test.each(patterns)('%s says of any line what RE2 says, by whichever way it is compared', (pattern) => {
  const matches = compileLinePattern(pattern);
  if (typeof matches === 'string') throw new Error(matches);
  const re2 = RE2JS.compile(pattern);
  const piece = fc.constantFrom('2026-11-24 ', '\t', ' ', '[', '<1', 'ab:', 'x', 'Traceback', '{"', 'ERROR', 'é', '-', '9', 'Caused by:');

  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 6 }), (pieces) => {
      const line = Buffer.from(pieces.join(''));
      const around = Buffer.concat([Buffer.from('##'), line, Buffer.from('2026-11-24')]);

      expect(matches(around, 2, 2 + line.length)).toBe(re2.matcher(line.toString()).find());
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['(', /cannot be used/],
  ['(?=x)', /look-around/],
  ['a'.repeat(2_000), /longer than 1024/],
])('%s is refused with the reason', (pattern, reason) => {
  expect(compileLinePattern(pattern)).toMatch(reason);
});

test('a pattern that makes other engines run for years is quick', () => {
  const matches = compileLinePattern('^(a+)+$');
  if (typeof matches === 'string') throw new Error(matches);
  const line = Buffer.from(`${'a'.repeat(4_000)}!`);

  expect(matches(line, 0, line.length)).toBe(false);
});
