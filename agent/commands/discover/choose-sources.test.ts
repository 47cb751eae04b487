import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { parseGlob } from '../../inputs/glob-pattern.ts';
import { mayMatchSame } from './choose-sources.ts';

test('two globs that match one path are never taken for apart', () => {
  const name = array(constantFrom('a', 'b', '*', '?', '[ab]', '.log'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  const glob = array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
  const path = array(
    array(constantFrom('a', 'b', '.log'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    { minLength: 1, maxLength: 3 },
  );
  assert(
    property(glob, glob, path, (one, other, names) => {
      const both = `/${names.join('/')}`;
      const isOfBoth = [one, other].every((text) => parseGlob(text).some((pattern) => pattern.matches(both)));

      expect(isOfBoth && /[*?[]/.test(one) && !mayMatchSame(one, other)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['/var/log/nginx/*.log', '/var/log/nginx/access.log', true],
  ['/var/log/nginx/*.log', '/var/log/apache2/*.log', false],
  ['/var/log/nginx/*.access.log', '/var/log/nginx/error.log', false],
  ['/var/log/*/access.log', '/var/log/nginx/*.log', true],
])('%s and %s may match the same: %s', (glob, other, expected) => {
  expect(mayMatchSame(glob, other)).toBe(expected);
});
