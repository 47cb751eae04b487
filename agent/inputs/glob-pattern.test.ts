import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findFiles } from './find-files.ts';
import { parseGlob } from './glob-pattern.ts';

const folder = mkdtempSync(join(tmpdir(), 'globs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const matches = (glob: string, path: string) => parseGlob(glob).some((pattern) => pattern.matches(path));

test.each([
  ['/var/log/*.log', '/var/log/a.log', true],
  ['/var/log/*.log', '/var/log/b/a.log', false],
  ['/var/log/**', '/var/log/b/c/a.log', true],
  ['/var/log/**', '/var/log.old/a', false],
  ['/var/log/**/*.log', '/var/log/a.log', true],
  ['/var/log/**/x/**/*.log', '/var/log/1/x/2/3/a.log', true],
  ['/var/log/*', '/var/log/.hidden', false],
  ['/var/log/.h*', '/var/log/.hidden', true],
  ['/var/log/app-[0-9].log', '/var/log/app-7.log', true],
  ['/var/log/app-[!0-9].log', '/var/log/app-7.log', false],
  ['/var/log/{auth,sys}log', '/var/log/syslog', true],
  ['/var/log/a+b(c).log', '/var/log/a+b(c).log', true],
  ['/var/log/a.log', '/var/log/aXlog', false],
])('%s against %s: %s', (glob, path, expected) => {
  expect(matches(glob, path)).toBe(expected);
});

test('a pattern full of stars is decided quickly', () => {
  const started = performance.now();

  expect(matches(`/${'**/'.repeat(30)}x`, `/${'a/'.repeat(60)}y`)).toBe(false);

  expect(performance.now() - started).toBeLessThan(1_000);
});

test('files are found through folders and links, each path once, and loops of links end', async () => {
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  for (const name of ['top.log', 'a/one.log', 'a/b/two.log', 'a/b/other.txt', 'a/.hidden.log']) writeFileSync(join(folder, name), '');
  symlinkSync(folder, join(folder, 'a/loop'));
  symlinkSync(join(folder, 'a/b/two.log'), join(folder, 'link.log'));

  const { paths } = await findFiles([`${folder}/**/*.log`, `${folder}/top.log`].flatMap(parseGlob), AbortSignal.timeout(20_000));

  expect([...paths].map((path) => path.slice(folder.length + 1)).sort()).toEqual(['a/b/two.log', 'a/one.log', 'link.log', 'top.log']);
});
