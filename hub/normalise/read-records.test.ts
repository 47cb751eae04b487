import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventRow } from '../../config/fields/row.ts';
import { groupRecordWrites, readRecords, type RecordShape } from './read-records.ts';
import type { Write } from './write-field.ts';

const hex = new Set(['name', 'EXEC.a#', 'PATH.path']);
const shape: RecordShape = { between: ' ', assign: '=', by: 'type', parts: '\x1d', nested: "'", hex };

function read(text: string, names: readonly string[]): { found: Record<string, unknown[]>; pairs: number } {
  const found: Record<string, unknown[]> = {};
  const writes = names.map((name): [string, readonly Write[]] => [name, [(_row, value) => void (found[name] ??= []).push(value)]]);
  const pairs = readRecords(text, shape, groupRecordWrites(new Map(writes), hex), {
    row: new EventRow(),
    context: { readAtMs: 0, zone: '' },
  });
  return { found, pairs };
}

test.each<[string, string, string[], Record<string, unknown[]>]>([
  ['a key of any record, and of one kind', 'type=A x=1\ntype=B x=2', ['x', 'B.x'], { x: ['1', '2'], 'B.x': ['2'] }],
  ['quotes hold blanks and backslashes', 'type=A x="a b\\" y=2', ['x', 'y'], { x: ['a b\\'], y: ['2'] }],
  ['a quote that does not close', 'type=A x="a b', ['x'], { x: ['a b'] }],
  [
    'hexadecimal where it is not quoted',
    'type=A name=6162 name="6162" name=(null) name=abc',
    ['name'],
    { name: ['ab', '6162', '(null)', 'abc'] },
  ],
  ['NUL in it is a blank', 'type=A name=6C73002D6C00', ['name'], { name: ['ls -l'] }],
  [
    'only for the names that ask for it',
    'type=A path=6162\ntype=PATH path=6162',
    ['A.path', 'PATH.path'],
    { 'A.path': ['6162'], 'PATH.path': ['ab'] },
  ],
  [
    'pairs within a value',
    'type=A msg=audit(1): msg=\'op=x y="a b" z=1\'\x1dx=2',
    ['op', 'y', 'z', 'x', 'msg'],
    { op: ['x'], y: ['a b'], z: ['1'], x: ['2'], msg: ['audit(1):'] },
  ],
  ['pairs within that do not close', "type=A msg='op=x", ['op'], { op: ['x'] }],
  ['flags', 'type=A avc:  denied  { read } for  x=1', ['A.avc:', 'denied', 'x'], { 'A.avc:': ['true'], denied: ['true'], x: ['1'] }],
  [
    'numbered keys as a list, over records, in pieces',
    'type=EXEC a1=62 a0="a" a2_len=4 a2[0]=C3\ntype=EXEC a2[1]=A9 a3=63',
    ['EXEC.a#'],
    { 'EXEC.a#': [['a', 'b', 'é', 'c']] },
  ],
  ['what is missing in a list is empty', 'type=EXEC a0="a" a2="c"', ['EXEC.a#'], { 'EXEC.a#': [['a', '', 'c']] }],
  ['a number beyond the limit is left out', 'type=EXEC a0="a" a999999="z"', ['EXEC.a#'], { 'EXEC.a#': [['a']] }],
  ['the types of all records', 'type=A x=1\ntype=B\ntype=A', ['_types'], { _types: [['A', 'B']] }],
  ['the whole record', 'type=A x=1\ntype=B y=2', ['A._text'], { 'A._text': ['type=A x=1'] }],
  ['behind what stands before it', 'Nov 24 web1 audispd: node=n type=A x=1', ['A.x', 'node'], { 'A.x': ['1'], node: ['n'] }],
])('%s', (_what, text, names, found) => {
  expect(read(text, names).found).toEqual(found);
});

test('any text is read in bounded work, without throwing', () => {
  const piece = fc.constantFrom('type=', 'EXEC', ' a0=', "'", '"', '=', ' ', '\n', '\x1d', 'a1[0]=', '6162', '{', "msg='", '\0', 'é');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(() => read(pieces.join(''), ['x', 'EXEC.a#', 'EXEC._text', 'name'])).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
  expect(read("type=A msg='".repeat(50_000), ['x']).pairs).toBeLessThanOrEqual(8_192);
  expect(read('type=A x=1\n'.repeat(50_000), ['x']).pairs).toBeLessThanOrEqual(8_192);
  expect(read('x '.repeat(500_000), ['x']).found.x?.length).toBe(8_192);
});
