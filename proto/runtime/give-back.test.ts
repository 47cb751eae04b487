import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { giveBack } from './give-back.ts';

test('a large buffer is empty once it was given back, and giving it back again does nothing', () => {
  const large = Buffer.alloc(1024 * 1024, 'x');

  giveBack(large);
  giveBack(large);

  expect(large.length).toBe(0);
});

test('a small buffer, which shares the memory of others, stays as it is', () => {
  const small = Buffer.from('small');

  giveBack(small);

  expect(small.toString()).toBe('small');
});
