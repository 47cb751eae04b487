import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { wordsOf } from './command-words.ts';
import { completionOf } from './completion.ts';
import type { Command } from './read-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'atalaia-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const command = (summary: string, help: string): Command => ({ summary, help, run: async () => 0 });

const table = new Map([
  [
    'tap',
    command(
      'tap [--source ID]      lines as they pass',
      "atalaia-agent tap [--source ID] [--stage read|filtered] [--json]\n\nShows it's lines.\n\n  --source ID    whose lines\n  --data FOLDER   where: it's there\n",
    ),
  ],
  ['buffer', command('buffer inspect      what waits', 'atalaia-agent buffer inspect|export [--data FOLDER]\n')],
  ['validate', command('validate FILE      check', 'atalaia-agent validate FILE\n')],
]);

test('sub-commands, options, their values and files are read from the help', () => {
  const [tap, buffer, validate] = [...table].map(([name, entry]) => wordsOf(name, entry));

  expect(tap).toMatchObject({ says: 'lines as they pass', verbs: [], takesFile: false });
  expect(tap?.options).toEqual([
    { name: '--source', value: 'ID', says: 'whose lines' },
    { name: '--stage', value: 'read|filtered', says: '' },
    { name: '--json', value: '', says: '' },
    { name: '--data', value: 'FOLDER', says: "where: it's there" },
  ]);
  expect(buffer).toMatchObject({ verbs: ['inspect', 'export'], takesFile: false });
  expect(validate).toMatchObject({ verbs: [], options: [], takesFile: true });
});

async function scriptFor(shell: string): Promise<string> {
  const output = new PassThrough({ encoding: 'utf8' });
  const io = { input: output, output, errors: output, environment: {}, workingFolder: folder };
  await completionOf(() => table).run([shell], io);
  output.end();
  return text(output);
}

const completes = (line: string): string => `COMP_WORDS=(${line} "")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_atalaia_agent; echo "\${COMPREPLY[*]}"`;

test.each([
  ['atalaia-agent', 'tap buffer validate help'],
  ['atalaia-agent tap', '--source --stage --json --data --help'],
  ['atalaia-agent tap --stage', 'read filtered'],
  ['atalaia-agent tap --source', ''],
  ['atalaia-agent buffer', 'inspect export --data --help'],
  ['atalaia-agent help', 'tap buffer validate'],
])('in bash, behind `%s` come: %s', async (line, words) => {
  const script = `${await scriptFor('bash')}\n${completes(line)}\n`;

  const { stdout, stderr } = spawnSync('bash', ['--norc'], { input: script, encoding: 'utf8' });

  expect({ stdout, stderr }).toEqual({ stdout: `${words}\n`, stderr: '' });
});

describe.each(['bash', 'zsh', 'fish'])('the completion for %s', (shell) => {
  const isAbsent = spawnSync(shell, ['-c', 'true']).status !== 0;

  test.skipIf(isAbsent)(`is a script that the shell can read (skipped without it: apt-get install ${shell})`, async () => {
    const path = join(folder, shell);
    writeFileSync(path, await scriptFor(shell));

    expect(spawnSync(shell, ['-n', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

test('a shell that is not known is a wrong call', async () => {
  await expect(scriptFor('tcsh')).rejects.toThrow(/bash\|zsh\|fish/);
});
