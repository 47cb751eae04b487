// The scanner behind decoder patterns: what is captured, and that no text makes it slow.
import { expect, test } from 'vitest';
import { parsePattern } from '../../config/decoders/pattern.ts';
import { compilePattern, matchPattern } from './match-pattern.ts';

function match(pattern: string, text: string): Record<string, string> | undefined {
  const parsed = parsePattern(pattern);
  if (!parsed.ok) throw new Error(parsed.reason);
  const compiled = compilePattern(parsed.elements);
  if (!matchPattern(compiled, text)) return undefined;
  const found = compiled.targets.map(({ target }, at) => [target, compiled.spans[at * 2]!, compiled.spans[at * 2 + 1]!] as const);
  return Object.fromEntries(found.filter(([, start]) => start >= 0).map(([target, start, end]) => [target, text.slice(start, end)]));
}

test('optional parts may be there or not, and literals may hold brackets', () => {
  const pattern = '\\[<_id:long>\\] user <_user>[ from <_ip:ip>[ port <_port:long>]]';

  expect(match(pattern, '[7] user alice smith')).toEqual({ _id: '7', _user: 'alice smith' });
  expect(match(pattern, '[7] user alice from 192.0.2.1 port 22')).toEqual({ _id: '7', _user: 'alice', _ip: '192.0.2.1', _port: '22' });
  expect(match(pattern, '[x] user alice')).toBeUndefined();
});

test('a name chosen by an attacker cannot move the address: the last place that fits is taken', () => {
  expect(match('for <_user:widest> from <_ip:ip>', 'for root from 192.0.2.1 from 203.0.113.5')).toEqual({
    _user: 'root from 192.0.2.1',
    _ip: '203.0.113.5',
  });
});

test('a quoted part may hold escaped quotes', () => {
  expect(match('<_a:quoted> <_b:rest>', '"x \\" y" z')).toEqual({ _a: 'x \\" y', _b: 'z' });
});

test('a group that fits halfway leaves nothing behind', () => {
  expect(match('<_a:name>[ (<_b:name>)]<_c:rest>', 'x (y z')).toEqual({ _a: 'x', _c: ' (y z' });
});

test('time grows with the text, not with its square, however often a literal returns', () => {
  const pattern = '<_a> from <_b:widest> from <_c:ip> port <_d:long>[ x <_e>][ y <_f>] end';
  const cost = (count: number): number => {
    const text = ' from 192.0.2.1 port 1 x '.repeat(count);
    match(pattern, text);
    const before = process.cpuUsage().user;
    for (let run = 0; run < 50; run++) match(pattern, text);
    return process.cpuUsage().user - before;
  };

  // Sixteen times the text; a quadratic walk would take 256 times as long.
  expect(cost(16_000)).toBeLessThan(cost(1_000) * 100 + 20_000);
});
