import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkAgain, compare, expected, keyFile, operations, type Operations } from './testing/changed-fields.ts';
import { type Field, parsePairs } from './testing/reference-pairs.ts';
import { pseudonymOf, trimLine } from './testing/trim-line.ts';
import type { TrimSpec } from './trimmer.ts';

describe('a key=value pair changes where it stands', () => {
  const iptables =
    'Nov 24 10:00:00 fw1 kernel: IN=eth0 OUT= MAC=00:00:5e:00:53:01 SRC=192.0.2.7 DST=198.51.100.2 PROTO=TCP DPT=22 SYN URGP=0';
  test.each<[Operations, string, string]>([
    [{ drop: ['MAC', 'URGP'] }, iptables, 'Nov 24 10:00:00 fw1 kernel: IN=eth0 OUT= SRC=192.0.2.7 DST=198.51.100.2 PROTO=TCP DPT=22 SYN'],
    [{ drop: ['IN', 'OUT'] }, 'IN=eth0 OUT= SRC=192.0.2.7', 'SRC=192.0.2.7'],
    [{ drop: ['msg'] }, String.raw`level=info msg="said \"a=b c\" twice" user=ana`, 'level=info user=ana'],
    [{ drop: ['a'] }, 'request="GET /?x=1 a=2 HTTP/1.1" a=3', 'request="GET /?x=1 a=2 HTTP/1.1"'],
    [{ drop: ['msg'] }, `type=USER_LOGIN msg='op=login acct="root"' res=failed`, 'type=USER_LOGIN res=failed'],
    // As auditd nests them: a value that begins with a pair holds pairs. Other quoted text is text.
    [{ drop: ['acct', 'op'] }, `type=USER_LOGIN msg='op=login acct="root" res=failed'`, `type=USER_LOGIN msg='res=failed'`],
    [{ drop: ['acct'] }, `msg='acct="root"' acct="root" b='sudo acct=root'`, `msg='' b='sudo acct=root'`],
    [{ mask: { fields: ['acct'], with: 'x y' } }, `msg='op=login acct=root'`, `msg='op=login acct="x y"'`],
    [
      { pseudonymise: { fields: ['addr'], keyFile, length: 16 } },
      `msg='op=login addr=192.0.2.7'`,
      `msg='op=login addr=${pseudonymOf('192.0.2.7')}'`,
    ],
    [{ drop: ['b', 'c'] }, String.raw`msg='a=1\ b="y" c=2' d=1`, String.raw`msg='a=1\ ' d=1`],
    [{ keep: ['msg'] }, `a=1 msg='op=login acct="root"'`, `msg='op=login acct="root"'`],
    [{ keep: ['msg'], drop: ['acct'] }, `a=1 msg='op=login acct="root"'`, `msg='op=login'`],
    [{ keep: ['acct'] }, `acct=1 msg='op=login acct="root"'`, 'acct=1'],
    [{ shorten: { fields: ['a', 'b'], bytes: 2 } }, String.raw`a="x\yz" b='x\yz'`, `a="x" b='x'`],
    [{ drop: ['a'] }, 'a=1', ''],
    [{ drop: ['a'] }, 'b=1\ta=2  c=3', 'b=1  c=3'],
    [{ keep: ['SRC', 'DPT'] }, iptables, 'Nov 24 10:00:00 fw1 kernel: SRC=192.0.2.7 DPT=22 SYN'],
    [{ mask: { fields: ['user', 'msg'], with: 'x y' } }, 'user=ana msg="a \\" b" n=1', 'user="x y" msg="x y" n=1'],
    [{ mask: { fields: ['OUT'], with: '***' } }, 'IN=eth0 OUT= A=1', 'IN=eth0 OUT=*** A=1'],
    [
      { pseudonymise: { fields: ['user', 'msg'], keyFile, length: 16 } },
      'user=ana msg="a \\"b\\"" n=1',
      `user=${pseudonymOf('ana')} msg="${pseudonymOf('a "b"')}" n=1`,
    ],
    [{ shorten: { fields: ['a', 'b', 'c'], bytes: 3 } }, `a=12345 b="x\\"yz" c='éé'`, `a=123 b="x\\"" c='é'`],
    [{ shorten: { fields: ['a'], bytes: 3 } }, `a=1"2 3"4 b='x'`, `a=1 b='x'`],
    // Joined records of the audit system: what divides them stays.
    [{ drop: ['c', 'ARCH', 'cwd'] }, 'type=A c=0\x1dARCH=x UID="r"\ntype=B b=1\n cwd="/" d=2', 'type=A\x1dUID="r"\ntype=B b=1\n d=2'],
    [{ keep: ['type', 'UID'] }, 'type=A a=0\x1dARCH=x UID="r"\ntype=B b=1', 'type=A\x1dUID="r"\ntype=B'],
    [{ mask: { fields: ['a'], with: '-' } }, 'type=A a=0\x1da="x y"\na=1\r\na=2', 'type=A a=-\x1da=-\na=-\r\na=-'],
  ])('%j of %s', (operations, line, expected) => {
    expect(trimLine({ format: 'key-value', ...operations }, line)).toEqual({ text: expected, unparsed: 0, isChanged: true });
  });

  test('a line with an open quote passes as it was and is counted', () => {
    expect(trimLine({ format: 'key-value', drop: ['a'] }, 'a=1 b="x')).toMatchObject({ text: 'a=1 b="x', unparsed: 1 });
    expect(trimLine({ format: 'key-value', drop: ['a'] }, `a=1 msg='op="x'`)).toMatchObject({ text: `a=1 msg='op="x'`, unparsed: 1 });
  });
});

/** What a value in '…' holds, where that begins with a pair. */
function nestedIn(value: string): string | undefined {
  const [, inside] = /^'((?:[^'\\]|\\.)*)'$/s.exec(value) ?? [];
  return inside !== undefined && /^[^\s"=]+=/.test(inside) ? inside : undefined;
}

function isTouched(name: string, { drop = [], keep, mask, pseudonymise, shorten }: Operations): boolean {
  const changed = [mask, pseudonymise, shorten].flatMap((operation) => operation?.fields ?? []);
  return [...drop, ...changed].includes(name) || (keep !== undefined && !keep.includes(name));
}

/** The pairs within the value of a pair that stays as it is. */
function pairsWithin({ name, value }: Field, operations: Operations): string | undefined {
  return name === '' || isTouched(name, operations) ? undefined : nestedIn(value);
}

function isReadable(line: string, operations: Operations): boolean {
  const within = (pair: Field): string => pairsWithin(pair, operations) ?? '';
  return parsePairs(line)?.every((pair) => within(pair) === '' || isReadable(within(pair), { ...operations, keep: undefined })) ?? false;
}

/** Pairs within values that stay as they are were changed like the others; `keep` is no matter there. */
function comparePairs(line: string, text: string, operations: Operations): void {
  const before = parsePairs(line) ?? [];
  const after = parsePairs(text) ?? [];
  const isOpaque = ({ name, value }: Field): boolean => pairsWithin({ name, value }, operations) === undefined;
  compare(
    after,
    expected(before, operations, true).map(({ name, value }) => ({
      name,
      value: value !== undefined && isOpaque({ name, value }) ? value : undefined,
    })),
  );
  const isUntouched = ({ name }: Field): boolean => name !== '' && !isTouched(name, operations);
  const untouchedAfter = after.filter(isUntouched);
  for (const [i, pair] of before.filter(isUntouched).entries()) {
    const within = pairsWithin(pair, operations);
    if (within !== undefined) comparePairs(within, untouchedAfter[i]?.value.slice(1, -1) ?? '', { ...operations, keep: undefined });
  }
}

const word = fc.constantFrom(
  'a=1',
  'b=2',
  'a="x y"',
  'a=',
  'c',
  ' ',
  '\t',
  '"',
  "'",
  '=',
  '\\',
  'a',
  "b='a=1 x'",
  'é=ü',
  'a.b="\\"q\\\\"',
  `b=1"2 3"4`,
  'a=12345',
  "é='12",
  '=b',
);

test('key=value lines of any words split into the same pairs as before, with the named ones changed', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.constantFrom('', ' '), operations, (words, glue, operations) => {
      const line = words.join(glue);
      const spec: TrimSpec = { format: 'key-value', ...operations };

      const { text, unparsed } = trimLine(spec, line);

      expect(unparsed).toBe(isReadable(line, operations) ? 0 : 1);
      if (unparsed > 0) expect(text).toBe(line);
      else comparePairs(line, text, operations);
      checkAgain(spec, line, text);
    }),
    { numRuns: 2_000 },
  );
});

test('no bytes make a trim throw, write beyond its room or lose the end of a line', () => {
  const formats = fc.constantFrom('json', 'key-value', 'cef', 'leef', 'csv', 'structured-data');
  const heads = fc.constantFrom('', 'CEF:0|v|p|1|id|n|3|', 'LEEF:1.0|v|p|1|id|', 'LEEF:2.0|v|p|1|id|', '<13>1 - - - - - ', '{"a":', '"');
  fc.assert(
    fc.property(formats, heads, fc.uint8Array({ maxLength: 60 }), operations, (format, head, bytes, operations) => {
      const fields = format === 'csv' ? ['1', '3'] : ['a', '*'];
      const spec: TrimSpec = { format, ...operations, drop: operations.drop && fields.slice(0, 1), keep: operations.keep && fields };
      if (format === 'csv') Object.assign(spec, { mask: { fields: ['2'], with: ',' }, pseudonymise: undefined, shorten: undefined });
      const line = Buffer.concat([Buffer.from(head), bytes]);

      const { text, unparsed } = trimLine(spec, line);

      if (unparsed > 0) expect(text).toBe(line.toString());
    }),
    { numRuns: 2_000 },
  );
});
