import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery, queryLimits } from './parse-query.ts';
import { printQuery } from './print-query.ts';

const nodeOf = (text: string) => {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.node;
};
const word = (value: string) => ({ is: 'text', value, phrase: false });

describe('the search language', () => {
  test('terms beside each other must all be found, and binds tighter than or', () => {
    expect(nodeOf('failed password or "session opened"')).toEqual({
      is: 'or',
      of: [
        { is: 'and', of: [word('failed'), word('password')] },
        { is: 'text', value: 'session opened', phrase: true },
      ],
    });
    expect(nodeOf('a AND not (b or c)')).toEqual({
      is: 'and',
      of: [word('a'), { is: 'not', of: { is: 'or', of: [word('b'), word('c')] } }],
    });
  });

  test('fields take values, quoted values, comparisons and a star for any', () => {
    expect(nodeOf('source.ip:192.0.2.1')).toEqual({ is: 'field', field: 'source.ip', op: 'eq', value: '192.0.2.1' });
    expect(nodeOf('user.name:"a *"')).toEqual({ is: 'field', field: 'user.name', op: 'eq', value: String.raw`a \*` });
    expect(nodeOf('source.port:>=1024')).toEqual({ is: 'field', field: 'source.port', op: 'gte', value: '1024' });
    expect(nodeOf('user.name:*')).toEqual({ is: 'field', field: 'user.name', op: 'exists', value: '' });
    expect(nodeOf('file.path:C:\\Windows\\*')).toMatchObject({ field: 'file.path', value: 'C:\\Windows\\*' });
  });

  test('addresses, times and links with colons are words', () => {
    for (const text of ['http://example.org/a', 'fe80::1', '12:30:45', '2001:db8::7']) expect(nodeOf(text)).toEqual(word(text));
  });

  test('an empty search and a star find everything', () => {
    expect(nodeOf('  ')).toEqual({ is: 'all' });
    expect(nodeOf('*')).toEqual({ is: 'all' });
  });

  test.each([
    ['(a or b', 0, 'never closed'],
    ['a or', 4, 'ends where a word is expected'],
    ['a)', 1, 'closes nothing'],
    ['x "open', 2, 'never closed'],
    ['user.name: root', 10, 'needs a value'],
    ['a source.port:ssh', 2, 'is a number'],
    ['@timestamp:>yesterday', 0, 'is a time'],
    ['or a', 0, 'joins two searches'],
    ['user.name:(a or b)', 10, 'one value'],
    ['""', 0, 'empty phrase'],
  ])('%s is refused with its place and a remedy', (text, at, message) => {
    expect(parseQuery(text)).toEqual({ ok: false, at, message: expect.stringContaining(message) });
  });

  test('searches beyond the limits are refused, not worked on', () => {
    expect(parseQuery('a'.repeat(queryLimits.charsMax + 1)).ok).toBe(false);
    expect(parseQuery('('.repeat(1_000) + 'a' + ')'.repeat(1_000)).ok).toBe(false);
    expect(parseQuery('not '.repeat(1_000) + 'a').ok).toBe(false);
    expect(parseQuery('a '.repeat(300)).ok).toBe(false);
  });

  test('no text makes it throw, and what it prints reads as the same search', () => {
    const piece = fc.constantFrom(
      'and',
      'or',
      'not',
      '(',
      ')',
      '"',
      '\\',
      '*',
      ':',
      '>',
      ' ',
      'user.name:',
      'a',
      'é',
      '\0',
      '\ud800',
      '5',
      '=',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (query) => {
        const parsed = parseQuery(query);
        if (!parsed.ok) return;
        const printed = printQuery(parsed.node);
        const again = parseQuery(printed);
        if (!again.ok) throw new Error(`${JSON.stringify(printed)}: ${again.message}`);
        expect(printQuery(again.node)).toBe(printed);
      }),
      { numRuns: 3_000 },
    );
  });
});
