import { expect, test } from 'vitest';
import { SteppedClock, settle, stepUntil } from '../../proto/runtime/testing/stepped-clock.ts';
import type { Actor, Alert, AlertNotice, AuditEntry } from '../ports.ts';
import { memoryState } from '../state/memory-state.ts';
import { runAlertOutbox } from './alert-outbox.ts';
import type { AlertOutboxOptions } from './alert-outbox.ts';
import { AlertStage } from './alert-stage.ts';
import { finding } from './finding.fixture.ts';

const by: Actor = { id: 'u1', name: 'Ana', role: 'tier1', address: '192.0.2.1' };

async function world() {
  const clock = new SteppedClock();
  const alerts = await AlertStage.open({ state: memoryState(), clock });
  const tickets: string[] = [];
  const notices: AlertNotice[] = [];
  const entries = new Map<string, AuditEntry>();
  const failures: string[] = [];
  const steps = {
    openTicket: async ({ id }: Alert): Promise<string> => {
      tickets.push(id);
      return `ticket-of-${id}`;
    },
  };
  const options: AlertOutboxOptions = {
    alerts,
    openTicket: (alert) => steps.openTicket(alert),
    enqueue: async (notice) => void notices.push(notice),
    audit: { record: async (entry, key) => void entries.set(key ?? '', entry) },
    clock,
    random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count) },
    onFailure: ({ alertId }) => void failures.push(alertId),
  };
  const stop = new AbortController();
  const running = runAlertOutbox(options, stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { clock, alerts, tickets, notices, entries, failures, steps, end };
}

test('an alert of level high opens a ticket before its notification goes out, a lower one only notifies', async () => {
  const w = await world();

  await w.alerts.apply(1, [finding({ from: '192.0.2.1', level: 'high' }), finding({ from: '192.0.2.2', level: 'medium' })]);
  await stepUntil(w.clock, () => w.alerts.status().pending === 0 && w.notices.length === 2);
  await settle();
  await w.end();

  expect(w.tickets).toHaveLength(1);
  expect(w.notices.map(({ alert }) => [alert.level, alert.ticketId !== '']).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
    ['high', true],
    ['medium', false],
  ]);
  const alert = await w.alerts.get(w.tickets[0] ?? '');
  expect(alert).toMatchObject({ outbox: [], ticketId: `ticket-of-${w.tickets[0]}` });
});

test('an alert that rises to high later gets its ticket then', async () => {
  const w = await world();
  await w.alerts.apply(1, [finding({ level: 'low' })]);
  await settle();
  expect(w.tickets).toEqual([]);

  await w.alerts.apply(2, [finding({ level: 'critical', at: 2_000 })]);
  await stepUntil(w.clock, () => w.tickets.length === 1);
  await w.end();

  expect(w.notices.map(({ transition }) => transition.kind)).toEqual(['opened', 'level-raised']);
});

test('each decision of a person is told and entered in the audit log, in order', async () => {
  const w = await world();
  await w.alerts.apply(1, [finding()]);
  const id = w.alerts.list().alerts[0]?.id ?? '';
  for (const verdict of ['true-positive', 'false-positive', 'true-positive'] as const) {
    await w.alerts.decide(id, { is: 'verdict', verdict, comment: 'seen' }, { by, expectedTransitions: undefined });
  }

  await stepUntil(w.clock, () => w.notices.length === 4);
  await settle();
  await w.end();

  expect(w.notices.map(({ transition }) => transition.ordinal)).toEqual([0, 1, 2, 3]);
  expect([...w.entries].map(([key, { action, after }]) => [key, action, after])).toEqual([
    [`${id}:1`, 'alert.verdict', 'true-positive: seen'],
    [`${id}:2`, 'alert.verdict', 'false-positive: seen'],
    [`${id}:3`, 'alert.verdict', 'true-positive: seen'],
  ]);
});

test('an alert whose ticket cannot be opened is tried again and holds up no other', async () => {
  const w = await world();
  const working = w.steps.openTicket;
  let isBroken = true;
  w.steps.openTicket = async (alert) => {
    if (isBroken && alert.group[0]?.value.startsWith('198.51')) throw new Error('the ticket store is full');
    return await working(alert);
  };
  const many = Array.from({ length: 40 }, (_, at) => finding({ from: `198.51.100.${at}` }));
  await w.alerts.apply(1, [...many, finding({ from: '192.0.2.9' })]);
  await stepUntil(w.clock, () => w.tickets.length === 1);
  expect(w.failures.length).toBeGreaterThanOrEqual(40);

  isBroken = false;
  await stepUntil(w.clock, () => w.tickets.length === 41, { stepMs: 1_000 });
  await settle();
  await w.end();

  expect(w.notices).toHaveLength(41);
});
