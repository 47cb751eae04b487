import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from './testing/reference-pairs.ts';
import { pseudonymOf, trimLine } from './testing/trim-line.ts';
import { trimRule } from './trim-rules.ts';
import type { TrimSpec } from './trimmer.ts';

type Operations = Omit<TrimSpec, 'format'>;
const keyFile = '/key';
const panOs =
  '<14>Nov 24 10:00:00 fw1 1,2026/11/24 10:00:00,0123456789,THREAT,url,2049,10.1.1.7,192.0.2.9,"allow, ""all""",ana,"www.example.org/a,b",(9999)';

describe('a column becomes empty, or changes where it stands; the others keep their places', () => {
  test.each<[Operations, string, string]>([
    [{ drop: ['3', '9'] }, panOs, panOs.replace('0123456789', '').replace('"allow, ""all"""', '')],
    [{ drop: ['12', '40'] }, panOs, panOs.replace('(9999)', '')],
    [{ keep: ['1', '4', '7'] }, panOs, '<14>Nov 24 10:00:00 fw1 1,,,THREAT,,,10.1.1.7,,,,,'],
    [{ keep: ['type'], columns: ['time', 'type'] }, 'a,b,c', ',b,'],
    [{ drop: ['b', '3'], columns: ['a', 'b'], delimiter: ';' }, 'x,y;2;"3;4";5', 'x,y;;;5'],
    [{ mask: { fields: ['1'], with: 'a,"b' } }, '"x",y', '"a,""b",y'],
    [{ mask: { fields: ['2'], with: '***' } }, 'x,,z', 'x,***,z'],
    [{ pseudonymise: { fields: ['1', '2', '3'], keyFile, length: 16 } }, '"a""b",c,', `"${pseudonymOf('a"b')}",${pseudonymOf('c')},`],
    [{ shorten: { fields: ['1', '2'], bytes: 2 } }, '"a""bc",éé', '"a",é'],
  ])('%j of %s', (operations, line, expected) => {
    expect(trimLine({ format: 'csv', ...operations }, line)).toEqual({ text: expected, unparsed: 0, isChanged: true });
  });

  test.each(['a,"b', 'a,"b"c,d'])('%s has a quote that does not close: it passes as it was and is counted', (line) => {
    expect(trimLine({ format: 'csv', drop: ['1'] }, line)).toEqual({ text: line, unparsed: 1, isChanged: false });
  });
});

test('CSV lines of any pieces have the same columns as before, with the named ones changed', () => {
  const piece = fc.constantFrom('a', '"', '""', ',', ',', '"a,b"', 'é', ' ', '"x""y"', 'abcdef');
  const some = fc.option(fc.subarray(['1', '2', '4'], { minLength: 1 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), some, some, some, (pieces, drop, keep, masked) => {
      const line = pieces.join('');
      const spec: TrimSpec = { format: 'csv', drop, keep, mask: masked && { fields: masked, with: '#' } };
      const before = parseCsv(line);

      const { text, unparsed } = trimLine(spec, line);

      expect(unparsed).toBe(before ? 0 : 1);
      const wanted = before?.map((value, i) => {
        const column = String(i + 1);
        if (drop?.includes(column) || (keep && !keep.includes(column))) return '';
        return masked?.includes(column) ? '#' : value;
      });
      expect(parseCsv(text)).toEqual(wanted);
      expect(trimLine(spec, text).text).toBe(text);
      if (!masked) expect(text.length).toBeLessThanOrEqual(line.length);
    }),
    { numRuns: 2_000 },
  );
});

describe('a trim rule that cannot work is refused', () => {
  test.each<[unknown, RegExp]>([
    [{ format: 'csv', drop: ['user'] }, /there is no column user/],
    [{ format: 'csv', drop: [0] }, /the name of a column or its number/],
    [{ format: 'json' }, /a trim that does nothing; give at least one of drop, keep/],
    [{ format: 'structured-data', drop: ['a.b.c'] }, /an element \(`id`\) or a parameter/],
    [{ format: 'json', mask: { fields: ['a'], with: 'x\n' } }, /without control characters/],
    [{ format: 'json', pseudonymise: { fields: ['a'], keyFile: 'key' } }, /begins with \//],
    [{ format: 'json', pseudonymise: { fields: ['a'], keyFile: '/key', length: 4 } }, />=8/],
  ])('%j', (rule, message) => {
    const parsed = trimRule.safeParse({ source: 's', ...(rule as object) });

    expect(parsed.success ? '' : parsed.error.issues.map((issue) => issue.message).join('; ')).toMatch(message);
  });

  test('paths whose stars multiply are refused instead of filling the memory', () => {
    const drop = Array.from({ length: 18 }, (_, i) => ['*', ...Array.from({ length: 18 }, (_, j) => (i === j ? 'a' : '*')), 'b'].join('.'));

    expect(() => trimRule.parse({ source: 's', format: 'json', drop })).toThrow(/more than 16384 states; use fewer `\*`/);
  });

  test('columns may be given by number', () => {
    expect(trimRule.parse({ source: 's', format: 'csv', drop: [3, 'user'], columns: ['user'] })).toMatchObject({ drop: ['3', 'user'] });
  });
});
