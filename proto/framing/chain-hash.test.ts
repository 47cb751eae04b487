// The chain is part of the protocol: these values must never change.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chainStart } from '../delivery.ts';
import { chainHash, lostHash } from './chain-hash.ts';

test('a batch stands on the hash before it', () => {
  const body = Buffer.from('body');

  const first = chainHash(chainStart, body);

  expect(first).toEqual(
    createHash('sha256')
      .update(Buffer.concat([chainStart, body]))
      .digest(),
  );
  expect(chainHash(first, body)).not.toEqual(first);
});

test('a hole takes its bounds and its reason into the chain', () => {
  const hole = { from: 2, to: 5, reason: 'drop_oldest' };

  const hash = lostHash(chainStart, hole);

  expect(hash.toString('hex')).toBe('fe4223e73060e722a274cf3b30528c5dd3352691167083654657587c28c2419b');
  expect(lostHash(chainStart, { ...hole, to: 6 })).not.toEqual(hash);
  expect(lostHash(chainStart, { ...hole, reason: 'damaged' })).not.toEqual(hash);
});
