import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WholeParts } from './whole-parts.ts';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'parts-')), '20261124_1_1_0');
  mkdirSync(path);
  writeFileSync(join(path, 'data.bin'), 'x'.repeat(90));
  writeFileSync(join(path, 'data.cmrk4'), 'x'.repeat(10));
  writeFileSync(join(path, 'checksums.txt'), 'x'.repeat(400));
});
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

const torn = (bytes = 100): string | undefined => new WholeParts().findTorn([{ path, bytes }]);

test('a part that holds what the engine counts is whole', () => {
  expect(torn()).toBeUndefined();
});

test.each(['data.bin', 'data.cmrk4', 'checksums.txt'])('a part whose %s a full disk left empty is torn', (file) => {
  truncateSync(join(path, file));

  expect(torn()).toBe(path);
});

test('a part whose data end early is torn', () => {
  truncateSync(join(path, 'data.bin'), 50);

  expect(torn()).toBe(path);
});

test('a part that was merged away since it was listed is nothing to look at', () => {
  rmSync(path, { recursive: true });

  expect(torn()).toBeUndefined();
});
