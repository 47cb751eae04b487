import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadAgentConfig } from '../../config/agent-config.ts';
import { findSources, writeAgentConfig } from './find-sources.ts';
import { freePort } from './free-port.ts';
import { listenTaken } from './testing/listen-taken.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a named file is followed from its beginning, one that is not there yet is waited for', () => {
  writeFileSync(join(folder, 'app.log'), 'a line\n');
  const found = findSources([join(folder, 'app.log'), join(folder, 'later.log')], { withSystem: false });

  expect(found.map(({ told }) => told)).toEqual([
    `${join(folder, 'app.log')} (from its beginning)`,
    `${join(folder, 'later.log')} (not there yet)`,
  ]);
});

test('the configuration that is made for the agent is one that the agent takes, for its user alone', () => {
  const sources = findSources([join(folder, 'app.log')], { withSystem: true });
  const path = writeAgentConfig(folder, { sources, hub: 'wss://localhost:7443' });

  const config = loadAgentConfig(path);
  expect(config.policy.sources.map(({ id }) => id)).toContain('tail-1');
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
