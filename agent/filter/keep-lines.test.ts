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
  expect(result).toMatchObject({ linesTrimmed: 2, isTrimmed: true });
  expect(keeper.unparsedLines()).toBe(2);
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
