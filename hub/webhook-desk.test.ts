import { beforeEach, expect, test } from 'vitest';
import { stepUntil } from '../proto/runtime/testing/stepped-clock.ts';
import { workOutbox } from './alert/alert-outbox.ts';
import { finding } from './alert/finding.fixture.ts';
import type { WebhookDesk } from './console/api/ports.ts';
import { deliveryView, webhookSecret, webhookView } from './console/api/shapes.ts';
import { ana, deskRooms, type DeskRooms } from './testing/desk-rooms.ts';
import { webhookDesk } from './webhook-desk.ts';

let rooms: DeskRooms;
let desk: WebhookDesk;
const wish = { name: 'chat', url: 'https://hooks.example.org/a', isEnabled: true, minimumLevel: 'low' } as const;
const all = { state: 'all', limit: 100 } as const;

beforeEach(async () => {
  rooms = await deskRooms();
  desk = webhookDesk(rooms.notifier);
});

/** An alert goes through its outbox, and what is due is sent. */
async function tellOfAnAlert(): Promise<void> {
  const { alerts, tickets, notifier, audit, clock, random } = rooms;
  await alerts.apply(1, [finding()]);
  const [alert] = alerts.list().alerts;
  await workOutbox(alert?.id ?? '', {
    alerts,
    openTicket: async (found) => (await tickets.fromAlert(found)).id,
    enqueue: (notice) => notifier.enqueue(notice),
    audit,
    clock,
    random,
    onFailure: () => undefined,
  });
}

async function sendUntil(fact: () => boolean, stepMs = 50): Promise<void> {
  const stop = new AbortController();
  const running = rooms.notifier.run(stop.signal);
  await stepUntil(rooms.clock, fact, { stepMs });
  stop.abort();
  await running;
}

test('what the desk answers is what the API promises, field by field', async () => {
  const made = await desk.create(wish, ana);
  const { id } = made.webhook;

  expect(webhookSecret.strict().parse(made)).toEqual(made);
  expect(webhookView.strict().parse(await desk.get(id))).toEqual(made.webhook);
  expect(await desk.list()).toEqual([made.webhook]);
  const sent = await desk.test(id, ana);
  expect(deliveryView.strict().parse(sent)).toEqual(sent);
  expect(await desk.deliveries(id, all)).toEqual([sent]);
});

test('a secret is in the answers of creation and rotation and in no other', async () => {
  const { secret, webhook } = await desk.create(wish, ana);
  const rotated = await desk.rotateSecret(webhook.id, ana);
  await desk.test(webhook.id, ana);

  const shown = [await desk.list(), await desk.get(webhook.id), await desk.deliveries(webhook.id, all)];
  const changed = await desk.change(webhook.id, { ...wish, name: 'chat 2' }, ana);
  const everything = JSON.stringify([shown, changed, await rooms.trail(), rotated?.webhook]);

  expect(secret).toMatch(/^whsec_/);
  expect(rotated?.secret).not.toBe(secret);
  for (const one of [secret, rotated?.secret ?? '']) expect(everything).not.toContain(one.slice(6));
});

test('a test message is sent at once and answered with what the receiver said; a failed one is not tried again', async () => {
  const { webhook } = await desk.create(wish, ana);
  expect(await desk.test(webhook.id, ana)).toMatchObject({
    state: 'delivered',
    event: 'test',
    attempts: 1,
    lastStatus: 204,
    lastProblem: '',
  });
  rooms.answer = { status: 503, problem: 'answered 503', retryAfterMs: 0 };

  expect(await desk.test(webhook.id, ana)).toMatchObject({ state: 'dead', attempts: 1, lastStatus: 503, nextAttemptMs: 0 });
  expect(rooms.sent.map(({ url }) => url)).toEqual([wish.url, wish.url]);
  expect(await desk.get(webhook.id)).toMatchObject({ deliveredCount: 1, deadCount: 1, lastProblem: 'answered 503' });
});

test('a dead letter is listed, sent again under its id, and then is none any more', async () => {
  const { webhook } = await desk.create(wish, ana);
  rooms.answer = { status: 410, problem: 'answered 410', retryAfterMs: 0 };
  await tellOfAnAlert();
  await sendUntil(() => rooms.sent.length === 1);
  const [dead] = await desk.deliveries(webhook.id, { state: 'dead', limit: 10 });
  rooms.answer = { status: 204, problem: '', retryAfterMs: 0 };

  expect(await desk.replay(webhook.id, dead?.id ?? '', ana)).toBe(true);
  await sendUntil(() => rooms.sent.length === 2);

  expect(new Set(rooms.sent.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([dead?.id]));
  expect(await desk.replay(webhook.id, dead?.id ?? '', ana)).toBe(false);
  expect(await desk.deliveries(webhook.id, { state: 'dead', limit: 10 })).toEqual([]);
});

test('a webhook that is switched off or wants more is told nothing', async () => {
  await desk.create({ ...wish, isEnabled: false }, ana);
  await desk.create({ ...wish, minimumLevel: 'critical' }, ana);
  const { webhook } = await desk.create({ ...wish, url: 'https://hooks.example.org/b' }, ana);
  await tellOfAnAlert();
  await sendUntil(() => rooms.sent.length > 0);

  expect(rooms.sent.map(({ url }) => url)).toEqual([webhook.url]);
});

test('a private address is refused until it is allowed, and stays allowed when a change does not speak of it', async () => {
  const inside = { ...wish, url: 'http://192.168.7.9:8065/hook' };
  await expect(desk.create(inside, ana)).rejects.toMatchObject({ code: expect.stringMatching(/_(INVALID|REFUSED)$/) });

  const { webhook } = await desk.create({ ...inside, allowPrivate: true }, ana);

  expect(await desk.change(webhook.id, { ...inside, name: 'chat here' }, ana)).toMatchObject({ name: 'chat here', allowPrivate: true });
  await expect(desk.change(webhook.id, { ...inside, allowPrivate: false }, ana)).rejects.toMatchObject({ code: 'WEBHOOK_INVALID' });
  expect(await desk.get(webhook.id)).toMatchObject({ allowPrivate: true });
});

test.each([['f'.repeat(16)], ['no such one'], ['../users'], ['']])(
  'a webhook "%s" that does not exist is answered as such',
  async (absent) => {
    expect(await desk.get(absent)).toBeUndefined();
    expect(await desk.change(absent, wish, ana)).toBeUndefined();
    expect(await desk.rotateSecret(absent, ana)).toBeUndefined();
    expect(await desk.test(absent, ana)).toBeUndefined();
    expect(await desk.remove(absent, ana)).toBe(false);
    expect(await desk.replay(absent, `msg_${'0'.repeat(32)}`, ana)).toBe(false);
    expect(await desk.deliveries(absent, all)).toEqual([]);
  },
);

test('a removed webhook takes its messages with it', async () => {
  const { webhook } = await desk.create(wish, ana);
  await desk.test(webhook.id, ana);

  expect(await desk.remove(webhook.id, ana)).toBe(true);

  expect(await desk.list()).toEqual([]);
  expect(await rooms.state.list('delivery/')).toEqual([]);
});
