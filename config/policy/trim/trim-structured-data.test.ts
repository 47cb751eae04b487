import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStructuredData } from './testing/reference-pairs.ts';
import { pseudonymOf, trimLine } from './testing/trim-line.ts';
import type { TrimSpec } from './trimmer.ts';

type Operations = Omit<TrimSpec, 'format'>;
const keyFile = '/key';
const head = '<165>1 2026-11-24T10:00:00.003Z app1.example.org evntslog 811 ID47 ';
const data = '[origin@32473 ip="192.0.2.7" user="a\\"na\\]"][meta seq="1"]';

describe('elements and parameters of structured data change where they stand', () => {
  test.each<[Operations, string, string]>([
    [{ drop: ['meta'] }, data, '[origin@32473 ip="192.0.2.7" user="a\\"na\\]"]'],
    [{ drop: ['origin@32473'] }, data, '[meta seq="1"]'],
    [{ drop: ['meta', 'origin@32473'] }, data, '-'],
    [{ drop: ['origin@32473.ip', 'meta.seq'] }, data, '[origin@32473 user="a\\"na\\]"][meta]'],
    [{ drop: ['*.seq'] }, data, '[origin@32473 ip="192.0.2.7" user="a\\"na\\]"][meta]'],
    [{ keep: ['origin@32473.ip'] }, data, '[origin@32473 ip="192.0.2.7"]'],
    [{ keep: ['nothing'] }, data, '-'],
    [{ mask: { fields: ['origin@32473'], with: '"]' } }, data, '[origin@32473 ip="\\"\\]" user="\\"\\]"][meta seq="1"]'],
    [
      { pseudonymise: { fields: ['*.user'], keyFile, length: 16 } },
      data,
      `[origin@32473 ip="192.0.2.7" user="${pseudonymOf('a"na]')}"][meta seq="1"]`,
    ],
    [{ shorten: { fields: ['*.user'], bytes: 2 } }, data, '[origin@32473 ip="192.0.2.7" user="a"][meta seq="1"]'],
    // Readers skip the byte behind any backslash: nothing is cut between the two.
    [{ shorten: { fields: ['*.user'], bytes: 2 } }, String.raw`[a user="x\yz"]`, '[a user="x"]'],
    [{ shorten: { fields: ['*.user'], bytes: 3 } }, String.raw`[a user="x\éz"]`, '[a user="x"]'],
  ])('%j of %s', (operations, line, expected) => {
    const { text, unparsed } = trimLine({ format: 'structured-data', ...operations }, `${head}${line} a message [x y="1"]`);

    expect({ text, unparsed }).toEqual({ text: `${head}${expected} a message [x y="1"]`, unparsed: 0 });
  });

  test('a line without structured data has nothing to change', () => {
    expect(trimLine({ format: 'structured-data', drop: ['*'] }, `${head}- m`)).toEqual({
      text: `${head}- m`,
      unparsed: 0,
      isChanged: false,
    });
  });

  test.each([`${head}[a b=1] m`, `${head}[a b="1" m`, `${head}[] m`, `${head}x`, '<165>1 - - - - -', 'Nov 24 10:00:00 h a: [a b="1"]'])(
    '%s has none that is well-formed: it passes as it was and is counted',
    (line) => {
      expect(trimLine({ format: 'structured-data', drop: ['*'] }, line)).toEqual({ text: line, unparsed: 1, isChanged: false });
    },
  );
});

test('structured data of any elements has the same elements as before, without those that go', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const value = fc
    .array(fc.constantFrom('x', '\\"', '\\\\', '\\]', ']', 'é', ' ', '=', '\\x'), { maxLength: 4 })
    .map((parts) => parts.join(''));
  const param = fc.tuple(fc.constantFrom(' ', '  '), name, value).map(([gap, id, text]) => `${gap}${id}="${text}"`);
  const element = fc.tuple(name, fc.array(param, { maxLength: 3 })).map(([id, params]) => `[${id}${params.join('')}]`);
  const path = fc.oneof(
    name,
    fc.constant('*'),
    fc.tuple(fc.oneof(name, fc.constant('*')), name).map((parts) => parts.join('.')),
  );
  const some = fc.option(fc.array(path, { minLength: 1, maxLength: 3 }), { nil: undefined });
  const names = (paths: readonly string[], id: string, param?: string) =>
    paths.some((path) => {
      const [first, second] = path.split('.');
      return (first === '*' || first === id) && second === param;
    });
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 4 }), some, some, (elements, drop, keep) => {
      const line = `${head}${elements.join('')} m`;
      const spec: TrimSpec = { format: 'structured-data', drop, keep };

      const { text, unparsed } = trimLine(spec, line);

      const wanted = parseStructuredData(line).flatMap(({ id, params }) => {
        const isKeptWhole = !keep || names(keep, id);
        if (names(drop ?? [], id) || !(isKeptWhole || keep.some((path) => path.startsWith(`${id}.`) || path.startsWith('*.')))) return [];
        return { id, params: params.filter((p) => !names(drop ?? [], id, p.name) && (isKeptWhole || names(keep, id, p.name))) };
      });
      expect(unparsed).toBe(0);
      expect(parseStructuredData(text)).toEqual(wanted);
      expect(text.endsWith(wanted.length === 0 ? ' - m' : '] m')).toBe(true);
      expect(trimLine(spec, text).text).toBe(text);
      expect(text.length).toBeLessThanOrEqual(line.length);
    }),
    { numRuns: 1_000 },
  );
});
