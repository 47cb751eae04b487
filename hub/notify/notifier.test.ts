import { expect, test } from 'vitest';
import { SteppedClock, settle, stepUntil } from '../../proto/runtime/testing/stepped-clock.ts';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { hubActor } from '../ports.ts';
import type { Actor, AlertNotice, AuditEntry, Level } from '../ports.ts';
import { memoryState } from '../state/memory-state.ts';
import type { MemoryState } from '../state/memory-state.ts';
import { Notifier } from './notifier.ts';
import { secretSeal } from './secret-seal.ts';
import { verifySignature } from './signature.ts';
import type { SendOutcome, WebhookRequest, WebhookSender } from './send-webhook.ts';

const by: Actor = { id: 'u1', name: 'Ana', role: 'operator', address: '192.0.2.1' };
const wish = { name: 'chat', url: 'https://hooks.example/x', isEnabled: true, minimumLevel: 'low' as const };
const fine: SendOutcome = { status: 204, problem: '', retryAfterMs: 0 };
const down: SendOutcome = { status: 503, problem: 'answered 503', retryAfterMs: 0 };

function notice(ordinal = 0, level: Level = 'high'): AlertNotice {
  const alert = { id: 'a'.repeat(32), ruleId: 'r', title: 't', level, tags: [], group: [], constituency: 'main', status: 'open' as const };
  const rest = {
    verdict: undefined,
    assignee: '',
    ticketId: '',
    count: 1,
    firstMs: 1,
    lastMs: 1,
    createdMs: 1,
    closedMs: 0,
    transitionCount: 1,
  };
  const transition = {
    ordinal,
    kind: 'opened' as const,
    atMs: 1,
    by: { ...hubActor, address: '192.0.2.77' },
    level,
    before: '',
    after: '',
    comment: '',
  };
  return { alert: { ...alert, ...rest }, transition };
}

interface World {
  readonly clock: SteppedClock;
  readonly sent: WebhookRequest[];
  readonly entries: AuditEntry[];
  notifier: Notifier;
  answer: (request: WebhookRequest) => Promise<SendOutcome>;
  start(): void;
  stop(): Promise<void>;
}

interface Given {
  readonly state?: MemoryState;
  readonly waitingMax?: number;
  readonly key?: Uint8Array;
}

async function world({ state = memoryState(), waitingMax, key = new Uint8Array(32) }: Given = {}): Promise<World> {
  const clock = new SteppedClock();
  const sent: WebhookRequest[] = [];
  const entries: AuditEntry[] = [];
  let stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const sender: WebhookSender = {
    send: async (request) => {
      sent.push(request);
      return await self.answer(request);
    },
    close: async () => undefined,
  };
  const audit = { record: async (entry: AuditEntry) => void entries.push(entry) };
  const notifier = await Notifier.open({
    state,
    clock,
    random: { unit: () => 0.5, bytes: (count) => systemRandom.bytes(count) },
    audit,
    sender,
    seal: secretSeal(key, systemRandom),
    onFailure: () => undefined,
    ...(waitingMax === undefined ? {} : { waitingMax }),
  });
  const self: World = {
    clock,
    sent,
    entries,
    notifier,
    answer: async () => fine,
    start() {
      stop = new AbortController();
      running = notifier.run(stop.signal);
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
  return self;
}

test('State holds no secret in the clear, also where an earlier version had written one', async () => {
  const state = memoryState();
  const before = await world({ state });
  const { webhook, secret } = await before.notifier.create(wish, by);
  const found = await state.get<{ readonly secret: string }>(`webhook/${webhook.id}`);
  await state.put(`webhook/${webhook.id}`, { ...found?.value, secret }, found?.revision ?? 0);

  const w = await world({ state });
  w.start();
  await w.notifier.enqueue(notice());
  await stepUntil(w.clock, () => w.sent.length === 1);
  await w.stop();

  expect(found?.value.secret).not.toContain(secret.slice(6));
  expect(JSON.stringify(await state.list(''))).not.toContain(secret.slice(6));
  const [message] = w.sent;
  const { headers = {}, body = '' } = message ?? {};
  expect(verifySignature({ headers: { ...headers }, body, secret, nowMs: w.clock.nowMs() })).toEqual({ ok: true });
});

test('with another key nothing is sent unsigned: the webhook is named, its messages wait and say why, a new secret heals it', async () => {
  const state = memoryState();
  const { webhook } = await (await world({ state })).notifier.create(wish, by);
  const w = await world({ state, key: new Uint8Array(32).fill(7) });
  w.start();
  await w.notifier.enqueue(notice());
  await stepUntil(w.clock, () => w.notifier.get(webhook.id)?.lastProblem !== '');

  expect(w.notifier.unreadable()).toEqual(['chat']);
  expect(w.notifier.get(webhook.id)).toMatchObject({ waitingCount: 1, lastProblem: expect.stringContaining('make a new one') });
  expect(w.sent).toEqual([]);
  await w.notifier.rotateSecret(webhook.id, by);
  await stepUntil(w.clock, () => w.sent.length === 1);
  await w.stop();
  expect(w.notifier.unreadable()).toEqual([]);
});

test('no audit entry tells the path of an address: chat services put their secret there', async () => {
  const w = await world();
  const { webhook } = await w.notifier.create({ ...wish, url: 'https://hooks.example/services/T0KEN' }, by);
  await w.notifier.change(webhook.id, { ...wish, url: 'https://other.example/T0KEN' }, by);
  await w.notifier.remove(webhook.id, by);

  expect(JSON.stringify(w.entries)).not.toContain('T0KEN');
  expect(w.entries.map(({ before, after }) => [before, after])).toEqual([
    ['', 'hooks.example'],
    ['hooks.example', 'other.example'],
    ['other.example', ''],
  ]);
});

test('a notice reaches every endpoint that wants its level, once, each under an id of its own', async () => {
  const w = await world();
  await w.notifier.create(wish, by);
  await w.notifier.create({ ...wish, minimumLevel: 'high' }, by);
  await w.notifier.create({ ...wish, minimumLevel: 'critical' }, by);
  await w.notifier.create({ ...wish, isEnabled: false }, by);
  w.start();

  await w.notifier.enqueue(notice());
  await w.notifier.enqueue(notice());
  await stepUntil(w.clock, () => w.sent.length === 2);
  await w.clock.step(3_600_000);
  await w.stop();

  expect(w.sent).toHaveLength(2);
  expect(new Set(w.sent.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
});

test('a message says who and never from which address, and no answer of the room shows a secret again', async () => {
  const w = await world();
  const { secret, webhook } = await w.notifier.create(wish, by);
  w.start();
  await w.notifier.enqueue(notice());
  await stepUntil(w.clock, () => w.sent.length === 1);
  await w.stop();

  const shown = JSON.stringify([
    w.notifier.list(),
    w.notifier.get(webhook.id),
    w.notifier.deliveries(webhook.id, { state: 'all', limit: 9 }),
    w.entries,
  ]);

  expect(secret).toMatch(/^whsec_.{40,}/);
  expect(shown).not.toContain(secret.slice(6));
  expect(w.sent[0]?.body).toContain('"by":"Atalaia"');
  expect(w.sent[0]?.body).not.toContain('192.0.2.77');
});

test('a receiver that is down is tried with growing pauses under the same id until it answers', async () => {
  const w = await world();
  const { webhook } = await w.notifier.create(wish, by);
  w.answer = async () => (w.sent.length < 4 ? down : fine);
  w.start();
  await w.notifier.enqueue(notice());

  await stepUntil(w.clock, () => w.notifier.get(webhook.id)?.deliveredCount === 1, { stepMs: 1_000 });
  await w.stop();

  expect(new Set(w.sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const times = w.sent.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect(times.slice(1).map((time, at) => time - (times[at] ?? 0))).toEqual([
    expect.closeTo(4, -0.5),
    expect.closeTo(7.5, -0.5),
    expect.closeTo(15, -0.5),
  ]);
});

test('a clock that is set back by an hour holds up neither a message that was never tried nor one that failed', async () => {
  const w = await world();
  await w.notifier.create(wish, by);
  w.answer = async () => (w.sent.length === 1 ? down : fine);
  await w.notifier.enqueue(notice());

  w.clock.setBack(3_600_000);
  w.start();
  await w.clock.step(1_000);
  const sentFirst = w.sent.length;
  w.clock.setBack(3_600_000);
  await w.clock.step(60_000);
  await w.stop();

  expect([sentFirst, w.sent.length]).toEqual([1, 2]);
});

test('a receiver that stays away makes a dead letter within a day; replayed it arrives under the same id', async () => {
  const w = await world();
  const { webhook } = await w.notifier.create(wish, by);
  w.answer = async () => down;
  w.start();
  await w.notifier.enqueue(notice());
  await stepUntil(w.clock, () => w.notifier.get(webhook.id)?.deadCount === 1, { stepMs: 60_000, stepsMax: 1_441 });
  const [dead] = w.notifier.deliveries(webhook.id, { state: 'dead', limit: 10 });
  expect(dead).toMatchObject({ attempts: 14, lastStatus: 503, lastProblem: 'answered 503', nextAttemptMs: 0 });
  w.answer = async () => fine;

  expect(await w.notifier.replay(webhook.id, dead?.id ?? '', by)).toBe(true);
  await stepUntil(w.clock, () => w.notifier.get(webhook.id)?.deliveredCount === 1);
  await w.stop();

  expect(new Set(w.sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(await w.notifier.replay(webhook.id, dead?.id ?? '', by)).toBe(false);
});

test('a receiver that is gone for good is not tried again', async () => {
  const w = await world();
  const { webhook } = await w.notifier.create(wish, by);
  w.answer = async () => ({ status: 410, problem: 'answered 410', retryAfterMs: 0 });
  w.start();
  await w.notifier.enqueue(notice());

  await stepUntil(w.clock, () => w.notifier.get(webhook.id)?.deadCount === 1);
  await w.stop();

  expect(w.sent).toHaveLength(1);
});

test('one receiver that hangs holds up no other', async () => {
  const w = await world();
  const hanging = await w.notifier.create({ ...wish, url: 'https://slow.example/' }, by);
  const quick = await w.notifier.create(wish, by);
  const gate = Promise.withResolvers<SendOutcome>();
  w.answer = (request) => (request.url.includes('slow') ? gate.promise : Promise.resolve(fine));
  w.start();

  for (let ordinal = 0; ordinal < 50; ordinal++) await w.notifier.enqueue(notice(ordinal));
  await stepUntil(w.clock, () => w.notifier.get(quick.webhook.id)?.deliveredCount === 50);

  expect(w.notifier.get(hanging.webhook.id)?.waitingCount).toBe(50);
  expect(w.sent.filter(({ url }) => url.includes('slow'))).toHaveLength(2);
  gate.resolve(down);
  await w.stop();
});

test('what was enqueued before a crash is sent after it', async () => {
  const state = memoryState();
  const before = await world({ state });
  await before.notifier.create(wish, by);
  await before.notifier.enqueue(notice());

  const after = await world({ state: state.crash() });
  await after.notifier.enqueue(notice());
  after.start();
  await stepUntil(after.clock, () => after.sent.length === 1);
  await after.clock.step(3_600_000);
  await after.stop();

  expect(after.sent).toHaveLength(1);
});

test('stopping in the middle of an attempt costs no attempt', async () => {
  const state = memoryState();
  const w = await world({ state });
  const { webhook } = await w.notifier.create(wish, by);
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<SendOutcome>();
  w.answer = () => {
    reached.resolve();
    return gate.promise;
  };
  w.start();
  await w.notifier.enqueue(notice());
  await settle();
  await reached.promise;

  const stopped = w.stop();
  gate.resolve({ status: 0, problem: 'the hub stopped while sending', retryAfterMs: 0 });
  await stopped;

  expect(w.notifier.deliveries(webhook.id, { state: 'waiting', limit: 1 })).toMatchObject([{ attempts: 0 }]);
});

test('a queue that is full makes dead letters with the reason instead of growing', async () => {
  const w = await world({ waitingMax: 3 });
  const { webhook } = await w.notifier.create(wish, by);

  for (let ordinal = 0; ordinal < 5; ordinal++) await w.notifier.enqueue(notice(ordinal));

  expect(w.notifier.get(webhook.id)).toMatchObject({ waitingCount: 3, deadCount: 2 });
  expect(w.notifier.deliveries(webhook.id, { state: 'dead', limit: 1 })).toMatchObject([
    { lastProblem: '3 messages wait for this webhook already' },
  ]);
});

test('a new secret ends the old one, a removed webhook takes its messages along, all with audit entries', async () => {
  const state = memoryState();
  const w = await world({ state });
  const { webhook, secret } = await w.notifier.create(wish, by);
  await w.notifier.enqueue(notice());
  const rotated = await w.notifier.rotateSecret(webhook.id, by);
  expect(rotated?.secret).not.toBe(secret);

  expect(await w.notifier.remove(webhook.id, by)).toBe(true);

  expect(await state.list('delivery/')).toEqual([]);
  expect(w.entries.map(({ action }) => action)).toEqual(['webhook.create', 'webhook.rotate', 'webhook.remove']);
  expect(await w.notifier.change(webhook.id, wish, by)).toBeUndefined();
});

test.each([
  ['http://hooks.example/', 'WEBHOOK_INVALID'],
  ['https://user:secret@hooks.example/', 'WEBHOOK_INVALID'],
  ['https://10.0.0.1/', 'WEBHOOK_ADDRESS_REFUSED'],
  ['https://[::ffff:127.0.0.1]/', 'WEBHOOK_ADDRESS_REFUSED'],
  ['https://0x7f000001/', 'WEBHOOK_ADDRESS_REFUSED'],
  ['file:///etc/passwd', 'WEBHOOK_INVALID'],
  ['no url', 'WEBHOOK_INVALID'],
])('an address that will not do is refused when it is entered: %s', async (url, code) => {
  const w = await world();

  await expect(w.notifier.create({ ...wish, url }, by)).rejects.toMatchObject({ code });

  expect(w.notifier.list()).toEqual([]);
});

test('a private address and plain http can be allowed for one webhook; link-local stays refused', async () => {
  const w = await world();

  expect(await w.notifier.create({ ...wish, url: 'http://127.0.0.1:9/', allowPrivate: true }, by)).toMatchObject({
    webhook: { allowPrivate: true },
  });
  await expect(w.notifier.create({ ...wish, url: 'http://169.254.169.254/', allowPrivate: true }, by)).rejects.toMatchObject({
    code: 'WEBHOOK_ADDRESS_REFUSED',
  });
});

test('a test message is sent at once and says what came back', async () => {
  const w = await world();
  const { webhook } = await w.notifier.create(wish, by);
  w.answer = async () => down;

  expect(await w.notifier.test(webhook.id, by)).toMatchObject({ event: 'test', state: 'dead', attempts: 1, lastProblem: 'answered 503' });
  expect(await w.notifier.test('nobody', by)).toBeUndefined();
});
