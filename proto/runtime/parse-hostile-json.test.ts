import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasEscapedKey, parseHostileJson } from './parse-hostile-json.ts';

// A tree whose objects are lists of members, so that keys may repeat and the value is known without any parser.
type Tree =
  | { readonly leaf: string | number | boolean | null }
  | { readonly array: readonly Tree[] }
  | { readonly members: readonly Member[] };
type Member = readonly [key: string, value: Tree];

const key = fc.oneof(
  fc.constantFrom('a', 'b', '', '\\', '"', '\n', '/', 'x\\', '\\u0', '__proto__', 'constructor', '0', '7', 'é', '\u2028', '\ud800'),
  fc.string({ maxLength: 3 }),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ leaf: fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)) }),
    fc.record({ array: fc.array(tie('tree'), { maxLength: 4 }) }),
    fc.record({ members: fc.array(fc.tuple(key, tie('tree')), { maxLength: 6 }) }),
  ),
}));
const space = fc.constantFrom('', '', ' ', '\n', '\t \r');

function valueOf(node: Tree): unknown {
  if ('leaf' in node) return node.leaf;
  if ('array' in node) return node.array.map(valueOf);
  const object = {};
  for (const [name, value] of node.members)
    Object.defineProperty(object, name, { value: valueOf(value), enumerable: true, configurable: true, writable: true });
  return object;
}

/** Plain lists, in which a key `__proto__`, the order of keys and -0 are compared like everything else. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return ['array', ...value.map(shown)];
  if (typeof value === 'object' && value !== null) return ['object', Object.entries(value).map(([name, inner]) => [name, shown(inner)])];
  return Object.is(value, -0) ? '-0' : value;
}

interface Spelling {
  readonly space: () => string;
  readonly isEscaped: () => boolean;
}

function spell(node: Tree, how: Spelling): string {
  const list = (parts: readonly string[]): string => parts.map((part) => `${how.space()}${part}${how.space()}`).join(',');
  if ('array' in node) return `[${list(node.array.map((one) => spell(one, how)))}]`;
  if ('members' in node)
    return `{${list(node.members.map(([name, value]) => `${word(name, how)}${how.space()}:${how.space()}${spell(value, how)}`))}}`;
  if (typeof node.leaf === 'string') return word(node.leaf, how);
  return Object.is(node.leaf, -0) ? '-0' : JSON.stringify(node.leaf);
}

function word(text: string, { isEscaped }: Spelling): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return isEscaped() ? `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"` : JSON.stringify(text);
}

function spelled(value: Tree, gen: fc.GeneratorValue): string {
  return spell(value, { space: () => gen(() => space), isEscaped: () => gen(fc.boolean) });
}

test.each([
  ['a space', String.raw`{"z1":"","\\":""}`, String.raw`{"z1":"","\u0020":""}`, ['z1', ' ']],
  ['a quote', String.raw`{"z2":"","\\":""}`, String.raw`{"z2":"","\"":""}`, ['z2', '"']],
  ['a line break', String.raw`{"z3":"","\\":""}`, String.raw`{"z3":"","\n":""}`, ['z3', '\n']],
  ['the first key', String.raw`{"\\":""}`, String.raw`{"\u0020":""}`, [' ']],
  ['an escape at the end', String.raw`{"z4":"","user\\":""}`, String.raw`{"z4":"","user\u0073":""}`, ['z4', 'users']],
  ['an escape in front', String.raw`{"z5":"","\\u0075s":""}`, String.raw`{"z5":"","\u0075ser":""}`, ['z5', 'user']],
  ['an inner object', String.raw`{"z6":{"y":"","\\":""}}`, String.raw`[{"y":"","\u0020" :""}]`, ['y', ' ']],
])('a text parsed before does not change an escaped key: %s', (_, before, text, keys) => {
  JSON.parse(before);
  parseHostileJson(before);

  const parsed = parseHostileJson(text);

  expect(Object.keys((Array.isArray(parsed) ? parsed[0] : parsed) ?? {})).toEqual(keys);
});

test('any value in any spelling is read as it is, whatever was read before', () => {
  fc.assert(
    fc.property(tree, fc.gen(), (value, gen) => {
      const text = ` ${spelled(value, gen)}\n`;

      expect(shown(parseHostileJson(text))).toEqual(shown(valueOf(value)));
    }),
    { numRuns: 2_000 },
  );
});

test('what JSON.parse refuses is refused and what it accepts is read, whatever was broken', () => {
  const patch = fc.constantFrom('', '"', '{', '}', '[', ',', ':', '\\', '0', '-', 'e', ' ', '\u00a0', '\u0007', 'true', '\\u00', '.');
  fc.assert(
    fc.property(tree, fc.gen(), fc.tuple(fc.nat(), patch, fc.nat(3)), (value, gen, [where, put, gone]) => {
      const whole = `{"\\u0061":${spelled(value, gen)},"b":1}`;
      const at = where % (whole.length + 1);
      const text = whole.slice(0, at) + put + whole.slice(at + gone);

      expect(isRead(() => parseHostileJson(text))).toBe(isRead(() => JSON.parse(text)));
    }),
    { numRuns: 3_000 },
  );
});

function isRead(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return false;
  }
}

test('a key `__proto__`, escaped or not, is a field and no prototype', () => {
  const parsed = parseHostileJson(String.raw`{"__proto\u005f_":{"isAdmin":true},"a":1}`);

  expect(Object.keys(Object(parsed))).toEqual(['__proto__', 'a']);
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
});

test('of a repeated key the last value counts, escaped or not', () => {
  expect(parseHostileJson(String.raw`{"a":1,"\u0061":2,"a":3,"\u0062":4,"b":5}`)).toEqual({ a: 3, b: 5 });
});

test('escapes in values do not send a text the slow way', () => {
  const path = JSON.stringify({
    Image: 'C:\\Windows\\System32\\cmd.exe',
    CommandLine: '"C:\\a b\\c.exe" /q "x\\"',
    list: ['\\', '"', '\\"'],
  });

  expect(hasEscapedKey(path)).toBe(false);
  expect(hasEscapedKey(path.replace('list', String.raw`li\u0073t`))).toBe(true);
});

test('nesting beyond the limit and long runs of backslashes are refused or read in time', () => {
  const deep = `{"\\u0061":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  const run = `{"${'\\\\'.repeat(200_000)}\\"":"${'\\"'.repeat(200_000)}"}`;

  expect(() => parseHostileJson(deep)).toThrow(/deeper than 1000 levels/);
  expect(parseHostileJson(run)).toEqual({ [`${'\\'.repeat(200_000)}"`]: '"'.repeat(200_000) });
});
