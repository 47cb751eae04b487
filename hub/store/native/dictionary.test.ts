import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { Dictionary } from './dictionary.ts';

/** What the engine reads: the keys behind the head, in order. */
function keysOf(dictionary: Dictionary): string[] {
  const pieces: Buffer[] = [];
  dictionary.pieces(2, pieces);
  const [, bytes = Buffer.alloc(0)] = pieces;
  const keys: string[] = [];
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    keys.push(bytes.toString('utf8', at, at + length));
    at += length;
  }
  return keys;
}

const value = oneof(
  constantFrom('', 'a', 'b', 'ab', '10.0.0.1', '10.0.0.2'),
  string({ maxLength: 60 }),
  string({ unit: 'grapheme', maxLength: 60 }),
);

test('the same value has one key in a chunk, whatever values come, and the keys are those values in order', () => {
  assert(
    property(array(array(value, { maxLength: 200 }), { minLength: 1, maxLength: 3 }), (chunks) => {
      const dictionary = new Dictionary();
      for (const values of chunks) {
        const known = new Map([['', 0]]);

        for (const one of values) {
          if (!known.has(one)) known.set(one, known.size);
          expect(dictionary.indexOf(one)).toBe(known.get(one));
        }

        expect(keysOf(dictionary)).toEqual([...known.keys()].map((key) => key.toWellFormed()));
        dictionary.reset();
      }
    }),
  );
});

test('more values than the table began with, many of them crowded together, keep their keys', () => {
  const dictionary = new Dictionary();
  const values = Array.from({ length: 8_192 }, (_, at) => `host-${(at * 7_919) % 100_000}.example.org`);

  const first = values.map((one) => dictionary.indexOf(one));
  const again = values.map((one) => dictionary.indexOf(one));

  expect(first).toEqual(values.map((_, at) => at + 1));
  expect(again).toEqual(first);
  expect(keysOf(dictionary)).toEqual(['', ...values]);
});

test('values that were made to collide are told apart', () => {
  const dictionary = new Dictionary();
  const crowded = sameHash(64);

  const indexes = [...crowded, ...crowded].map((one) => dictionary.indexOf(one));

  expect(indexes).toEqual([...crowded, ...crowded].map((one) => crowded.indexOf(one) + 1));
});

/** Pairs that the hash cannot tell apart, strung together: an attacker who has read the source. */
function sameHash(count: number): string[] {
  const hashOf = (text: string, from: number): number =>
    text.split('').reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193), from);
  const alphabet = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at));
  let heads = [''];
  let from = 24;
  while (heads.length < count) {
    const seen = new Map<number, string>();
    let pair: [string, string] | undefined;
    for (let at = 0; !pair; at++) {
      const text = [0, 1, 2, 3].map((place) => alphabet[Math.floor((at * 2_654_435_761) / 94 ** place) % 94] ?? '').join('');
      const hash = hashOf(text, from);
      const other = seen.get(hash);
      if (other !== undefined && other !== text) pair = [other, text];
      seen.set(hash, text);
    }
    const [one, two] = pair;
    heads = heads.flatMap((head) => [head + one, head + two]);
    from = hashOf(one, from);
  }
  return heads.slice(0, count);
}
