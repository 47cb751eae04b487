import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldPath, parseFieldPath } from './field-paths.ts';
import { createTrimmer, type TrimFormat } from './trimmer.ts';

function trim(format: TrimFormat, drop: readonly string[], line: string | Buffer): { text: string; unparsed: number } {
  const trimmer = createTrimmer({ format, drop });
  const bytes = Buffer.concat([Buffer.from('}"before"{'), Buffer.from(line), Buffer.from('}"behind"')]);
  const out = Buffer.alloc(bytes.length, 0x23);
  const written = trimmer.trim(bytes, 10, bytes.length - 9, { out, at: 3 });
  return { text: out.toString('utf8', 3, 3 + written), unparsed: trimmer.unparsedLines() };
}

const trimJson = (drop: readonly string[], line: string): string => trim('json', drop, line).text;

/** The slow, obvious meaning of a path. */
function remove(value: unknown, paths: readonly FieldPath[]): unknown {
  const below = (isHere: (segment: string | undefined) => boolean) => paths.filter((p) => isHere(p[0])).map((p) => p.slice(1));
  const isGone = (rest: readonly FieldPath[]) => rest.some((p) => p.length === 0);
  if (Array.isArray(value)) {
    const rest = below((segment) => segment === undefined);
    return isGone(rest) ? [] : value.map((item) => remove(item, rest));
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const rest = below((segment) => segment === undefined || segment === key);
    if (!isGone(rest)) kept.push([key, remove(inner, rest)]);
  }
  return Object.fromEntries(kept);
}

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
  ])('%j of %s', (drop, line, expected) => {
    expect(trimJson(drop, line)).toBe(expected);
  });
});

test('a line that is not JSON passes as it was and is counted', () => {
  for (const line of ['{"a":1,"b":', '{"a":1}x', '{"a":01}', '{"a":1,}', 'a=1', '', '{"a":"\u0001"}', '{"a":tru}', '{"a" 1}', '[1,]']) {
    expect(trim('json', ['a'], line)).toEqual({ text: line, unparsed: 1 });
  }
});

test('a text nested beyond the limit passes as it was', () => {
  const deep = `{"a":1,"b":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;

  expect(trim('json', ['a'], deep)).toEqual({ text: deep, unparsed: 1 });
});

// Keys that begin with a backslash are left to the table above: JSON.parse of V8 14 (Node 26.10) takes an escaped key for
// such a key when it parsed an object of the same shape before, so it cannot be the judge there.
const key = fc
  .oneof(fc.constantFrom('a', 'b', 'c', '', 'a.b', '"', 'é', '__proto__', '\u2028'), fc.string({ maxLength: 3 }))
  .filter((name) => !name.startsWith('\\'));
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

test('parsing the trimmed text gives the parsed text without the fields, whatever the value, paths and spelling', () => {
  fc.assert(
    fc.property(json, fc.array(path, { maxLength: 4 }), fc.gen(), (value, drop, gen) => {
      const text = spell(
        value,
        () => gen(() => space),
        () => gen(fc.boolean),
      );
      const paths = drop.map((p) => parseFieldPath(p)).map((p) => (p.ok ? p.path : []));

      const trimmed = trimJson(drop, text);

      expect(JSON.parse(trimmed)).toEqual(remove(JSON.parse(text), paths));
      expect(trimmed.length).toBeLessThanOrEqual(text.length);
      expect(trimJson(drop, trimmed)).toBe(trimmed);
    }),
    { numRuns: 1_000 },
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
        const { text: trimmed, unparsed } = trim('json', ['\\nothing'], text);
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

describe('a key=value pair leaves with one space', () => {
  const iptables =
    'Nov 24 10:00:00 fw1 kernel: IN=eth0 OUT= MAC=00:00:5e:00:53:01 SRC=192.0.2.7 DST=198.51.100.2 PROTO=TCP DPT=22 SYN URGP=0';
  test.each([
    [['MAC', 'URGP'], iptables, 'Nov 24 10:00:00 fw1 kernel: IN=eth0 OUT= SRC=192.0.2.7 DST=198.51.100.2 PROTO=TCP DPT=22 SYN'],
    [['IN', 'OUT'], 'IN=eth0 OUT= SRC=192.0.2.7', 'SRC=192.0.2.7'],
    [['msg'], String.raw`level=info msg="said \"a=b c\" twice" user=ana`, 'level=info user=ana'],
    [['a'], 'request="GET /?x=1 a=2 HTTP/1.1" a=3', 'request="GET /?x=1 a=2 HTTP/1.1"'],
    [['msg'], `type=USER_LOGIN msg='op=login acct="root"' res=failed`, 'type=USER_LOGIN res=failed'],
    [['a'], 'a=1', ''],
    [['a'], 'b=1\ta=2  c=3', 'b=1  c=3'],
    [['a'], 'no pairs at all', 'no pairs at all'],
  ])('%j of %s', (drop, line, expected) => {
    expect(trim('key-value', drop, line)).toEqual({ text: expected, unparsed: 0 });
  });

  test('a line with an open quote passes as it was and is counted', () => {
    expect(trim('key-value', ['a'], 'a=1 b="x')).toEqual({ text: 'a=1 b="x', unparsed: 1 });
  });

  test('any bytes: never longer, the same when trimmed twice, no pair of that name left outside quotes', () => {
    const word = fc.constantFrom('a=1', 'b=2', 'a="x y"', 'a=', 'c', ' ', '  ', '\t', '"', "'", '=', '\\', 'a', "b='a=1 x'", 'é=ü');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.constantFrom('a', 'b', 'é'), { maxLength: 2 }), (words, drop) => {
        const line = words.join(' ');
        const once = trim('key-value', drop, line);

        expect(once.text.length).toBeLessThanOrEqual(line.length);
        expect(trim('key-value', drop, once.text)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
});
