import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock, systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import { AtalaiaError, UsageError } from '../../../proto/runtime/errors.ts';
import { memoryConsole, signInAs, testPassword, type MemoryConsole } from '../testing/memory-console.ts';
import { MemoryState } from '../testing/memory-state.ts';
import { checkListen } from './listen.ts';
import { sessionLimits } from './sessions.ts';
import { signInLimits } from './sign-in-limits.ts';
import { ensureFirstAdministrator } from './users.ts';

let it: MemoryConsole;
let nowMs: number;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: (ms, signal) => systemClock.sleep(ms, signal) };

beforeEach(async () => {
  nowMs = 1_795_500_000_000;
  it = await memoryConsole({ clock });
});
afterEach(() => it.app.close());

const attempt = (name: string, password: string, headers: Record<string, string> = {}) =>
  it.app.inject({ method: 'POST', url: '/api/v1/session', payload: { name, password }, headers });

test('signing in sets a cookie that no script can read and no other site can send', async () => {
  const answer = await attempt('analyst', testPassword);

  expect(answer.statusCode).toBe(200);
  expect(answer.cookies[0]).toMatchObject({ name: 'atalaia', httpOnly: true, sameSite: 'Strict', path: '/' });
  expect(answer.json()).toMatchObject({ user: { name: 'analyst', role: 'analyst' } });
});

test('over TLS the cookie never leaves it, and no other name can set it', async () => {
  const console = await memoryConsole({ clock, isTls: true });

  const answer = await console.app.inject({ method: 'POST', url: '/api/v1/session', payload: { name: 'viewer', password: testPassword } });

  expect(answer.cookies[0]).toMatchObject({ name: '__Host-atalaia', secure: true, path: '/' });
  expect(answer.headers['strict-transport-security']).toContain('max-age=31536000');
  await console.app.close();
});

test('an unknown name and a wrong password get the same answer', async () => {
  const unknown = await attempt('nobody', 'wrong');
  const wrong = await attempt('analyst', 'wrong');

  expect(unknown.statusCode).toBe(401);
  expect(unknown.json()).toEqual(wrong.json());
});

test('after too many failures an address waits, even with the right password, and may go on later', async () => {
  for (let count = 0; count < signInLimits.perAddressMax; count++) await attempt('analyst', 'wrong');

  const blocked = await attempt('analyst', testPassword);
  nowMs += signInLimits.windowMs;
  const later = await attempt('analyst', testPassword);

  expect(blocked.statusCode).toBe(429);
  expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
  expect(later.statusCode).toBe(200);
});

test('a session from before the sign-in is not the session after it', async () => {
  const before = await signInAs(it.app, 'viewer');

  const again = await attempt('analyst', testPassword, { cookie: before.cookie });

  expect(`atalaia=${again.cookies[0]?.value}`).not.toBe(before.cookie);
  expect((await before.call('GET', '/api/v1/overview')).statusCode).toBe(401);
});

test('a session ends when it is idle, and after a working day however busy', async () => {
  const idle = await signInAs(it.app, 'viewer');
  nowMs += sessionLimits.idleMsMax;
  expect((await idle.call('GET', '/api/v1/overview')).statusCode).toBe(401);

  const busy = await signInAs(it.app, 'viewer');
  const endMs = nowMs + sessionLimits.ageMsMax;
  for (nowMs += 3_600_000; nowMs < endMs; nowMs += 3_600_000) {
    expect((await busy.call('GET', '/api/v1/overview')).statusCode).toBe(200);
  }
  nowMs = endMs;
  expect((await busy.call('GET', '/api/v1/overview')).statusCode).toBe(401);
});

test('a change without the token, or from another site, is refused and nothing is changed', async () => {
  const { cookie, session } = await signInAs(it.app, 'analyst');
  const url = `/api/v1/alerts/${it.world.alerts[0]?.id}/close`;
  const send = (headers: Record<string, string>) => it.app.inject({ method: 'POST', url, payload: {}, headers: { cookie, ...headers } });
  const token = { 'x-atalaia-csrf': session.csrfToken };

  const answers = [
    await send({}),
    await send({ 'x-atalaia-csrf': 'x'.repeat(43) }),
    await send({ ...token, origin: 'http://evil.example' }),
    await send({ ...token, origin: 'null' }),
    await send({ ...token, 'sec-fetch-site': 'cross-site' }),
  ];

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403, 403]);
  expect(it.world.alerts[0]?.status).toBe('open');
  expect((await send({ ...token, origin: 'http://localhost:80' })).statusCode).toBe(200);
});

test('a request under another name is refused before it is read (DNS rebinding)', async () => {
  const answer = await it.app.inject({ url: '/api/v1/session', headers: { host: 'rebound.example' } });

  expect(answer.statusCode).toBe(421);
});

test('every answer carries the strict headers', async () => {
  const answer = await it.app.inject('/api/v1/session');

  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(answer.headers['content-security-policy']).not.toContain('unsafe');
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
});

test('while the disk is full whoever is signed in sees what is wrong, and a change is refused with the reason', async () => {
  const { state } = it.ports;
  const analyst = await signInAs(it.app, 'analyst');
  nowMs += sessionLimits.touchIntervalMs;
  state.put = () => Promise.reject(new AtalaiaError('DISK_FULL', 'no space left in /data', { isRetryable: true }));

  const health = await analyst.call('GET', '/api/v1/health');
  const change = await analyst.call('POST', `/api/v1/alerts/${it.world.alerts[0]?.id}/close`, { verdict: 'false-positive' });

  expect(health.statusCode).toBe(200);
  expect([change.statusCode, change.json<{ code: string }>().code]).toEqual([503, 'DISK_FULL']);
});

test('changing the password ends the other sessions and keeps this one', async () => {
  const here = await signInAs(it.app, 'analyst');
  const elsewhere = await signInAs(it.app, 'analyst');

  const wrong = await here.call('PUT', '/api/v1/session/password', { current: 'not it', next: 'a new long password' });
  const right = await here.call('PUT', '/api/v1/session/password', { current: testPassword, next: 'a new long password' });

  expect([wrong.statusCode, right.statusCode]).toEqual([422, 204]);
  expect((await here.call('GET', '/api/v1/overview')).statusCode).toBe(200);
  expect((await elsewhere.call('GET', '/api/v1/overview')).statusCode).toBe(401);
  expect((await attempt('analyst', 'a new long password')).statusCode).toBe(200);
});

test('with a given password nothing is answered but its change and the sign-out; with the own one everything', async () => {
  const administrator = await signInAs(it.app, 'administrator');
  await administrator.call('PUT', '/api/v1/users/analyst/password', { password: 'given by somebody' });
  const analyst = await signInAs(it.app, 'analyst', 'given by somebody');
  const alert = `/api/v1/alerts/${it.world.alerts[0]?.id}/close`;

  const refused = [
    await analyst.call('GET', '/api/v1/overview'),
    await analyst.call('GET', '/api/v1/events/tail?query='),
    await analyst.call('POST', alert, { verdict: 'false-positive' }),
  ];
  const same = await analyst.call('PUT', '/api/v1/session/password', { current: 'given by somebody', next: 'given by somebody' });
  const own = await analyst.call('PUT', '/api/v1/session/password', { current: 'given by somebody', next: testPassword });

  expect(analyst.session).toMatchObject({ user: { mustChangePassword: true }, actions: ['session.use'] });
  expect(refused.map((answer) => [answer.statusCode, answer.json<{ code: string }>().code])).toEqual(
    refused.map(() => [403, 'PASSWORD_CHANGE_NEEDED']),
  );
  expect(it.world.alerts[0]?.status).toBe('open');
  expect([same.statusCode, same.json<{ code: string }>().code, own.statusCode]).toEqual([422, 'SAME_PASSWORD', 204]);
  expect((await analyst.call('GET', '/api/v1/overview')).statusCode).toBe(200);
});

test('whoever does not want to choose a password may sign out', async () => {
  const administrator = await signInAs(it.app, 'administrator');
  await administrator.call('PUT', '/api/v1/users/analyst/password', { password: 'given by somebody' });
  const analyst = await signInAs(it.app, 'analyst', 'given by somebody');

  expect((await analyst.call('DELETE', '/api/v1/session')).statusCode).toBe(204);
});

test('a disabled person is signed out at once', async () => {
  const administrator = await signInAs(it.app, 'administrator');
  const viewer = await signInAs(it.app, 'viewer');

  await administrator.call('PUT', '/api/v1/users/viewer', { role: 'viewer', isDisabled: true });

  expect((await viewer.call('GET', '/api/v1/overview')).statusCode).toBe(401);
  expect((await attempt('viewer', testPassword)).statusCode).toBe(401);
});

test('the last administrator can be neither demoted nor disabled', async () => {
  const administrator = await signInAs(it.app, 'administrator');

  const answer = await administrator.call('PUT', '/api/v1/users/administrator', { role: 'viewer', isDisabled: false });

  expect(answer.json()).toMatchObject({ status: 409, code: 'LAST_ADMINISTRATOR' });
});

test('the first administrator is made once, with a password that signs in', async () => {
  const state = new MemoryState();
  const cost = { memory: 64, passes: 1, parallelism: 1 };

  const first = await ensureFirstAdministrator(state, systemRandom, { clock, cost });
  const second = await ensureFirstAdministrator(state, systemRandom, { clock, cost });

  expect(first?.name).toBe('admin');
  expect(first?.password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
  expect(second).toBeUndefined();
  expect(JSON.stringify(await state.list(''))).not.toContain(first?.password);
});

test('state keeps no token with which a copy of it could sign in', async () => {
  const { cookie, session } = await signInAs(it.app, 'viewer');

  const kept = JSON.stringify(await it.ports.state.list(''));

  expect(kept).not.toContain(cookie.split('=')[1]);
  expect(kept).not.toContain(session.csrfToken);
});

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['192.0.2.4', false],
  ['::', false],
  ['console.example.org', false],
])('without TLS the console listens on %s: %s', (address, isAllowed) => {
  const attempt = () => checkListen(address, { isTls: false });

  if (isAllowed) expect(attempt).not.toThrow();
  else expect(attempt).toThrow(UsageError);
  expect(() => checkListen(address, { isTls: true })).not.toThrow();
});
