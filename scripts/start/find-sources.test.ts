import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadAgentConfig } from '../../config/agent-config.ts';
import { findSources, writeAgentConfig, type Host } from './find-sources.ts';
import { freePort } from './free-port.ts';
import { listenTaken } from './testing/listen-taken.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const hostWith = (files: readonly string[], { journal = false } = {}): Host => {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'a line\n');
  }
  return { logs: folder, hasJournal: () => journal };
};
const told = (host: Host): string[] =>
  findSources([], { withSystem: true, host }).sources.map(({ told }) => told.replaceAll(`${folder}/`, ''));

test('a named file is followed from its beginning, one that is not there yet is waited for', () => {
  writeFileSync(join(folder, 'app.log'), 'a line\n');
  const { sources } = findSources([join(folder, 'app.log'), join(folder, 'later.log')], { withSystem: false });

  expect(sources.map(({ told }) => told)).toEqual([
    `${join(folder, 'app.log')} (from the beginning)`,
    `${join(folder, 'later.log')} (not there yet)`,
  ]);
});

test('a host whose syslog daemon has not written of sign-ins yet is followed there too, and no line twice', () => {
  expect(told(hostWith(['syslog', 'kern.log'], { journal: true }))).toEqual([
    'syslog, messages (from the beginning)',
    'auth.log, secure (not there yet)',
  ]);
});

test('without a syslog daemon the journal is followed, and the logs of servers beside it', () => {
  expect(told(hostWith(['nginx/access.log', 'nginx/error.log'], { journal: true }))).toEqual([
    'the journal of systemd',
    'nginx/*.log (from the beginning)',
  ]);
});

test('logs whose lines mean nothing alone are read as what they are', () => {
  const host = hostWith(['zeek/conn.log', 'audit/audit.log'], { journal: true });
  const { sources } = findSources([], { withSystem: true, host });

  expect(sources.map(({ source }) => [source.id, source.records])).toEqual([
    ['journal', undefined],
    ['zeek', 'zeek'],
    ['audit', 'audit'],
  ]);
  expect(loadAgentConfig(writeAgentConfig(folder, { sources, hub: 'wss://localhost:7443' })).policy.sources).toHaveLength(3);
});

test('a host with neither is waited for', () => {
  expect(told(hostWith([]))).toEqual(['syslog, messages (not there yet)', 'auth.log, secure (not there yet)', 'kern.log (not there yet)']);
});

test.skipIf(process.getuid?.() === 0)('a log that this user may not read is told', () => {
  const host = hostWith(['syslog', 'auth.log']);
  chmodSync(join(folder, 'auth.log'), 0);

  expect(findSources([], { withSystem: true, host }).closed).toEqual([join(folder, 'auth.log')]);
});

test('the configuration that is made for the agent is one that the agent takes, for its user alone', () => {
  const { sources } = findSources([join(folder, 'app.log')], { withSystem: true, host: hostWith(['nginx/access.log']) });
  const path = writeAgentConfig(folder, { sources, hub: 'wss://localhost:7443' });

  const config = loadAgentConfig(path);
  expect(config.policy.sources.map(({ id }) => id)).toEqual(['syslog', 'auth', 'kernel', 'nginx', 'tail-1']);
  expect(config.fence.paths).toContain(join(folder, '**'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a port that was asked for and is taken is named; the usual one makes room for the next', async () => {
  const { port, close } = await listenTaken();
  await expect(freePort(String(port), 1, '--port')).rejects.toThrow(`--port ${port}: another program listens there`);
  expect(await freePort(undefined, port, '--port')).toBeGreaterThan(port);
  await expect(freePort('http', 1, '--port')).rejects.toThrow(/expected a port/);
  await close();
});
