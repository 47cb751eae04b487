import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseLines, verdicts } from './choose-lines.ts';
import { filterRule } from './filter-rules.ts';
import { LineHash } from './filter/line-hash.ts';

const key = Buffer.from('any key ');

/** The verdicts on lines, each read at so many seconds. */
function judged(rules: readonly unknown[], lines: readonly (readonly [string, number])[]): string[] {
  const choose = chooseLines(
    rules.map((rule) => filterRule.parse(rule)),
    's',
    key,
  );
  return lines.map(([line, second]) => verdicts[choose?.(Buffer.from(line), 0, Buffer.byteLength(line), second * 1_000) ?? 0] ?? '');
}

const at = (second: number, ...lines: string[]) => lines.map((line) => [line, second] as const);

test('sampling keeps about the share asked for, the same lines at every reading, and lets the next rule decide', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => [`line ${i} ${i * 7}`, i] as const);
  for (const [rule, share] of [
    [{ oneIn: 10 }, 0.1],
    [{ percent: 35 }, 0.35],
  ] as const) {
    const first = judged([{ sample: rule }], lines);

    expect(judged([{ sample: rule }], lines.toReversed()).toReversed()).toEqual(first);
    expect(first.filter((verdict) => verdict === 'kept').length / lines.length).toBeCloseTo(share, 1);
    expect(new Set(first)).toEqual(new Set(['kept', 'sampled']));
  }
  expect(judged([{ sample: { percent: 99.99 } }, { drop: { where: ['b'] } }], at(0, 'a', 'b'))).toEqual(['kept', 'filtered']);
});

test('sampling by a field keeps or drops all lines that share its value', () => {
  const lines = Array.from({ length: 400 }, (_, i) => [JSON.stringify({ flow_id: i % 40, n: i }), 0] as const);
  const all = judged([{ sample: { oneIn: 2, by: ['flow_id'] } }], lines);

  expect(new Set(all)).toEqual(new Set(['kept', 'sampled']));
  for (let flow = 0; flow < 40; flow++) expect(new Set(all.filter((_, i) => i % 40 === flow)).size).toBe(1);
});

test('a limit lets so many lines of each key pass in an interval that begins with the first of them', () => {
  const rule = { limit: { where: { 'text|contains': 'src=' }, by: ['src'], lines: 2, per: '10s' } };
  const lines = [
    ...at(0, 'src=a 1', 'src=a 2', 'src=a 3', 'src=b 1', 'other', 'other', 'other'),
    ...at(9.9, 'src=a 4', 'src=b 2', 'src=b 3'),
    ...at(10, 'src=a 5', 'src=a 6', 'src=a 7'),
    ...at(3, 'src=a clock went back'),
  ];

  const [p, x] = ['kept', 'limited'];
  expect(judged([rule], lines)).toEqual([p, p, x, p, p, p, p, x, p, x, p, p, x, p]);
});

test('a limit without a field is one limit for all lines that match', () => {
  const rule = { limit: { where: { 'text|contains': 'debug' }, lines: 1, per: '10s' } };

  expect(judged([rule], [...at(0, 'debug a', 'debug b', 'info'), ...at(10, 'debug c')])).toEqual(['kept', 'limited', 'kept', 'kept']);
});

test('repeats collapse into the first line, whatever time their syslog header tells', () => {
  const message = (time: string, text: string) => `Nov 24 ${time} fw1 kernel: ${text}`;
  const lines = [
    ...at(0, message('10:00:00', 'link down'), message('10:00:00', 'link up')),
    ...at(59, message('10:00:59', 'link down')),
    ...at(60, message('10:01:00', 'link down'), message('10:01:00', 'link up'), message('10:01:00', 'link up')),
  ];

  const [p, x] = ['kept', 'collapsed'];
  expect(judged([{ collapse: { within: '60s' } }], lines)).toEqual([p, p, x, p, p, x]);
  expect(judged([{ collapse: { by: ['user', 'n'], within: '1h' } }], at(0, 'user=a', 'user=a n=', 'n=a', 'x=1 user=a', 'user='))).toEqual([
    p,
    p,
    p,
    x,
    p,
  ]);
});

test('keep before a limit exempts lines from it; rules of other sources do not count', () => {
  const rules = [
    { keep: { where: { 'text|contains': 'error' } } },
    { drop: { source: 'other', where: ['a'] } },
    { limit: { lines: 1, per: '1h', by: ['syslog.hostname'] } },
  ];

  expect(judged(rules, at(0, 'a', 'b', 'error', 'error'))).toEqual(['kept', 'limited', 'kept', 'kept']);
});

test('more keys than there is memory for let more lines pass, never fewer', () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => [`k=${i}`, 0] as const);

  expect(new Set(judged([{ limit: { by: ['k'], lines: 1, per: '1h' } }], lines))).toEqual(new Set(['kept']));
});

describe('a filter rule that cannot work is refused', () => {
  test.each<[unknown, RegExp]>([
    [{ sample: { oneIn: 10, percent: 5 } }, /either `oneIn` or `percent`/],
    [{ sample: {} }, /either `oneIn` or `percent`/],
    [{ limit: { lines: 5, per: '10' } }, /a duration such as 500ms, 10s or 1h/],
    [{ collapse: { within: '2d' } }, /from 100ms to 24h/],
    [{ limit: { lines: 5, per: '10s', by: ['a..b'] } }, /an empty part/],
  ])('%j', (rule, message) => {
    const parsed = filterRule.safeParse(rule);

    expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
  });
});

test('the hash is HalfSipHash-2-4 with 64 bits, as its authors published it', () => {
  const hash = new LineHash(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
  const of = (length: number) => {
    hash.begin();
    hash.addBare(
      Uint8Array.from({ length }, (_, i) => i),
      0,
      length,
    );
    hash.finish();
    const out = Buffer.alloc(8);
    out.writeUInt32LE(hash.low, 0);
    out.writeUInt32LE(hash.high, 4);
    return out.toString('hex');
  };

  expect([of(0), of(1)]).toEqual(['218d1f59b9b83cc8', 'be552412f8387315']);
});

test('lists of parts that differ hash differently, however they are cut', () => {
  const hash = new LineHash(key);
  const of = (parts: readonly string[]) => {
    hash.begin();
    for (const part of parts) hash.add(Buffer.from(part), 0, Buffer.byteLength(part));
    hash.finish();
    return `${hash.low}.${hash.high}`;
  };
  const part = fc.string({ unit: fc.constantFrom('a', '\0', '\u0004'), maxLength: 9 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 3 }), fc.array(part, { maxLength: 3 }), (a, b) => {
      expect(of(a) === of(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});
