// The launcher before small programs of this file, under the oldest Node of this machine. Where there is none before 26 the
// program runs in the launcher's own process, and the same must hold.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { oldestNode } from './testing/oldest-node.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'atalaia-launcher-'));
const node = oldestNode();
const isOlder = node.major < 26;
const started: Launched[] = [];
const programs: number[] = [];

type Launched = ChildProcessByStdio<null, Readable, null>;

function write(name: string, text: string): string {
  copyFileSync(join(root, 'scripts', 'launcher.mjs'), join(folder, `${name}.js`));
  writeFileSync(join(folder, `${name}-main.js`), text);
  return join(folder, `${name}.js`);
}

/** A program that says its pid and the signals that it gets, and ends with 7 at the second. */
const waiting = `
  let seen = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => { console.log(signal); if (++seen === 2) process.exit(7); });
  setInterval(() => {}, 1_000);
  console.log(process.pid);
`;

async function startWaiting(): Promise<{ readonly launcher: Launched; readonly pid: number }> {
  const launcher = spawn(node.path, [write('waiting', waiting)], { stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(launcher);
  launcher.stdout.setEncoding('utf8');
  const pid = Number(await nextText(launcher));
  programs.push(pid);
  return { launcher, pid };
}

async function nextText(launcher: Launched): Promise<string> {
  const [text] = await once(launcher.stdout, 'data');
  return String(text).trim();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

beforeAll(() => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});

afterEach(() => {
  for (const launcher of started.splice(0)) launcher.kill('SIGKILL');
  // A launcher that fails its test may leave its program behind.
  for (const pid of programs.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the program gets the arguments and standard input as they are, and runs on Node 26', () => {
  const echo = write(
    'echo',
    `import { readFileSync } from 'node:fs';
     console.log(JSON.stringify([process.versions.node.split('.')[0], process.argv.slice(2), readFileSync(0, 'utf8')]));`,
  );

  const { status, stdout, stderr } = spawnSync(node.path, [echo, '--a=b c', '', '*'], {
    input: 'a line',
    encoding: 'utf8',
    env: { PATH: '' },
  });

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual(['26', ['--a=b c', '', '*'], 'a line']);
});

test('the exit code of the program is the exit code of the launcher', () => {
  expect(spawnSync(node.path, [write('exits', 'process.exitCode = 3;')])).toMatchObject({ status: 3, signal: null });
});

test('a program that a signal ends ends its launcher by the same signal', () => {
  expect(spawnSync(node.path, [write('dies', `process.kill(process.pid, 'SIGKILL');`)])).toMatchObject({ status: null, signal: 'SIGKILL' });
});

test('each signal arrives once', async () => {
  const { launcher } = await startWaiting();

  launcher.kill('SIGINT');
  expect(await nextText(launcher)).toBe('SIGINT');
  launcher.kill('SIGTERM');
  expect(await nextText(launcher)).toBe('SIGTERM');

  expect(await once(launcher, 'exit')).toEqual([7, null]);
});

test('a program ends when its launcher is killed', async () => {
  const { launcher, pid } = await startWaiting();

  launcher.kill('SIGKILL');

  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test.runIf(isOlder)('without a Node 26 in reach the launcher says what it looked for and the remedy', () => {
  const lonely = mkdtempSync(join(tmpdir(), 'atalaia-lonely-'));
  copyFileSync(join(root, 'scripts', 'launcher.mjs'), join(lonely, 'agent.mjs'));

  const { status, stderr } = spawnSync(node.path, [join(lonely, 'agent.mjs')], { encoding: 'utf8' });
  rmSync(lonely, { recursive: true });

  expect(status).toBe(1);
  expect(stderr).toMatch(/runs on Node 26; this is v2\d.*node_modules\/\.bin\/node.*npm install/s);
});
