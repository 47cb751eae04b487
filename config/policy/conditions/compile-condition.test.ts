import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition, type Condition } from './compile-condition.ts';

function matches(condition: Condition, line: string): boolean {
  const compiled = compileCondition(condition);
  if (!compiled.ok) throw new Error(compiled.reason);
  // The predicate must not see what stands around the line.
  const bytes = Buffer.from(`GET /healthz${line}GET /healthz`);
  return compiled.matches(bytes, 12, bytes.length - 12);
}

const access = '192.0.2.7 - - [24/Nov/2026:10:00:00 +0000] "GET /HealthZ HTTP/1.1" 200 2';
const eve = '{"event_type":"flow","flow":{"state":"new","pkts":3,"age":null},"tags":["a","Kiosk"],"path":"C:\\\\Temp","a.b":"x"}';
const pairs = 'level=info msg="said \\"hi\\" twice" user=ana SRC=192.0.2.7 OUT=';

describe('a condition in Sigma words decides over a raw line', () => {
  test.each<[Condition, string, boolean]>([
    [{ 'text|contains': 'get /healthz' }, access, true],
    [{ 'text|contains|cased': 'get /healthz' }, access, false],
    [{ 'text|startswith': '192.0.2.' }, access, true],
    [{ 'text|endswith': ' 200 2' }, access, true],
    [{ 'text|contains': ['nothing', 'healthz'] }, access, true],
    [{ 'text|contains|all': ['get', 'nothing'] }, access, false],
    [{ 'text|re': '" [45]\\d\\d ' }, access, false],
    [{ 'text|re': '" 2\\d\\d \\d+$' }, access, true],
    [{ text: '192.*" 20? ?' }, access, true],
    [{ event_type: 'FLOW' }, eve, true],
    [{ event_type: 'flow', 'flow.state': ['closed', 'new'] }, eve, true],
    [{ event_type: 'flow', 'flow.state': 'closed' }, eve, false],
    [[{ event_type: 'dns' }, { 'flow.pkts': 3 }], eve, true],
    [{ 'flow.age': null }, eve, true],
    [{ 'flow.none': null }, eve, true],
    [{ 'flow.pkts|exists': true }, eve, true],
    [{ 'flow.none|exists': true }, eve, false],
    [{ tags: 'kiosk' }, eve, true],
    [{ 'flow.*': 'new' }, eve, true],
    [{ path: 'c:\\temp' }, eve, true],
    [{ 'a\\.b': 'x' }, eve, true],
    [{ user: 'ana' }, pairs, true],
    [{ 'msg|contains': 'said "hi"' }, pairs, true],
    [{ SRC: '192.0.2.*' }, pairs, true],
    [{ OUT: '' }, pairs, true],
    [{ ser: 'ana' }, pairs, false],
    [{ 'text|contains': 'ÜBER' }, 'das über', true],
    [{ event_type: 'flow' }, '{"event_type":"flow","broken":', true],
    [{ event_type: 'flow' }, '{"event_type', false],
  ])('%j of %s: %s', (condition, line, expected) => {
    expect(matches(condition, line)).toBe(expected);
  });
});

describe('what cannot be kept is refused at the place and with the reason', () => {
  test.each<[Condition, readonly (string | number)[], RegExp]>([
    [{}, [], /empty selection/],
    [{ 'text|contians': 'x' }, ['text|contians'], /unknown modifier `contians`; known: contains/],
    [[{ text: 'a' }, { 'text|re': '(' }], [1, 'text|re'], /regular expression cannot be used/],
    [{ 'text|re': '(?<!a)b' }, ['text|re'], /look-around/],
    [{ 'text|re': '(a)\\1' }, ['text|re'], /regular expression cannot be used/],
    [{ 'a..b': 'x' }, ['a..b'], /empty part/],
    [{ 'text|contains': [] }, ['text|contains'], /empty list/],
    [{ 'a|exists': 'yes' }, ['a|exists'], /true or false/],
  ])('%j', (condition, path, reason) => {
    const compiled = compileCondition(condition);

    expect(compiled).toMatchObject({ ok: false, path });
    expect(compiled.ok ? '' : compiled.reason).toMatch(reason);
  });
});

test('an expression made to explode answers quickly on an attacker line', () => {
  const started = performance.now();

  expect(matches({ 'text|re': '^(a+)+$' }, `${'a'.repeat(5_000)}!`)).toBe(false);

  expect(performance.now() - started).toBeLessThan(5_000);
});

test('contains, startswith and endswith agree with text in lower case, whatever the bytes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', 'É', ' ', '"') });
  const literal = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', '"'), minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(text, literal, (line, word) => {
      const [folded, wanted] = [line.toLowerCase(), word.toLowerCase()];

      expect(matches({ 'text|contains': word }, line)).toBe(folded.includes(wanted));
      expect(matches({ 'text|startswith': word }, line)).toBe(folded.startsWith(wanted));
      expect(matches({ 'text|endswith': word }, line)).toBe(folded.endsWith(wanted));
      expect(matches({ text: word }, line)).toBe(folded === wanted);
    }),
  );
});

test('a field of a JSON line is found as JSON.parse finds it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b', 'é"'), fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxKeys: 3 }),
      (value) => {
        const line = JSON.stringify(value);
        const wanted = value.a;
        const isText = typeof wanted === 'string' || typeof wanted === 'number';

        expect(matches({ 'a|exists': true }, line)).toBe(isText);
        if (isText) expect(matches({ 'a|contains': String(wanted).replace(/[\\*?]/g, '\\$&') }, line)).toBe(true);
      },
    ),
  );
});
