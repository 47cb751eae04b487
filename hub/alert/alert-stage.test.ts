import { expect, test } from 'vitest';
import type { Actor, Alert } from '../ports.ts';
import { memoryState } from '../state/memory-state.ts';
import type { MemoryState } from '../state/memory-state.ts';
import { AlertStage } from './alert-stage.ts';
import type { AlertLimits } from './alert-limits.ts';
import { finding } from './finding.fixture.ts';
import { problemFinding } from './problem-finding.ts';

const by: Actor = { id: 'u1', name: 'Ana', role: 'tier1', address: '192.0.2.1' };
let nowMs = 1_000_000;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() };

async function stageOn(state: MemoryState, limits: Partial<AlertLimits> = {}): Promise<AlertStage> {
  return await AlertStage.open({ state, clock, limits });
}

async function documents(stage: AlertStage): Promise<Alert[]> {
  const alerts = await Promise.all(stage.list().alerts.map(({ id }) => stage.get(id)));
  return alerts.flatMap((alert) => alert ?? []);
}

test('an alert grows instead of repeating: count, first, last, evidence and distinct values', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding({ at: 2_000 }), finding({ at: 1_000 })]);
  await stage.apply(2, [finding({ at: 5_000, fields: { 'user.name': 'admin' } })]);

  const [alert, ...others] = await documents(stage);

  expect(others).toEqual([]);
  expect(alert).toMatchObject({ count: 3, firstMs: 1_000, lastMs: 5_000, appliedWrite: 2, transitionCount: 1 });
  expect(alert?.fields['user.name']).toEqual(['root', 'admin']);
  expect(alert?.evidence).toHaveLength(3);
});

test('all findings of one write reach all their alerts in one synced write', async () => {
  const state = memoryState();
  const stage = await stageOn(state);

  await stage.apply(
    1,
    Array.from({ length: 50 }, (_, at) => finding({ from: `203.0.113.${at}` })),
  );

  expect(stage.list().total).toBe(50);
  expect(state.writes).toBe(1);
});

test('a write that is applied again changes nothing, not even after its alert was closed', async () => {
  const state = memoryState();
  const stage = await stageOn(state);
  await stage.apply(7, [finding()]);
  const [alert] = await documents(stage);
  await stage.decide(alert?.id ?? '', { is: 'close', verdict: 'false-positive' }, { by, expectedTransitions: 1 });

  const restarted = await stageOn(state.crash());
  await restarted.apply(7, [finding()]);

  expect(restarted.list()).toMatchObject({ total: 1, alerts: [{ status: 'closed', count: 1 }] });
});

test('after closing, the next write of the same group opens a new alert with an id of its own', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(7, [finding()]);
  const [alert] = await documents(stage);
  await stage.decide(alert?.id ?? '', { is: 'close', verdict: 'true-positive' }, { by, expectedTransitions: 1 });

  await stage.apply(8, [finding()]);

  expect(stage.list().total).toBe(2);
  expect(new Set(stage.list().alerts.map(({ id }) => id)).size).toBe(2);
});

test('an hour of event time without a finding ends the alert, the next one is new', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding({ at: 1_000 })]);
  await stage.apply(2, [finding({ at: 3_601_000 })]);
  expect(stage.list().total).toBe(1);

  await stage.apply(3, [finding({ at: 7_201_001 })]);

  expect(stage.list().total).toBe(2);
});

test('a higher level later is a transition of its own, a lower one changes nothing', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding({ level: 'low' })]);
  await stage.apply(2, [finding({ level: 'critical' })]);
  await stage.apply(3, [finding({ level: 'medium' })]);

  const [alert] = await documents(stage);

  expect(alert?.level).toBe('critical');
  expect(alert?.transitions.map(({ kind, ordinal }) => [kind, ordinal])).toEqual([
    ['opened', 0],
    ['level-raised', 1],
  ]);
});

test('true, false and true again are three transitions, and an outdated decision is shown what happened', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding()]);
  const id = stage.list().alerts[0]?.id ?? '';
  for (const [seen, verdict] of [
    [1, 'true-positive'],
    [2, 'false-positive'],
    [3, 'true-positive'],
  ] as const) {
    expect(await stage.decide(id, { is: 'verdict', verdict }, { by, expectedTransitions: seen })).toMatchObject({ is: 'done' });
  }

  const late = await stage.decide(id, { is: 'verdict', verdict: 'undetermined' }, { by, expectedTransitions: 2 });

  expect(late).toMatchObject({ is: 'changed-meanwhile', alert: { verdict: 'true-positive', transitionCount: 4 } });
  expect((await stage.get(id))?.transitions.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
});

test('an alert that grows while somebody looks at it can still be judged', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding()]);
  const id = stage.list().alerts[0]?.id ?? '';
  await stage.apply(2, [finding({ at: 2_000 })]);

  const answer = await stage.decide(id, { is: 'assign', assignee: 'u1' }, { by, expectedTransitions: 1 });

  expect(answer).toMatchObject({ is: 'done', alert: { count: 2, assignee: 'u1' } });
});

test('a decision that makes no sense is refused with the reason', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding()]);
  const id = stage.list().alerts[0]?.id ?? '';

  expect(await stage.decide(id, { is: 'reopen' }, { by, expectedTransitions: 1 })).toMatchObject({ is: 'refused', reason: /open already/ });
  expect(await stage.decide('nobody', { is: 'reopen' }, { by, expectedTransitions: 1 })).toEqual({ is: 'absent' });
});

test('an alert that is closed without a word counts as undetermined', async () => {
  const stage = await stageOn(memoryState());
  await stage.apply(1, [finding()]);

  const answer = await stage.decide(stage.list().alerts[0]?.id ?? '', { is: 'close' }, { by, expectedTransitions: undefined });

  expect(answer).toMatchObject({ is: 'done', alert: { status: 'closed', verdict: 'undetermined' } });
});

test('later writes wait until a failed one went through, so that skipping by number loses nothing', async () => {
  const state = memoryState();
  const stage = await stageOn(state);
  state.failNextPut('before');
  await expect(stage.apply(1, [finding()])).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED' });

  await expect(stage.apply(2, [finding({ at: 2_000 })])).rejects.toMatchObject({ code: 'ALERT_BEHIND', isRetryable: true });
  await stage.apply(1, [finding()]);
  await stage.apply(2, [finding({ at: 2_000 })]);

  expect(stage.list().alerts[0]?.count).toBe(2);
});

test('a write that failed after it took effect is not counted twice', async () => {
  const state = memoryState();
  const stage = await stageOn(state);
  state.failNextPut('after');
  await expect(stage.apply(1, [finding()])).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED' });

  await stage.apply(1, [finding()]);

  expect(stage.list()).toMatchObject({ total: 1, alerts: [{ count: 1 }] });
});

test('a flood of groups ends in one overflow alert of the rule, also when the write is applied again', async () => {
  const state = memoryState();
  const stage = await stageOn(state, { groupsPerRuleMax: 5 });
  const flood = Array.from({ length: 40 }, (_, at) => finding({ from: `198.51.100.${at}` }));
  await stage.apply(1, flood);

  const restarted = await stageOn(state.crash(), { groupsPerRuleMax: 5 });
  await restarted.apply(1, flood);
  await restarted.apply(2, [finding({ from: '192.0.2.99', ruleId: 'other-rule' })]);

  expect(restarted.list().total).toBe(7);
  const overflow = restarted.list({ text: 'further groups' }).alerts[0];
  expect(overflow).toMatchObject({ count: 35, title: 'SSH password guessing (further groups)' });
});

test('a replay does not take a group out of the overflow alert because somebody closed another meanwhile', async () => {
  const state = memoryState();
  const stage = await stageOn(state, { groupsPerRuleMax: 1 });
  const findings = [finding({ from: '192.0.2.1' }), finding({ from: '192.0.2.2' })];
  await stage.apply(1, findings);
  const own = stage.list({ text: '192.0.2.1' }).alerts[0]?.id ?? '';
  await stage.decide(own, { is: 'close', verdict: 'false-positive' }, { by, expectedTransitions: 1 });

  const restarted = await stageOn(state.crash(), { groupsPerRuleMax: 5 });
  await restarted.apply(1, findings);

  expect(restarted.list().total).toBe(2);
});

test('hostile findings make a bounded document: huge lines, values, groups and tags', async () => {
  const stage = await stageOn(memoryState());
  const nasty = '\u0001\ud800"\\'.repeat(5_000);
  for (let write = 1; write <= 60; write++) {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`f${at}.${nasty.slice(0, 90)}`, `${write}${nasty}`]));
    const group = [{ field: nasty, value: nasty }];
    await stage.apply(write, [finding({ at: write, raw: nasty, fields, group, title: nasty, tags: [`${write}${nasty}`] })]);
  }

  const [alert] = await documents(stage);

  expect(alert?.count).toBe(60);
  expect(alert?.evidence[0]).toMatchObject({ isCut: true, timeMs: 1 });
  expect(alert?.evidence.at(-1)?.timeMs).toBe(60);
  expect((alert?.evidence.length ?? 0) + (alert?.evidenceOmitted ?? 0)).toBe(60);
  expect(Buffer.byteLength(JSON.stringify(alert))).toBeLessThan(256 * 1024);
});

test('closed alerts leave after their time, open ones and those that owe a notification stay', async () => {
  const stage = await stageOn(memoryState(), { closedKeepMs: 1_000 });
  await stage.apply(1, [finding({ from: '192.0.2.1' }), finding({ from: '192.0.2.2' }), finding({ from: '192.0.2.3' })]);
  const [first, second] = stage.list().alerts;
  for (const alert of [first, second]) {
    await stage.decide(alert?.id ?? '', { is: 'close', verdict: 'false-positive' }, { by, expectedTransitions: 1 });
  }
  await stage.settle(first?.id ?? '', [0, 1], '');
  expect(await stage.expire()).toBe(0);
  nowMs += 2_000;

  expect(await stage.expire()).toBe(1);

  expect(stage.list().total).toBe(2);
  expect(await stage.get(first?.id ?? '')).toBeUndefined();
});

test('a problem of the hub itself grows like any other alert', async () => {
  const stage = await stageOn(memoryState());
  const down = {
    name: 'store-down',
    title: 'Event store is down',
    level: 'high' as const,
    about: [{ field: 'service.name', value: 'store' }],
  };

  await stage.raise([problemFinding({ ...down, atMs: 1_000, detail: 'exit 137' })]);
  await stage.raise([problemFinding({ ...down, atMs: 2_000, detail: 'exit 139' })]);

  expect(stage.list()).toMatchObject({ total: 1, alerts: [{ ruleId: 'atalaia-store-down', count: 2 }] });
});

test('the queue can be filtered and paged, newest first', async () => {
  const stage = await stageOn(memoryState());
  for (let at = 1; at <= 7; at++)
    await stage.apply(at, [finding({ at: at * 1_000, from: `192.0.2.${at}`, level: at % 2 ? 'low' : 'high' })]);

  const first = stage.list({ limit: 3 });
  const second = stage.list({ limit: 3, ...(first.next ? { after: first.next } : {}) });

  expect(first.alerts.map(({ lastMs }) => lastMs)).toEqual([7_000, 6_000, 5_000]);
  expect(second.alerts.map(({ lastMs }) => lastMs)).toEqual([4_000, 3_000, 2_000]);
  expect(stage.list({ levelMin: 'high' }).total).toBe(3);
  expect(stage.list({ text: '192.0.2.4' }).total).toBe(1);
  expect(stage.list({ sinceMs: 6_000 }).total).toBe(2);
});

test('a decision whose write was reported as failed and is there all the same is passed on', async () => {
  const state = memoryState();
  const stage = await stageOn(state);
  await stage.apply(1, [finding()]);
  const [alert] = await documents(stage);
  const id = alert?.id ?? '';
  await stage.settle(id, [0], '');
  const stop = new AbortController();
  const pending = stage.pending(stop.signal);
  await pending.next();
  state.failNextPut('after');

  await expect(stage.decide(id, { is: 'assign', assignee: 'ana' }, { by, expectedTransitions: 1 })).rejects.toMatchObject({
    code: 'STATE_WRITE_FAILED',
  });

  expect(await pending.next()).toEqual({ done: false, value: id });
  stop.abort();
});
