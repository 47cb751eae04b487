// The hub as its operator meets it: real processes, wrong calls, taken ports, newer data, a stop.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { version } from './commands/version.ts';
import { askHub, hubStatus, startHub } from '../scripts/programs/site.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const free = { console: '127.0.0.1:0', agents: '127.0.0.1:0' } as const;
const main = new URL('main.ts', import.meta.url).pathname;

function call(...args: readonly string[]): { readonly status: number | null; readonly out: string; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 25_000 });
  const said = stderr
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n')
    .trim();
  return { status, out: stdout, said };
}

const run = (...args: readonly string[]) => call('run', '--data', folder, '--console', free.console, '--agents', free.agents, ...args);

test('the version is that of the package', () => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ version });
  expect(call('--version').out.trim()).toBe(version);
});

test('a running hub answers, keeps its first password for its owner, refuses a second hub, and stops when asked', async () => {
  const hub = await startHub({ data: folder, ...free });
  try {
    expect(await hubStatus(folder)).toMatchObject({ version, pipeline: { lastFailure: '' }, store: { isUp: true } });
    expect(statSync(join(folder, 'first-password')).mode & 0o777).toBe(0o600);
    expect(run()).toMatchObject({ status: 1, said: expect.stringContaining('another hub already runs on') });
    const token = call('token', 'create', '--note', 'web1', '--data', folder);
    expect(token.out.trim()).toMatch(/^atl1\./);
    expect(token.said).toContain('atalaia-agent enroll --hub wss://');
    const secret = call('webhook', 'create', '--url', 'http://127.0.0.1:9/alerts', '--level', 'low', '--allow-private', '--data', folder);
    expect(secret).toMatchObject({ status: 0, said: expect.stringContaining('sends alerts from level low') });
    expect(secret.out).toMatch(/^whsec_\S+\n$/);
    const refused = call('webhook', 'create', '--url', 'http://127.0.0.1:9/alerts', '--data', folder);
    expect(refused).toMatchObject({ status: 1, out: '', said: expect.stringContaining('allow private') });
    expect(call('search', '(', '--data', folder)).toMatchObject({ status: 2, said: expect.stringContaining('  (\n   ^') });
    expect(call('search', 'nothing', '--data', folder)).toMatchObject({ status: 0, out: '' });
    expect(await askHub(folder, 'audit')).toMatchObject({ code: 'USAGE' });
  } finally {
    await hub.stop();
  }
  expect(await hub.exited).toEqual({ code: 0, signal: null });
  expect(existsSync(join(folder, 'hub.sock'))).toBe(false);
}, 90_000);

test('a question to a hub that does not run says how to start one', () => {
  expect(call('status', '--data', folder)).toMatchObject({ status: 1, said: expect.stringMatching(/no hub runs on .*atalaia-hub run/) });
});

test.each([
  ['unknown key', 'version: 1\nagent: {}\n', /hub\.yaml:2:1: unknown key `agent`; did you mean `agents`/],
  ['wrong type', 'version: 1\nstore: { retention: 90 }\n', /hub\.yaml:2:21.*expected a duration/],
  ['bad YAML', 'version: 1\nconsole: [\n', /hub\.yaml:3:1: bad YAML/],
])('a configuration with %s is told with its place and the remedy, exit 2', (_, text, said) => {
  const file = join(folder, 'hub.yaml');
  writeFileSync(file, text);
  expect(run('--config', file)).toMatchObject({ status: 2, said: expect.stringMatching(said) });
});

test('a configuration that is not there is named', () => {
  expect(run('--config', join(folder, 'none.yaml'))).toMatchObject({ status: 2, said: expect.stringContaining('there is no such file') });
});

test('data of a newer version is left alone', () => {
  mkdirSync(join(folder, 'state'), { recursive: true });
  writeFileSync(join(folder, 'state', 'version.json'), '{"version":99}');
  expect(run()).toMatchObject({ status: 1, said: expect.stringMatching(/format 99, this program reads up to 1; nothing was touched/) });
});

test('a taken port is named with the remedy, and the password is not lost by it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const refused = run('--console', `127.0.0.1:${port}`);
    expect(refused).toMatchObject({ status: 2, said: expect.stringMatching(/another program listens there; .*--console/) });
    expect(existsSync(join(folder, 'first-password'))).toBe(false);
  } finally {
    server.close();
  }
  const hub = await startHub({ data: folder, ...free });
  await hub.stop();
  expect(existsSync(join(folder, 'first-password'))).toBe(true);
}, 90_000);

test('the console does not listen beyond loopback without TLS', () => {
  expect(run('--console', '0.0.0.0:0')).toMatchObject({ status: 2, said: expect.stringContaining('without TLS') });
});
