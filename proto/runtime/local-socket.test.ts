import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AtalaiaError } from './errors.ts';
import { localSocketPath } from './local-path.ts';
import { askLocal, openLocalSocket } from './local-socket.ts';
import { followLocal } from './local-stream.ts';

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

test('an answer that goes on is told line by line until the asker leaves, and the program learns that', async () => {
  const gone = Promise.withResolvers<void>();
  const socket = await openLocalSocket(folder, 'agent', {
    count: async function* (wish, left) {
      left.addEventListener('abort', () => gone.resolve());
      for (let i = 0; !left.aborted; i++) yield { wish, i };
    },
  });

  const told: unknown[] = [];
  for await (const one of (await followLocal(folder, { program: 'agent', ask: 'count', wish: 'é' }))!) if (told.push(one) === 3) break;
  await gone.promise;
  await socket.close();

  expect(told).toEqual([0, 1, 2].map((i) => ({ wish: 'é', i })));
});

test('a program that stops ends what it was telling', async () => {
  const socket = await openLocalSocket(folder, 'agent', {
    wait: async function* (_wish, left) {
      yield 'begun';
      await new Promise((resolve) => left.addEventListener('abort', resolve));
    },
  });
  const answer = (await followLocal(folder, { program: 'agent', ask: 'wait' }))!;

  expect(await answer.next()).toEqual({ done: false, value: 'begun' });
  const end = answer.next();
  await socket.close();

  expect(await end).toEqual({ done: true, value: undefined });
  expect(await followLocal(folder, { program: 'agent', ask: 'wait' })).toBeUndefined();
});

test('what fails in the middle is told as an error', async () => {
  const socket = await openLocalSocket(folder, 'agent', {
    fail: async function* () {
      yield 1;
      throw new AtalaiaError('TIRED', 'no more');
    },
  });

  const told: unknown[] = [];
  for await (const one of (await followLocal(folder, { program: 'agent', ask: 'fail' }))!) told.push(one);

  expect(told).toEqual([1, { error: 'no more', code: 'TIRED' }]);
  await socket.close();
});
