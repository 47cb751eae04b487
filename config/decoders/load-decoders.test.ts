// What an author of a decoder file is told when something is wrong in it.
import { expect, test } from 'vitest';
import { parseDecoder } from './load-decoders.ts';

const good = `id: x
version: 1
title: X
source: { product: x }
format: pattern
messages:
  - name: one
    match: 'from <source.address:host>'
    set: { event.category: [authentication], event.type: [start] }
samples:
  - line: from 192.0.2.1
    expect: { source.ip: 192.0.2.1 }
`;

test('a whole decoder file is accepted', () => {
  expect(parseDecoder(good, 'x.yml').id).toBe('x');
});

test.each([
  ['an unknown key', 'title: X', 'title: X\ntitel: X', /x\.yml:4:1:/],
  ['a pattern that does not close its group', "from <source.address:host>'", "from [<source.address:host>'", /x\.yml:8:\d+:.*never closed/],
  ['a capture of an unknown kind', 'address:host', 'address:hots', /no known kind/],
  ['a field that is under an ECS name but unknown', 'source.address:host', 'source.adress:host', /not in config\/fields\/registry\.ts/],
  ['a type that does not go with its category', 'event.type: [start]', 'event.type: [connection]', /x\.yml:9:\d+:.*goes with none/],
  ['a category ECS does not know', '[authentication]', '[login]', /event\.category login is not one of/],
  ['a word where a list belongs', 'event.category: [authentication]', 'event.category: authentication', /must be a list/],
])('%s is refused with its place', (_what, from, to, message) => {
  expect(() => parseDecoder(good.replace(from, to), 'x.yml')).toThrow(message);
});

test('two free captures that meet are refused: nobody could tell where one ends', () => {
  expect(() => parseDecoder(good.replace('<source.address:host>', '<user.name><source.address:host>'), 'x.yml')).toThrow(
    /directly before another/,
  );
});
