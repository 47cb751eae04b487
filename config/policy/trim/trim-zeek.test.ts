import { describe, expect, test } from 'vitest';
import { pseudonymOf, trimLine } from './testing/trim-line.ts';
import { trimRule } from './trim-rules.ts';
import type { TrimSpec } from './trimmer.ts';

const row = '{"_path":"conn","ts":1795514400.123456,"uid":"Ca","id.orig_h":"192.0.2.1","id":{"orig_h":"other"},"tags":["x","y"]}';
const keyFile = '/key';

describe("a field goes by Zeek's own name, dots and all", () => {
  test.each<[Omit<TrimSpec, 'format'>, string]>([
    [{ drop: ['id.orig_h'] }, row.replace('"id.orig_h":"192.0.2.1",', '')],
    [{ keep: ['_path', 'ts', 'uid'] }, '{"_path":"conn","ts":1795514400.123456,"uid":"Ca"}'],
    [{ mask: { fields: ['tags'], with: '-' } }, row.replace('["x","y"]', '"-"')],
    [{ pseudonymise: { fields: ['id.orig_h'], keyFile, length: 16 } }, row.replace('192.0.2.1', pseudonymOf('192.0.2.1'))],
    [{ shorten: { fields: ['uid'], bytes: 1 } }, row.replace('"Ca"', '"C"')],
  ])('%j', (operations, expected) => {
    expect(trimLine({ format: 'zeek', ...operations }, row)).toEqual({ text: expected, unparsed: 0, isChanged: true });
  });

  test('a row that passed as it was passes again, and is counted', () => {
    expect(trimLine({ format: 'zeek', drop: ['uid'] }, '1.5\tCa')).toEqual({ text: '1.5\tCa', unparsed: 1, isChanged: false });
  });
});

test.each(['', 'a b', 'a"b', 'a\\.b'])('%j is no name of Zeek', (name) => {
  expect(trimRule.safeParse({ source: 'z', format: 'zeek', drop: [name] }).success).toBe(false);
});
