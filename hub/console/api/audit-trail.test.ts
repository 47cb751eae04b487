import { expect, test } from 'vitest';
import { systemClock, systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import { memoryState } from '../../state/memory-state.ts';
import { AuditTrail, auditAgeMsMax } from './audit-trail.ts';

const start = Date.UTC(2026, 10, 24);

function trailAt(nowMs: () => number) {
  const clock: Clock = { ...systemClock, nowMs };
  return new AuditTrail(memoryState(), clock, systemRandom);
}

function step(action: string) {
  return { actor: 'ana', address: '192.0.2.7', action, object: 'ticket/1' };
}

test('entries of one millisecond come back in the order in which they happened, newest first', async () => {
  const trail = trailAt(() => start);
  const actions = Array.from({ length: 40 }, (_, at) => `step.${at}`);

  for (const action of actions) await trail.note(step(action), 'done', '');

  expect((await trail.list({ limit: 100, after: '' })).map(({ action }) => action)).toEqual(actions.toReversed());
});

test('a page that ends within a millisecond goes on where it ended', async () => {
  const trail = trailAt(() => start);
  for (const action of ['a', 'b', 'c']) await trail.note(step(action), 'done', '');

  const first = await trail.list({ limit: 2, after: '' });
  const second = await trail.list({ limit: 2, after: first.at(-1)?.id ?? '' });

  expect([...first, ...second].map(({ action }) => action)).toEqual(['c', 'b', 'a']);
});

test('what is recorded twice under one key is one entry, whatever was recorded between', async () => {
  const trail = trailAt(() => start);
  const entry = {
    atMs: start,
    actor: { id: 'hub', name: 'hub', role: 'system', address: '' },
    action: 'ticket.open',
    object: 'ticket/1',
    before: '',
    after: 'new',
  } as const;

  await trail.record(entry, 'ticket/1');
  await trail.note(step('between'), 'done', '');
  await trail.record(entry, 'ticket/1');

  expect((await trail.list({ limit: 10, after: '' })).filter(({ action }) => action === 'ticket.open')).toHaveLength(1);
});

test('entries past the age limit are swept, younger ones stay', async () => {
  let nowMs = start;
  const trail = trailAt(() => nowMs);
  await trail.note(step('old'), 'done', '');
  nowMs = start + auditAgeMsMax + 1_000;
  await trail.note(step('new'), 'done', '');

  expect(await trail.sweep()).toBe(1);
  expect((await trail.list({ limit: 10, after: '' })).map(({ action }) => action)).toEqual(['new']);
});
