import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableJson } from './printable.ts';

test.each([
  ['plain text and tabs stay', 'a\tb é 日本 🙂', 'a\tb é 日本 🙂'],
  ['escape sequences do not reach the terminal', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['those of eight bits neither', '\u009b31m', '\\x9b31m'],
  ['a carriage return cannot overwrite what stands before it', 'evil\rgood', 'evil\\x0dgood'],
  ['nor a backspace', 'a\bb\x7f', 'a\\x08b\\x7f'],
  ['line feeds of a record are shown', 'a\nb', 'a\\nb'],
  ['text cannot be reordered', 'user\u202Etxt.exe', 'user\\u{202e}txt.exe'],
  ['or hidden', 'a\u200bb\u{e0041}\ufeff', 'a\\u{200b}b\\u{e0041}\\u{feff}'],
  ['or broken by other line ends', 'a\u2028b\u0085', 'a\\u{2028}b\\x85'],
])('%s', (_name, text, shown) => {
  expect(printable(Buffer.from(text))).toBe(shown);
});

test('bytes that are not UTF-8 are shown one by one, the rest as text', () => {
  expect(printable(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x80, 0xc0, 0x80, 0xed, 0xa0, 0x80]))).toBe(
    'a\\xffé\\xe2\\x80\\xc0\\x80\\xed\\xa0\\x80',
  );
});

test('whatever the bytes, nothing that moves a cursor comes through, and JSON means the same', () => {
  // Control characters but tab, as terminals take them.
  const moves = /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/u;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: 'binary', maxLength: 32 }), (bytes, text) => {
      const json = printableJson({ text });

      expect(printable(bytes)).not.toMatch(moves);
      expect(json).not.toMatch(moves);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});
