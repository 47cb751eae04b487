import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { openSecretSeal } from './secret-seal.ts';

let folder: string;
let keyFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atalaia-seal-'));
  keyFile = join(folder, 'secrets.key');
});
afterEach(() => rm(folder, { recursive: true }));

test('the key is made once, for its owner alone, and opens after a restart what was sealed before', async () => {
  const sealed = (await openSecretSeal(keyFile, systemRandom)).seal('whsec_abc', 'webhook/1');

  const again = await openSecretSeal(keyFile, systemRandom);

  expect(again.open(sealed, 'webhook/1')).toBe('whsec_abc');
  expect(sealed).not.toContain('abc');
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
});

test('a sealed secret is good for its own webhook alone, and not when a byte of it was changed or the key is another', async () => {
  const seal = await openSecretSeal(keyFile, systemRandom);
  const sealed = seal.seal('whsec_abc', 'webhook/1');
  const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
  const stranger = await openSecretSeal(join(folder, 'other.key'), systemRandom);

  expect(seal.open(sealed, 'webhook/2')).toBeUndefined();
  expect(seal.open(changed, 'webhook/1')).toBeUndefined();
  expect(stranger.open(sealed, 'webhook/1')).toBeUndefined();
  for (const broken of ['', 'sealed1.', 'sealed1.AAAA', 'whsec_abc']) expect(seal.open(broken, 'webhook/1')).toBeUndefined();
});

test('the same secret sealed twice looks different', async () => {
  const seal = await openSecretSeal(keyFile, systemRandom);

  expect(seal.seal('whsec_abc', 'webhook/1')).not.toBe(seal.seal('whsec_abc', 'webhook/1'));
});

test('a key file that holds no key is told with the remedy and left as it is', async () => {
  await writeFile(keyFile, 'half a k');

  await expect(openSecretSeal(keyFile, systemRandom)).rejects.toThrow(/restore it from a backup/);
  expect(await readFile(keyFile, 'utf8')).toBe('half a k');
});
