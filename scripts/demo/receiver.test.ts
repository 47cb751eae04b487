import { afterEach, beforeEach, expect, test } from 'vitest';
import { newSecret, signMessage } from '../../hub/notify/signature.ts';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const secret = newSecret(systemRandom);
const body = JSON.stringify({ type: 'alert.opened', data: { alert: { id: 'a1', title: 'Port scan', level: 'medium' } } });

let receiver: Receiver;
beforeEach(async () => {
  receiver = await openReceiver(0);
  receiver.useSecret(secret);
});
afterEach(() => receiver.close());

async function call(text: string, headers: object, path = receiver.url): Promise<number> {
  return (await fetch(path, { method: 'POST', body: text, headers: { ...headers } })).status;
}

function signed(id: string, { by = secret, atMs = Date.now() } = {}): object {
  return signMessage({ id, body, secret: by, nowMs: atMs });
}

test('a message signed with the secret is taken, and listed once however often it comes', async () => {
  expect(await call(body, signed('msg_1'))).toBe(204);
  expect(await call(body, signed('msg_1'))).toBe(204);

  expect(receiver.messages).toEqual([{ id: 'msg_1', type: 'alert.opened', alertId: 'a1', title: 'Port scan', level: 'medium' }]);
});

test.each([
  ['signed with another secret', () => call(body, signed('msg_1', { by: newSecret(systemRandom) }))],
  ['not signed', () => call(body, {})],
  ['altered on its way', () => call(body.replace('medium', 'low'), signed('msg_1'))],
  ['recorded ten minutes ago', () => call(body, signed('msg_1', { atMs: Date.now() - 600_000 }))],
  ['sent to another path', () => call(body, signed('msg_1'), `${receiver.url}/x`)],
])('a message %s is refused', async (_name, send) => {
  expect(await send()).toBe(401);

  expect(receiver.messages).toEqual([]);
  expect(receiver.refused).toBe(1);
});

test('before it knows its secret it asks to be called later', async () => {
  receiver.useSecret('');

  expect(await call(body, signed('msg_1'))).toBe(503);
});
