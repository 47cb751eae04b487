// The Standard Webhooks signature: HMAC-SHA256 over `id.timestamp.body`, base64, in `webhook-signature` as `v1,<mac>`.
// The secret is `whsec_` and base64. Receivers, the demo and the tests use verifySignature; it compares in constant time
// and refuses old or future timestamps, so that a recorded message cannot be played again later.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import type { Random } from '../../proto/runtime/clock.ts';

const secretPrefix = 'whsec_';
const secretBytes = 32;
const toleranceSeconds = 300;

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

export function newSecret(random: Random): string {
  return secretPrefix + Buffer.from(random.bytes(secretBytes)).toString('base64');
}

export function signMessage({ id, body, secret, nowMs }: { id: string; body: string; secret: string; nowMs: number }): SignedHeaders {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const mac = macOf(`${id}.${timestamp}.${body}`, secret);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac.toString('base64')}` };
}

export type Verified = { readonly ok: true } | { readonly ok: false; readonly reason: 'headers' | 'timestamp' | 'signature' };

/** `body` is the text exactly as received, before any parsing. */
export function verifySignature(message: {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  readonly secret: string;
  readonly nowMs: number;
}): Verified {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = message.headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return { ok: false, reason: 'headers' };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'timestamp' };
  if (Math.abs(message.nowMs / 1_000 - Number(timestamp)) > toleranceSeconds) return { ok: false, reason: 'timestamp' };
  const wanted = macOf(`${id}.${timestamp}.${message.body}`, message.secret);
  // During a rotation a sender may put several signatures, separated by spaces.
  const isSigned = signatures
    .split(' ')
    .slice(0, 10)
    .some((one) => isSame(one, wanted));
  return isSigned ? { ok: true } : { ok: false, reason: 'signature' };
}

function isSame(signature: string, wanted: Buffer): boolean {
  if (!signature.startsWith('v1,')) return false;
  const given = Buffer.from(signature.slice(3), 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function macOf(text: string, secret: string): Buffer {
  const key = secret.startsWith(secretPrefix) ? Buffer.from(secret.slice(secretPrefix.length), 'base64') : Buffer.alloc(0);
  if (key.length < 16)
    throw new AtalaiaError('WEBHOOK_SECRET_INVALID', 'a webhook secret is whsec_ followed by at least 16 bytes in base64');
  return createHmac('sha256', key).update(text).digest();
}
