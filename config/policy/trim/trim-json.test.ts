import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, trimTree } from './testing/reference-json.ts';
import { pseudonymOf, trimLine } from './testing/trim-line.ts';
import type { TrimSpec } from './trimmer.ts';

const drop = (fields: readonly string[], line: string) => trimLine({ format: 'json', drop: fields }, line).text;

describe('a JSON field leaves with its comma and nothing else moves', () => {
  test.each([
    [['a'], '{"a":1,"b":2}', '{"b":2}'],
    [['b'], '{"a":1,"b":2}', '{"a":1}'],
    [['b'], '{ "a" : 1 , "b" : 2 , "c" : 3 }', '{ "a" : 1 , "c" : 3 }'],
    [['a', 'b'], '{"a":1, "b":2, "c":3}', '{"c":3}'],
    [['b', 'c'], '{"a":1,"b":[{}],"c":{"d":"}"},"e":0}', '{"a":1,"e":0}'],
    [['a', 'b'], '{"a":1,"b":2}', '{}'],
    [['flow.start'], '{"flow":{"start":"x","age":1},"start":2}', '{"flow":{"age":1},"start":2}'],
    [['http.*.internal'], '{"http":{"q":{"internal":1,"x":2},"r":{"internal":3}}}', '{"http":{"q":{"x":2},"r":{}}}'],
    [
      ['dns.answers.*.ttl'],
      '{"dns":{"answers":[{"ttl":60,"rd":"x"}, {"rd":"y","ttl":1}, 7]}}',
      '{"dns":{"answers":[{"rd":"x"}, {"rd":"y"}, 7]}}',
    ],
    [['tags.*'], '{"tags":[ "a", "b" ],"n":1}', '{"tags":[  ],"n":1}'],
    [['a'], '{"a":1,"b":2,"a":3}', '{"b":2}'],
    [['user.name'], String.raw`{"user.name":1,"us\u0065r":{"n\u0061me":2,"id":3}}`, String.raw`{"user.name":1,"us\u0065r":{"id":3}}`],
    [['user\\.name'], '{"user.name":1,"user":{"name":2}}', '{"user":{"name":2}}'],
    [['a'], '<13>Nov 24 10:00:00 ids1 suricata[9]: {"a":1,"b":2}', '<13>Nov 24 10:00:00 ids1 suricata[9]: {"b":2}'],
    [['\\\\\\\\'], String.raw`{"\\":1,"\\\\":2}`, String.raw`{"\\":1}`],
    [['*.x'], '[{"x":1},{"y":2}]', '[{},{"y":2}]'],
  ])('%j of %s', (fields, line, expected) => {
    expect(drop(fields, line)).toBe(expected);
  });
});

describe('a JSON field is kept alone, masked, pseudonymised or shortened where it stands', () => {
  const keyFile = '/key';
  test.each<[Omit<TrimSpec, 'format'>, string, string]>([
    [{ keep: ['a', 'b.c'] }, '{"a":1, "b":{"c":[2],"d":3},"e":{"f":4}}', '{"a":1, "b":{"c":[2]}}'],
    [{ keep: ['b.c'] }, '{"a":1,"b":5}', '{}'],
    [{ keep: ['a.*.b'] }, '{"a":[1,{"b":2,"c":3},"x",{"c":4}]}', '{"a":[{"b":2},{}]}'],
    [{ keep: ['a'], drop: ['a.secret'] }, '{"a":{"secret":1,"b":2},"c":3}', '{"a":{"b":2}}'],
    [{ keep: ['msg'] }, '<13>Nov 24 10:00:00 web1 app: {"msg":"x","pid":1}', '<13>Nov 24 10:00:00 web1 app: {"msg":"x"}'],
    [{ mask: { fields: ['a', 'b'], with: '***' } }, '{"a": {"x":[1]}, "b":null}', '{"a": "***", "b":"***"}'],
    [{ mask: { fields: ['a'], with: 'a"\\b' } }, '{"a":1}', String.raw`{"a":"a\"\\b"}`],
    [{ mask: { fields: ['tags.*'], with: '-' } }, '{"tags":["a",2]}', '{"tags":["-","-"]}'],
    [
      { pseudonymise: { fields: ['user', 'n'], keyFile, length: 16 } },
      '{"user":{"name":"ana","id":7},"n":[true,null,""]}',
      `{"user":{"name":"${pseudonymOf('ana')}","id":"${pseudonymOf('7')}"},"n":[true,null,""]}`,
    ],
    [{ pseudonymise: { fields: ['u'], keyFile, length: 8 } }, String.raw`{"u":"\u0061na"}`, `{"u":"${pseudonymOf('ana', 8)}"}`],
    [{ shorten: { fields: ['a'], bytes: 3 } }, '{"a":"abcdef","b":"abcdef"}', '{"a":"abc","b":"abcdef"}'],
    [{ shorten: { fields: ['a'], bytes: 3 } }, '{"a":["éé","ab\\\\c",12345]}', '{"a":["é","ab",12345]}'],
    [{ shorten: { fields: ['a'], bytes: 8 } }, String.raw`{"a":"x\ud83d\ude00y"}`, '{"a":"x"}'],
    [{ shorten: { fields: ['a'], bytes: 13 } }, String.raw`{"a":"x\ud83d\ude00y"}`, String.raw`{"a":"x\ud83d\ude00"}`],
    [
      { mask: { fields: ['a'], with: '*' }, drop: ['a.b'], shorten: { fields: ['*'], bytes: 1 } },
      '{"a":{"b":1},"c":"xyz"}',
      '{"a":"*","c":"x"}',
    ],
  ])('%j of %s', (operations, line, expected) => {
    expect(trimLine({ format: 'json', ...operations }, line)).toEqual({ text: expected, unparsed: 0, isChanged: true });
  });
});

test('masks take no more than their room: beyond it values become 0, and nothing that was to be hidden is shown', () => {
  const line = `[${Array.from({ length: 60_000 }, () => '7').join(',')}]`;

  const { text, unparsed } = trimLine({ format: 'json', mask: { fields: ['*'], with: 'x'.repeat(100) } }, line);

  expect(unparsed).toBe(0);
  expect(JSON.parse(text)).toEqual(expect.arrayContaining(['x'.repeat(100), 0]));
  expect(text).not.toContain('7');
});

test('a line that is not JSON passes as it was and is counted', () => {
  for (const line of ['{"a":1,"b":', '{"a":1}x', '{"a":01}', '{"a":1,}', 'a=1', '', '{"a":"\u0001"}', '{"a":tru}', '{"a" 1}', '[1,]']) {
    expect(trimLine({ format: 'json', drop: ['a'] }, line)).toEqual({ text: line, unparsed: 1, isChanged: false });
  }
});

test('a text nested beyond the limit passes as it was', () => {
  const deep = `{"a":1,"b":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;

  expect(trimLine({ format: 'json', drop: ['a'] }, deep)).toEqual({ text: deep, unparsed: 1, isChanged: false });
});

const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '', 'a.b', '"', '\\', 'é', '__proto__', '\u2028'), fc.string({ maxLength: 3 }));
const { tree: json } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
  ),
}));
const space = fc.constantFrom('', '', ' ', '\n', '\t \r');
const path = fc
  .array(fc.oneof(fc.constantFrom('*', 'a', 'b', 'c'), key), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map((part) => (part === '*' ? part : part.replace(/[.\\*]/g, '\\$&') || '\\z')).join('.'));

/** Serialises with any white space and any spelling of strings. */
function spell(value: unknown, space: () => string, escape: () => boolean): string {
  const word = (text: string) =>
    escape()
      ? `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(text);
  const walk = (inner: unknown): string => {
    if (Array.isArray(inner)) return `[${space()}${inner.map((item) => `${walk(item)}${space()}`).join(`,${space()}`)}]`;
    if (typeof inner === 'object' && inner !== null) {
      const members = Object.entries(inner).map(([name, item]) => `${word(name)}${space()}:${space()}${walk(item)}${space()}`);
      return `{${space()}${members.join(`,${space()}`)}}`;
    }
    return typeof inner === 'string' ? word(inner) : JSON.stringify(inner);
  };
  return `${space()}${walk(value)}${space()}`;
}

const paths = fc.option(fc.array(path, { minLength: 1, maxLength: 3 }), { nil: undefined });
const masked = '#"#';
const spec: fc.Arbitrary<TrimSpec> = fc
  .record({ drop: paths, keep: paths, mask: paths, pseudonymise: paths, shorten: paths, bytes: fc.integer({ min: 1, max: 4 }) })
  .map(({ drop, keep, mask, pseudonymise, shorten, bytes }) => ({
    format: 'json' as const,
    drop,
    keep,
    mask: mask && { fields: mask, with: masked },
    pseudonymise: pseudonymise && { fields: pseudonymise, keyFile: '/key', length: 12 },
    shorten: shorten && { fields: shorten, bytes },
  }));

test('parsing the trimmed text gives the parsed text with the fields changed, whatever the value, paths and spelling', () => {
  fc.assert(
    fc.property(json, spec, fc.gen(), (value, spec, gen) => {
      // A shortened spelling of escapes means another text than a shortened plain one; the tables above have those.
      const mayEscape = spec.shorten === undefined;
      const text = spell(
        value,
        () => gen(() => space),
        () => mayEscape && gen(fc.boolean),
      );
      const rewriting = {
        mask: masked,
        pseudonym: (written: string) => pseudonymOf(Buffer.from(written).toString(), 12),
        shortened: (written: string) => shortest(written, spec.shorten?.bytes ?? 0),
      };

      const trimmed = trimLine(spec, text);

      expect(trimmed.unparsed).toBe(0);
      expect(parseJson(trimmed.text)).toEqual(trimTree(parseJson(text), spec, rewriting));
      if (!spec.mask && !spec.pseudonymise) expect(Buffer.byteLength(trimmed.text)).toBeLessThanOrEqual(Buffer.byteLength(text));
      if (!spec.pseudonymise) expect(trimLine(spec, trimmed.text).text).toBe(trimmed.text);
    }),
    { numRuns: 1_000 },
  );
});

/** As JSON.stringify spells it, cut where no character and no escape is split. */
function shortest(text: string, bytesMax: number): string {
  for (let end = text.length; end > 0; end--) {
    const isWhole = !/^[\udc00-\udfff]/.test(text.slice(end)) || !/[\ud800-\udbff]$/.test(text.slice(0, end));
    if (isWhole && Buffer.byteLength(JSON.stringify(text.slice(0, end))) - 2 <= bytesMax) return text.slice(0, end);
  }
  return '';
}

test('keeping fields is dropping all the others', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), json),
      fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1, maxLength: 3 }),
      (value, kept) => {
        const text = JSON.stringify(value);
        const others = ['a', 'b', 'c', 'd'].filter((name) => !kept.includes(name));

        expect(trimLine({ format: 'json', keep: kept }, text).text).toBe(drop(others, text));
      },
    ),
  );
});

test('what JSON.parse refuses passes untouched and what it accepts is understood, whatever was broken', () => {
  fc.assert(
    fc.property(
      json,
      fc.nat(),
      fc.constantFrom('', '"', '{', ',', '\\', '0', '-', 'e', ' ', '\u0007', 'true'),
      fc.nat(3),
      (value, where, patch, gone) => {
        const whole = JSON.stringify({ a: value, b: 1 });
        const at = where % (whole.length + 1);
        const text = whole.slice(0, at) + patch + whole.slice(at + gone);
        const { text: trimmed, unparsed } = trimLine({ format: 'json', drop: ['\\nothing'] }, text);
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }

        expect(trimmed).toBe(text);
        // A prefix before the first brace is allowed for, so broken fronts may still hold a text.
        if (isJson) expect(unparsed).toBe(0);
        else if (text.startsWith('{')) expect(unparsed).toBe(1);
      },
    ),
    { numRuns: 1_000 },
  );
});
