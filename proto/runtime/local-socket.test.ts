import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AtalaiaError } from './errors.ts';
import { askLocal, localSocketPath, openLocalSocket } from './local-socket.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a running agent answers, its socket is for its user alone, and it is gone when the agent stops', async () => {
  let asked = 0;
  const socket = await openLocalSocket(folder, 'agent', { status: () => ({ asked: ++asked }) });

  expect(await askLocal(folder, { program: 'agent', ask: 'status' })).toEqual({ asked: 1 });
  expect(await askLocal(folder, { program: 'agent', ask: 'status' })).toEqual({ asked: 2 });
  expect(await askLocal(folder, { program: 'agent', ask: '__proto__' })).toEqual({ error: 'ask one of status', code: 'USAGE' });
  expect(statSync(localSocketPath(folder, 'agent')).mode & 0o777).toBe(0o600);
  await socket.close();

  expect(existsSync(localSocketPath(folder, 'agent'))).toBe(false);
  expect(await askLocal(folder, { program: 'agent', ask: 'status' })).toBeUndefined();
});

test('a second agent on the same folder is refused, and a socket left behind is replaced', async () => {
  writeFileSync(localSocketPath(folder, 'agent'), '');
  const socket = await openLocalSocket(folder, 'agent', { status: () => 'first' });

  await expect(openLocalSocket(folder, 'agent', { status: () => 'second' })).rejects.toThrow(/another agent already runs on .*; stop it/);
  expect(await askLocal(folder, { program: 'agent', ask: 'status' })).toBe('first');
  await socket.close();
});

test('a question without end or without sense harms nobody', async () => {
  const socket = await openLocalSocket(folder, 'agent', { status: () => 'well' });
  const closed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const client = connect(localSocketPath(folder, 'agent'), () => client.write(text));
      client.on('error', () => undefined);
      client.on('data', () => undefined);
      client.on('close', () => resolve());
    });

  await closed('x'.repeat(10_000));
  await closed('not json\n');

  expect(await askLocal(folder, { program: 'agent', ask: 'status' })).toBe('well');
  await socket.close();
});

test('a data folder whose socket path is too long is told with the remedy', () => {
  expect(() => localSocketPath(`/${'long/'.repeat(40)}`, 'agent')).toThrow(/use a shorter data folder/);
});

test('what comes with a question reaches its answer, and an answer that fails is told as a text with its code', async () => {
  const answers = {
    echo: async (wish: unknown) => ({ wish }),
    fail: () => Promise.reject(new AtalaiaError('TOKEN_LIFE', 'a token lives at most 30 days')),
  };
  const socket = await openLocalSocket(folder, 'hub', answers);

  expect(await askLocal(folder, { program: 'hub', ask: 'echo', wish: { days: 3 } })).toEqual({ wish: { days: 3 } });
  expect(await askLocal(folder, { program: 'hub', ask: 'fail' })).toEqual({ error: 'a token lives at most 30 days', code: 'TOKEN_LIFE' });
  expect(await askLocal(folder, { program: 'agent', ask: 'echo' })).toBeUndefined();
  await socket.close();
});
