import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askLocal, localSocketPath, openLocalSocket } from './local-socket.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a running agent answers, its socket is for its user alone, and it is gone when the agent stops', async () => {
  let asked = 0;
  const socket = await openLocalSocket(folder, { status: () => ({ asked: ++asked }) });

  expect(await askLocal(folder, 'status')).toEqual({ asked: 1 });
  expect(await askLocal(folder, 'status')).toEqual({ asked: 2 });
  expect(await askLocal(folder, '__proto__')).toEqual({ error: 'ask one of status' });
  expect(statSync(localSocketPath(folder)).mode & 0o777).toBe(0o600);
  await socket.close();

  expect(existsSync(localSocketPath(folder))).toBe(false);
  expect(await askLocal(folder, 'status')).toBeUndefined();
});

test('a second agent on the same folder is refused, and a socket left behind is replaced', async () => {
  writeFileSync(localSocketPath(folder), '');
  const socket = await openLocalSocket(folder, { status: () => 'first' });

  await expect(openLocalSocket(folder, { status: () => 'second' })).rejects.toThrow(/an agent already runs on .*; stop it/);
  expect(await askLocal(folder, 'status')).toBe('first');
  await socket.close();
});

test('a question without end or without sense harms nobody', async () => {
  const socket = await openLocalSocket(folder, { status: () => 'well' });
  const closed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const client = connect(localSocketPath(folder), () => client.write(text));
      client.on('error', () => undefined);
      client.on('data', () => undefined);
      client.on('close', () => resolve());
    });

  await closed('x'.repeat(10_000));
  await closed('not json\n');

  expect(await askLocal(folder, 'status')).toBe('well');
  await socket.close();
});

test('a data folder whose socket path is too long is told with the remedy', () => {
  expect(() => localSocketPath(`/${'long/'.repeat(40)}`)).toThrow(/use a shorter data folder/);
});
