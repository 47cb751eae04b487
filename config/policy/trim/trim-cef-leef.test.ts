import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkAgain, compare, expected, keyFile, operations, type Operations } from './testing/changed-fields.ts';
import { parseCef, parseLeef } from './testing/reference-pairs.ts';
import { pseudonymOf, trimLine } from './testing/trim-line.ts';
import type { TrimSpec } from './trimmer.ts';

const cefHead = 'Nov 24 10:00:00 fw1 CEF:0|Ven\\|dor|Prod|1.0|100|Name|5|';
describe('a field of a CEF extension changes where it stands', () => {
  test.each<[Operations, string, string]>([
    [{ drop: ['src'] }, 'src=192.0.2.7 dst=198.51.100.2 msg=two words', 'dst=198.51.100.2 msg=two words'],
    [{ drop: ['msg'] }, 'src=192.0.2.7 msg=two words, a\\=b dst=198.51.100.2', 'src=192.0.2.7 dst=198.51.100.2'],
    [{ drop: ['request'] }, 'request=http://x/?a=b&c=d e', ''],
    [{ keep: ['ad.user[0]'] }, 'src=1 ad.user[0]=ana cs1Label=x', 'ad.user[0]=ana'],
    [{ mask: { fields: ['suser'], with: 'a=b\\' } }, 'suser=ana duser=bo', 'suser=a\\=b\\\\ duser=bo'],
    [{ pseudonymise: { fields: ['suser'], keyFile, length: 16 } }, 'suser=a\\=b  duser=bo', `suser=${pseudonymOf('a=b')}  duser=bo`],
    [{ shorten: { fields: ['msg'], bytes: 4 } }, 'msg=abc\\=d src=1', 'msg=abc src=1'],
    [{ shorten: { fields: ['msg'], bytes: 5 } }, 'msg=abc\\=d src=1', 'msg=abc\\= src=1'],
  ])('%j of %s', (operations, extension, expected) => {
    expect(trimLine({ format: 'cef', ...operations }, cefHead + extension)).toEqual({
      text: cefHead + expected,
      unparsed: 0,
      isChanged: true,
    });
  });

  test.each(['CEF:0|a|b|c|d|e|5', 'CEF:0|a|b|c|d|e|5|words before src=1', 'src=1', 'xCEF:0|a|b|c|d|e|5|src=1'])(
    '%s is not CEF: it passes as it was and is counted',
    (line) => {
      expect(trimLine({ format: 'cef', drop: ['src'] }, line)).toEqual({ text: line, unparsed: 1, isChanged: false });
    },
  );
});

const leef1 = '<13>Nov 24 10:00:00 fw1 LEEF:1.0|Ven|Prod|1|login|';
const leef2 = 'LEEF:2.0|Ven|Prod|1|login|';
describe('a field of a LEEF extension changes where it stands', () => {
  test.each<[Operations, string, string]>([
    [{ drop: ['usrName'] }, `${leef1}src=192.0.2.7\tusrName=ana\tmsg=a=b`, `${leef1}src=192.0.2.7\tmsg=a=b`],
    [{ drop: ['src'] }, `${leef1}src=192.0.2.7\tusrName=ana`, `${leef1}usrName=ana`],
    [{ drop: ['msg'] }, `${leef1}msg=one\ttwo\tsrc=1`, `${leef1}src=1`],
    [{ drop: ['src'] }, `${leef2}^|src=1^dst=2`, `${leef2}^|dst=2`],
    [{ drop: ['src'] }, `${leef2}0x5e|src=1^dst=2`, `${leef2}0x5e|dst=2`],
    [{ drop: ['src'] }, `${leef2}||| src=1|dst=2`, `${leef2}|||dst=2`],
    [{ drop: ['src'] }, `${leef2}|src=1\tdst=2`, `${leef2}|dst=2`],
    [{ drop: ['src'] }, `${leef2}src=1\tdst=2`, `${leef2}dst=2`],
    [{ keep: ['dst'] }, `${leef2}^|src=1^dst=2^x=3`, `${leef2}^|dst=2`],
    [{ mask: { fields: ['src'], with: 'a^b' } }, `${leef2}^|src=1^dst=2`, `${leef2}^|src=^dst=2`],
    [{ mask: { fields: ['src'], with: 'a^b' } }, `${leef1}src=1\tdst=2`, `${leef1}src=a^b\tdst=2`],
    [{ pseudonymise: { fields: ['src'], keyFile, length: 16 } }, `${leef1}src=1\tdst=2`, `${leef1}src=${pseudonymOf('1')}\tdst=2`],
    [{ shorten: { fields: ['src'], bytes: 2 } }, `${leef1}src=aéb\tdst=2`, `${leef1}src=a\tdst=2`],
    [{ drop: ['src'] }, `${leef2}src=1\t=|src=2`, `${leef2}=|src=2`],
    [{ drop: ['src'] }, `${leef2}=|src=2\tsrc=3`, `${leef2}=|src=2`],
    // A pipe before the first = would be taken for the end of a delimiter.
    [{ drop: ['src'] }, `${leef2}|src=1\t|src=2`, `${leef2}|=\t|src=2`],
    [{ drop: ['src'] }, `${leef2}src=1\t ^|dst=2`, `${leef2}=\t ^|dst=2`],
    [{ drop: ['src'] }, `${leef2}word\tsrc=1\tx|dst=2`, `${leef2}word\t=\tx|dst=2`],
    [{ drop: ['src'] }, `${leef2}src=1\tx|src=2`, `${leef2}=\tx|src=2`],
  ])('%j of %s', (operations, line, expected) => {
    expect(trimLine({ format: 'leef', ...operations }, line)).toEqual({ text: expected, unparsed: 0, isChanged: true });
  });

  test.each([`${leef2}a|src=1`, `${leef2}^^|src=1`, 'LEEF:1.0|a|b|c', 'LEEF:x|a|b|c|d|src=1'])(
    '%s is not LEEF we can read: it passes as it was and is counted',
    (line) => {
      expect(trimLine({ format: 'leef', drop: ['src'] }, line)).toEqual({ text: line, unparsed: 1, isChanged: false });
    },
  );
});

const piece = fc.constantFrom(
  'a=',
  'b=',
  'é=',
  ' a=',
  ' b=',
  ' a.b=',
  ' a.b=',
  'word',
  ' ',
  '  ',
  '\\=',
  '\\\\',
  '\\n',
  '|',
  'é',
  '=',
  'x y',
  '\\',
);

test('CEF lines of any pieces keep their header and split into the same fields, with the named ones changed', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), operations, (pieces, operations) => {
      const line = `${cefHead}a=${pieces.join('')}`;
      const spec: TrimSpec = { format: 'cef', ...operations };

      const { text, unparsed } = trimLine(spec, line);

      expect(unparsed).toBe(0);
      expect(text.startsWith(cefHead)).toBe(true);
      compare(parseCef(text)?.fields ?? [], expected(parseCef(line)?.fields ?? [], operations, true));
      checkAgain(spec, line, text);
    }),
    { numRuns: 2_000 },
  );
});

test('LEEF lines of any parts split into the same fields, with the named ones changed', () => {
  const part = fc.constantFrom('a=1', 'b=2 x', ' a=3', 'é=', 'a.b=x=y', 'word', '', 'a=éééé', 'b=|');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), fc.constantFrom('\t', '^', '|'), operations, (parts, delimiter, operations) => {
      const head = delimiter === '\t' ? leef1 : `${leef2}${delimiter}|`;
      const line = `${head}${parts.join(delimiter)}`;
      const spec: TrimSpec = { format: 'leef', ...operations };

      const { text, unparsed } = trimLine(spec, line);

      const fieldsOf = (whole: string) => parseLeef(`LEEF:1|||||${whole.slice(head.length)}`, delimiter);
      expect(unparsed).toBe(0);
      expect(text.startsWith(head)).toBe(true);
      compare(fieldsOf(text), expected(fieldsOf(line), operations, true));
      checkAgain(spec, line, text);
    }),
    { numRuns: 2_000 },
  );
});
