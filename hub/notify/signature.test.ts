import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { newSecret, signMessage, verifySignature } from './signature.ts';

const nowMs = 1_764_000_000_000;
const secret = newSecret(systemRandom);
const body = '{"type":"alert.opened"}';

test('a receiver that follows the convention by the letter comes to the same signature', () => {
  const headers = signMessage({ id: 'msg_1', body, secret, nowMs });

  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = createHmac('sha256', key).update(`msg_1.1764000000.${body}`).digest('base64');
  expect(headers).toEqual({ 'webhook-id': 'msg_1', 'webhook-timestamp': '1764000000', 'webhook-signature': `v1,${wanted}` });
  expect(verifySignature({ headers: { ...headers }, body, secret, nowMs: nowMs + 60_000 })).toEqual({ ok: true });
});

test.each([
  ['another body', { body: `${body} ` }, 'signature'],
  ['another secret', { secret: newSecret(systemRandom) }, 'signature'],
  ['a recording played later', { nowMs: nowMs + 301_000 }, 'timestamp'],
  ['a time to come', { nowMs: nowMs - 301_000 }, 'timestamp'],
  ['another id', { headers: { 'webhook-id': 'msg_2' } }, 'signature'],
  ['a changed time', { headers: { 'webhook-timestamp': '1764000001' } }, 'signature'],
  ['no time', { headers: { 'webhook-timestamp': 'soon' } }, 'timestamp'],
  ['no signature', { headers: { 'webhook-signature': undefined } }, 'headers'],
  ['an unknown scheme', { headers: { 'webhook-signature': 'v2,AAAA' } }, 'signature'],
])('a receiver refuses %s', (_, changed, reason) => {
  const signed = { headers: { ...signMessage({ id: 'msg_1', body, secret, nowMs }) }, body, secret, nowMs };
  const headers: Record<string, string | undefined> = { ...signed.headers, ...('headers' in changed ? changed.headers : {}) };

  expect(verifySignature({ ...signed, ...changed, headers })).toEqual({ ok: false, reason });
});

test('one of several signatures is enough, as during a rotation', () => {
  const headers = signMessage({ id: 'msg_1', body, secret, nowMs });
  const both = { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` };

  expect(verifySignature({ headers: both, body, secret, nowMs })).toEqual({ ok: true });
});

test('a secret that is none is refused', () => {
  expect(() => signMessage({ id: 'msg_1', body, secret: 'hunter2', nowMs })).toThrow(/whsec_/);
});
