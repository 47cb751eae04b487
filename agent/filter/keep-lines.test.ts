import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { policySchema } from '../../config/policy/policy.ts';
import type { LineBlock } from '../ports.ts';
import { createLineKeeper, type KeptBlock } from './keep-lines.ts';

function policyOf(rules: { filter?: unknown[]; trim?: unknown[] }) {
  return policySchema.parse({ kind: 'Policy', version: 1, sources: [{ id: 's', type: 'journald' }], ...rules });
}

function blockOf(lines: readonly string[]): LineBlock {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const starts = new Uint32Array(lines.length);
  const ends = new Uint32Array(lines.length);
  let at = 0;
  lines.forEach((line, i) => {
    starts[i] = at;
    at += Buffer.byteLength(line);
    ends[i] = at;
    at += 1;
  });
  const stream = { sourceId: 's', streamId: 'x', file: undefined, path: '', typeHint: '', timeZone: '', labels: {} };
  const proof = { tailHash: new Uint8Array(0), tailBytes: 0, cursor: '' };
  const place = { baseOffset: 0, sourceStarts: starts, cut: [], endOffset: at, endLineNumber: lines.length, bytesRead: at };
  return { stream, readAtMs: 0, bytes, count: lines.length, starts, ends, ...place, ...proof };
}

const kept = ({ count, bytes, starts, ends, indexes }: KeptBlock) =>
  Array.from({ length: count }, (_, i) => [indexes[i], bytes.toString('utf8', starts[i], ends[i])]);

test('lines that a rule drops are left out and the others know which line they were', () => {
  const keeper = createLineKeeper(policyOf({ filter: [{ drop: { where: { 'text|contains': 'noise' } } }] }), 's');

  expect(kept(keeper.keep(blockOf(['one', 'Noise', 'three', 'noise', ''])))).toEqual([
    [0, 'one'],
    [2, 'three'],
    [4, ''],
  ]);
});

test('several trims of a source follow each other, and a line is counted once', () => {
  const trim = [
    { source: 's', format: 'json', drop: ['a'] },
    { source: 's', format: 'key-value', drop: ['k'] },
    { source: 's', format: 'json', drop: ['b'] },
  ];
  const keeper = createLineKeeper(policyOf({ trim }), 's');

  const result = keeper.keep(blockOf(['{"a":1,"b":2,"c":3}', 'k=1 l=2', '{"c":3}']));

  expect(kept(result)).toEqual([
    [0, '{"c":3}'],
    [1, 'l=2'],
    [2, '{"c":3}'],
  ]);
  expect(result).toMatchObject({ linesTrimmed: 2, linesUnparsed: 2, isTrimmed: true });
});

test('a block without rules passes without a copy, and the rules of another source do not count', () => {
  const keeper = createLineKeeper(policyOf({ filter: [{ drop: { source: 's', where: { text: '*' } } }] }), 'other');
  const block = blockOf(['one', 'two']);

  const result = keeper.keep(block);

  expect(result.bytes).toBe(block.bytes);
  expect(kept(result)).toEqual([
    [0, 'one'],
    [1, 'two'],
  ]);
});

test('memory that is reused from block to block mixes nothing up', () => {
  const filter = [{ drop: { where: { n: 1 } } }];
  const keeper = createLineKeeper(policyOf({ filter, trim: [{ source: 's', format: 'json', drop: ['x'] }] }), 's');
  const line = fc.record({ n: fc.nat(2), x: fc.string(), y: fc.string() });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (values) => {
      const expected = values.flatMap(({ n, y }, i) => (n === 1 ? [] : [[i, JSON.stringify({ n, y })]]));

      expect(kept(keeper.keep(blockOf(values.map((value) => JSON.stringify(value)))))).toEqual(expected);
    }),
  );
});

test('lines dropped by reason are told by the part of the block that they were in; filtered ones are not among them', () => {
  const filter = [{ drop: { where: ['noise'] } }, { collapse: { within: '1h' } }, { limit: { lines: 2, per: '1h', by: ['k'] } }];
  const keeper = createLineKeeper(policyOf({ filter }), 's');

  const result = keeper.keep(blockOf(['k=1 a', 'noise', 'k=1 a', 'k=1 b', 'k=1 c', 'k=1 c', 'k=2 d']));

  expect(kept(result)).toEqual([
    [0, 'k=1 a'],
    [3, 'k=1 b'],
    [6, 'k=2 d'],
  ]);
  expect(result.droppedBetween?.(0, 7)).toEqual({ collapsed: 2, limited: 1 });
  expect(result.droppedBetween?.(3, 5)).toEqual({ limited: 1 });
  expect(keeper.keep(blockOf(['k=3 new'])).droppedBetween).toBeUndefined();
});

test('any cutting of the lines into blocks keeps and ships the same bytes, in every format', () => {
  const line = fc.oneof(
    fc.record({ a: fc.string(), b: fc.array(fc.nat(9), { maxLength: 3 }) }).map((value) => JSON.stringify(value)),
    fc.constantFrom(
      'a=1 b="x y" c=2',
      'CEF:0|v|p|1|2|n|3|a=1 b=two words c=3',
      'LEEF:1.0|v|p|1|2|a=1\tb=2',
      'x,"y,z",',
      '<1>1 - - - - - [a b="c"] m',
    ),
  );
  const operations = { mask: { fields: ['a'], with: 'a long mask that makes lines grow, again and again' } };
  const trim = [
    { source: 's', format: 'json', ...operations, shorten: { fields: ['*'], bytes: 2 } },
    { source: 's', format: 'key-value', ...operations },
    { source: 's', format: 'cef', drop: ['b'], ...operations },
    { source: 's', format: 'leef', keep: ['a'], ...operations },
    { source: 's', format: 'structured-data', ...operations },
    { source: 's', format: 'csv', mask: { fields: [2], with: '-' } },
  ];
  const filter = [{ sample: { percent: 70 } }, { limit: { lines: 3, per: '1h', by: ['a'] } }];
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.array(fc.nat(6), { maxLength: 10 }), (lines, sizes) => {
      const whole = createLineKeeper(policyOf({ filter, trim }), 's');
      const inParts = createLineKeeper(policyOf({ filter, trim }), 's');
      const expected = kept(whole.keep(blockOf(lines))).map(([, text]) => text);

      const shipped: unknown[] = [];
      let from = 0;
      for (const size of [...sizes, lines.length]) {
        shipped.push(...kept(inParts.keep(blockOf(lines.slice(from, from + size)))).map(([, text]) => text));
        from += size;
      }

      expect(shipped).toEqual(expected);
    }),
  );
});

test('a source without a readable key file is not collected with its secrets in plain', () => {
  const trim = [{ source: 's', format: 'json', pseudonymise: { fields: ['user'], keyFile: '/nonexistent/key' } }];

  expect(() => createLineKeeper(policyOf({ trim }), 's')).toThrow(/key file .* cannot be opened/);
});
