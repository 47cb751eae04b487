// The built programs, as a person who installed them meets them: from another folder, and under the oldest Node of this
// machine (Node 26 itself where there is no older one).
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oldestNode } from './testing/oldest-node.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'atalaia-build-'));
const dist = join(folder, 'dist');
const agent = join(dist, 'agent.js');
const hub = join(dist, 'hub.js');
const node = oldestNode();

function withInput(args: readonly string[], input: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(node.path, args, { cwd: folder, input, encoding: 'utf8', env: { PATH: '' } });
}

const started: ChildProcess[] = [];

async function startHub(): Promise<{ readonly launcher: ChildProcess; readonly console: string }> {
  const data = join(folder, 'data');
  const launcher = spawn(node.path, [hub, 'run', '--data', data, '--console', '127.0.0.1:0', '--agents', '127.0.0.1:0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(launcher);
  for await (const line of createInterface({ input: launcher.stdout })) {
    const console = /^console\s+(\S+)/.exec(line)?.[1];
    if (console === undefined) continue;
    await untilRunning(data);
    return { launcher, console };
  }
  throw new Error('the hub ended before it said where its console is');
}

/** Running means: the worker threads and the engine were loaded and answered. */
async function untilRunning(data: string): Promise<void> {
  const status = async (): Promise<unknown> =>
    JSON.parse((await run(process.execPath, [hub, 'status', '--data', data], { cwd: folder })).stdout);
  const running = { pipeline: { state: 'running', lastFailure: '' }, store: { isUp: true }, rules: { refused: 0 } };
  await expect.poll(status, { timeout: 20_000, interval: 200 }).toMatchObject(running);
}

beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await run(process.execPath, [join(root, 'scripts', 'build.ts'), '--out', dist], { cwd: folder });
});

afterAll(() => {
  for (const launcher of started) launcher.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('the built agent checks the example configuration that lies beside it', () => {
  const { status, stdout, stderr } = withInput([agent, 'validate', join(dist, 'agent.yaml')], '');

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, kind: 'configuration' });
});

test('the built agent holds nothing that only takes memory: comments, translations, what node:http brings when it is imported', () => {
  const program = readFileSync(join(dist, 'agent-main.js'));

  // One letter beyond ASCII, and V8 keeps all of the text at two bytes a character.
  expect(program.findIndex((byte) => byte > 0x7f)).toBe(-1);
  expect(program.includes('Ongeldige')).toBe(false);
  expect(program.toString('latin1')).not.toMatch(/^import\b[^;]*"node:http"/m);
});

test('the built hub finds its decoders: a line on standard input comes out as an event', () => {
  const line = 'Nov 24 10:00:00 web1 sshd[811]: Failed password for root from 203.0.113.8 port 40122 ssh2\n';

  const { status, stdout } = withInput([hub, 'decode'], line);

  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ source_type: 'openssh', event: { 'source.ip': '203.0.113.8', 'event.outcome': 'failure' } });
});

test('the rules are shipped with their tests, and load in the built hub', () => {
  const { status, stderr } = withInput([hub, 'rules', 'check', join(dist, 'rules')], '');

  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^[1-9]\d* rules load, 0 are refused$/m) });
  expect(readdirSync(join(dist, 'rules', 'linux'))).toContain('ssh-guessing.test.yml');
});

test('a wrong call keeps its exit code and its complaint through the launcher', () => {
  expect(withInput([hub, 'nonsense'], '')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('there is no command') });
});

test('the built hub runs with worker, engine and pages, and stops when its launcher is asked to', async () => {
  const { launcher, console: url } = await startHub();

  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<script type="module"');
  launcher.kill('SIGTERM');

  expect(await once(launcher, 'exit')).toEqual([0, null]);
});

test('a folder with files that are no earlier build is left alone', () => {
  const other = mkdtempSync(join(folder, 'other-'));
  writeFileSync(join(other, 'letter.txt'), 'dear reader');

  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts'), '--out', other], { encoding: 'utf8' });

  expect(status).not.toBe(0);
  expect(stderr).toContain('is not an earlier build');
  expect(readdirSync(other)).toEqual(['letter.txt']);
});

test('the names that package.json gives to the programs are files of the build', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };

  expect(Object.values(bin).map((path) => path.replace('dist/', ''))).toEqual(['agent.js', 'hub.js']);
  expect(readdirSync(dist)).toEqual(expect.arrayContaining(['agent.js', 'hub.js']));
});
