import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HostRoot } from './host-root.ts';
import { IncludedFiles } from './included-files.ts';
import { makeHost, type MadeFiles } from './testing/made-host.ts';

/** Reads files whose lines are targets of includes or words; answers the words in the order they are read in, and the problems. */
function readAll(files: MadeFiles): { words: string[]; problems: Record<string, string> } {
  const root = makeHost(files);
  const host = new HostRoot(root);
  const included = new IncludedFiles(host);
  const words: string[] = [];
  const read = (path: string): void =>
    included.read(path, (text) => {
      for (const line of text.split('\n')) {
        if (line.startsWith('< ')) for (const file of included.named(line.slice(2), '/etc/app')) read(file);
        else if (line !== '') words.push(line);
      }
    });
  read('/etc/app/main');
  rmSync(root, { recursive: true });
  return { words, problems: Object.fromEntries(host.problems) };
}

test('what is included is read where the include stands: a file, a glob, all files of a folder', () => {
  const { words, problems } = readAll({
    'etc/app/main': 'first\n< one\n< /etc/app/conf.d/*.conf\n< more\nlast',
    'etc/app/one': '1',
    'etc/app/conf.d/a.conf': 'a',
    'etc/app/conf.d/b.conf': 'b',
    'etc/app/more/c': 'c',
    'etc/app/more/deeper/d': 'd',
  });

  expect(words).toEqual(['first', '1', 'a', 'b', 'c', 'last']);
  expect(problems).toEqual({});
});

test('a file that includes itself, by itself or in a circle, is read once, and that is told', () => {
  const { words, problems } = readAll({ 'etc/app/main': '< other\nend', 'etc/app/other': 'other\n< main' });

  expect(words).toEqual(['other', 'end']);
  expect(problems).toEqual({ '/etc/app/main': 'includes itself; read once' });
});

test('a file that is included by two is read for both', () => {
  expect(readAll({ 'etc/app/main': '< a\n< b', 'etc/app/a': '< x', 'etc/app/b': '< x', 'etc/app/x': 'x' }).words).toEqual(['x', 'x']);
});

test('a chain without end and a tree of includes are bounded', () => {
  const chain = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`etc/app/${n}`, `at ${n}\n< ${n + 1}`]));
  const tree = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`etc/app/${n}`, `x\n${`< ${n + 1}\n`.repeat(8)}`]));

  const { words, problems } = readAll({ ...chain, 'etc/app/main': '< 0' });
  const { words: ofTree } = readAll({ ...tree, 'etc/app/main': '< 0' });

  expect(words.at(-1)).toBe('at 10');
  expect(problems).toEqual({ '/etc/app/11': 'included too deeply or as one of too many; not read' });
  expect(ofTree.length).toBeLessThanOrEqual(1_000);
});
