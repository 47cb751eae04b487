// The memory settings that the launcher gives a built agent. Beside a copy of it lies a program that tells what it was given.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'atl-launcher-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const telling = `let text = '';
for await (const chunk of process.stdin) text += chunk;
const { MALLOC_MMAP_THRESHOLD_: threshold } = process.env;
console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2), threshold, text }));
process.exit(3);
`;

interface Launched {
  readonly told: unknown;
  readonly pid: number;
  readonly code: number | null;
}

function launched(name: 'agent' | 'hub', env: Readonly<Record<string, string>> = {}): Launched {
  copyFileSync(join(import.meta.dirname, 'launcher.mjs'), join(folder, `${name}.js`));
  writeFileSync(join(folder, `${name}-main.js`), telling);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('MALLOC_')));
  const options = { input: 'a token', encoding: 'utf8', env: { ...inherited, ...env } } as const;
  const { stdout, pid, status } = spawnSync(process.execPath, [join(folder, `${name}.js`), 'run', '--data', 'x y'], options);
  return { told: JSON.parse(stdout), pid, code: status };
}

test.runIf(process.platform === 'linux')('an agent begins again with memory settings: same process, arguments, input and exit code', () => {
  const { told, pid, code } = launched('agent');

  expect(told).toEqual({ pid, args: ['run', '--data', 'x y'], threshold: '262144', text: 'a token' });
  expect(code).toBe(3);
});

test('memory settings of the operator are left alone', () => {
  expect(launched('agent', { MALLOC_MMAP_THRESHOLD_: '1000000' }).told).toMatchObject({ threshold: '1000000' });
});

test('a hub keeps the memory settings of the system', () => {
  expect(launched('hub').told).not.toHaveProperty('threshold');
});
