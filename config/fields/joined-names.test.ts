import { expect, test } from 'vitest';
import { JoinedNames } from './joined-names.ts';

test('names are joined with a dot, also those of a flood and those of the object prototype', () => {
  const names = new JoinedNames();

  for (let round = 0; round < 2; round++) {
    expect(names.join('a.b', 'c')).toBe('a.b.c');
    expect(names.join('__proto__', 'constructor')).toBe('__proto__.constructor');
    expect(names.join('long', 'x'.repeat(5_000))).toBe(`long.${'x'.repeat(5_000)}`);
    for (let at = 0; at < 40_000; at++) if (names.join('flood', `f${at}`) !== `flood.f${at}`) throw new Error(`f${at}`);
  }
});
