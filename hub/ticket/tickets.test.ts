import { expect, test } from 'vitest';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { systemRandom } from '../../proto/runtime/clock.ts';
import type { Actor, Alert, Audit, AuditEntry } from '../ports.ts';
import { memoryState } from '../state/memory-state.ts';
import type { MemoryState } from '../state/memory-state.ts';
import { Tickets } from './tickets.ts';

const by: Actor = { id: 'u1', name: 'Ana', role: 'tier2', address: '' };
const clock = new SteppedClock();

function memoryAudit(): Audit & { readonly entries: Map<string, AuditEntry>; isDown: boolean } {
  const entries = new Map<string, AuditEntry>();
  return {
    entries,
    isDown: false,
    async record(entry, key) {
      if (this.isDown && entry.action !== 'ticket.opened') throw new Error('the audit log is down');
      entries.set(key ?? String(entries.size), entries.get(key ?? '') ?? entry);
    },
  };
}

async function ticketsOn(state: MemoryState, audit: Audit = memoryAudit()): Promise<Tickets> {
  return await Tickets.open({ state, clock, random: systemRandom, audit });
}

const manual = { title: 'Laptop lost', severity: 'high', text: 'Reported by phone', constituency: 'main' } as const;

const alert: Alert = {
  id: 'a'.repeat(32),
  ruleId: 'ssh-guessing',
  ruleVersion: '1',
  title: 'SSH password guessing',
  level: 'high',
  tags: [],
  group: [{ field: 'source.ip', value: '203.0.113.7' }],
  constituency: 'main',
  status: 'open',
  verdict: undefined,
  assignee: '',
  ticketId: '',
  count: 6,
  firstMs: 1,
  lastMs: 2,
  createdMs: 3,
  closedMs: 0,
  transitionCount: 1,
  ordinal: 7,
  pair: 'b'.repeat(32),
  appliedWrite: 7,
  evidence: [
    { eventId: 'e', timeMs: 1, agentId: 'g', sourceId: 's', raw: 'Failed password for root', sha256: 'c'.repeat(64), isCut: false },
  ],
  evidenceOmitted: 0,
  fields: {},
  fieldValuesOmitted: 0,
  transitions: [],
  outbox: [],
};

test('an alert has one ticket however often it is asked for, with the evidence and its hash', async () => {
  const state = memoryState();
  const tickets = await ticketsOn(state);

  const [first, second] = await Promise.all([tickets.fromAlert(alert), tickets.fromAlert(alert)]);
  const third = await (await ticketsOn(state.crash())).fromAlert(alert);

  expect([second.id, third.id]).toEqual([first.id, first.id]);
  expect(third).toMatchObject({
    stage: 'new',
    severity: 'high',
    title: 'SSH password guessing: 203.0.113.7',
    links: [{ kind: 'alert', id: alert.id }],
  });
  expect(third.evidence).toEqual(alert.evidence);
});

test('the title of a ticket names what the alert is about and leaves out the agent’s id', async () => {
  const tickets = await ticketsOn(memoryState());
  const grouped = { ...alert, group: [...alert.group, { field: 'agent.id', value: 'a4abe6d31e7269f0bb1adbafa3cf8a18' }] };

  expect((await tickets.fromAlert(grouped)).title).toBe('SSH password guessing: 203.0.113.7');
});

test('a ticket goes through the plan stage by stage and is closed as resolved', async () => {
  const tickets = await ticketsOn(memoryState());
  const { id } = await tickets.create(manual, by);
  for (const stage of ['triage', 'analysis', 'containment', 'eradication', 'recovery', 'lessons-learned']) {
    await tickets.change(id, { is: 'move', stage, note: '' }, { by, revision: undefined });
  }

  const closed = await tickets.change(id, { is: 'close', note: '' }, { by, revision: 7 });

  expect(closed).toMatchObject({ stage: 'closed', isClosed: true, closeReason: 'resolved', movesTo: [] });
  expect(closed?.history.map(({ what }) => what)).toEqual(['opened', 'moved', 'moved', 'moved', 'moved', 'moved', 'moved', 'closed']);
});

test.each([
  ['skipping a stage', { is: 'move', stage: 'recovery', note: 'quick' }, 'TICKET_STAGE_INVALID'],
  ['an unknown stage', { is: 'move', stage: 'paused', note: '' }, 'TICKET_STAGE_INVALID'],
  ['closing early without a word', { is: 'close', note: ' ' }, 'TICKET_REASON_INVALID'],
  ['a made-up reason', { is: 'close', note: 'x', reason: 'tired' }, 'TICKET_REASON_INVALID'],
  ['reopening what is open', { is: 'reopen', note: '' }, 'TICKET_STAGE_INVALID'],
  ['an empty comment', { is: 'comment', text: '\n' }, 'TICKET_COMMENT_INVALID'],
  ['an endless comment', { is: 'comment', text: 'x'.repeat(16_001) }, 'TICKET_TEXT_LIMIT'],
] as const)('refused with the reason, and nothing is written: %s', async (_, step, code) => {
  const tickets = await ticketsOn(memoryState());
  const { id } = await tickets.create(manual, by);

  await expect(tickets.change(id, step, { by, revision: 1 })).rejects.toMatchObject({ code });

  expect((await tickets.get(id))?.revision).toBe(1);
});

test('going back a stage needs a reason', async () => {
  const tickets = await ticketsOn(memoryState());
  const { id } = await tickets.create(manual, by);
  for (const stage of ['triage', 'analysis']) await tickets.change(id, { is: 'move', stage, note: '' }, { by, revision: undefined });
  const back = (note: string) => tickets.change(id, { is: 'move', stage: 'triage', note }, { by, revision: 3 });

  await expect(back('')).rejects.toMatchObject({ code: 'TICKET_REASON_INVALID' });

  expect(await back('wrong host')).toMatchObject({ stage: 'triage' });
});

test('of two people who change the same ticket the second is told', async () => {
  const tickets = await ticketsOn(memoryState());
  const { id } = await tickets.create(manual, by);
  const take = (owner: string) => tickets.change(id, { is: 'assign', owner }, { by, revision: 1 });

  const outcomes = await Promise.allSettled([take('u1'), take('u2')]);

  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'TICKET_CONFLICT' } });
  expect(await tickets.change('f'.repeat(32), { is: 'comment', text: 'hi' }, { by, revision: undefined })).toBeUndefined();
});

test('a long history moves into documents of its own and nothing of it is lost', async () => {
  const state = memoryState();
  const tickets = await ticketsOn(state);
  const { id } = await tickets.create(manual, by);
  for (let at = 0; at < 150; at++) {
    // Control characters take six bytes each: the worst a comment can be.
    const text = at % 10 === 0 ? '\u0001'.repeat(16_000) : `note ${at}`;
    await tickets.change(id, { is: 'comment', text }, { by, revision: undefined });
  }

  const history = await tickets.history(id);
  const ticket = await tickets.get(id);

  expect(history.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 151 }, (_, at) => at));
  expect(Buffer.byteLength(JSON.stringify(ticket))).toBeLessThan(256 * 1024);
  expect(ticket?.chunks).toBeGreaterThan(1);
});

test('a crash between moving old history away and writing the ticket neither loses nor doubles an entry', async () => {
  let state = memoryState();
  let tickets = await ticketsOn(state);
  const { id } = await tickets.create(manual, by);
  let crashes = 0;
  for (let at = 0; at < 130; at++) {
    const chunksBefore = (await state.list('ticket-history/')).length;
    const work = tickets.change(id, { is: 'comment', text: `note ${at}` }, { by, revision: undefined });
    // Dies as soon as the chunk is there, before the ticket is.
    while ((await state.list('ticket-history/')).length === chunksBefore && (await tickets.get(id))?.revision === at + 1)
      await Promise.resolve();
    if ((await state.list('ticket-history/')).length > chunksBefore) {
      crashes++;
      state = state.crash('lost');
      await work.catch(() => undefined);
      tickets = await ticketsOn(state);
      if ((await tickets.get(id))?.revision === at + 1) {
        await tickets.change(id, { is: 'comment', text: `note ${at}` }, { by, revision: undefined });
      }
    } else await work;
  }

  const ordinals = (await tickets.history(id)).map(({ ordinal }) => ordinal);
  expect(crashes).toBeGreaterThan(0);
  expect(ordinals).toEqual(Array.from({ length: 131 }, (_, at) => at));
});

test('a change whose audit entry was lost in a crash is entered at the next start, once', async () => {
  const state = memoryState();
  const audit = memoryAudit();
  const tickets = await ticketsOn(state, audit);
  const { id } = await tickets.create(manual, by);
  audit.isDown = true;
  await expect(tickets.change(id, { is: 'assign', owner: 'u2' }, { by, revision: 1 })).rejects.toThrow('audit log is down');
  audit.isDown = false;

  await ticketsOn(state.crash(), audit);

  expect([...audit.entries.values()].map(({ action, after }) => [action, after])).toEqual([
    ['ticket.opened', 'new: Reported by phone'],
    ['ticket.assigned', 'u2'],
  ]);
});

test('tickets are listed by their latest change, filtered and paged', async () => {
  const tickets = await ticketsOn(memoryState());
  const ids: string[] = [];
  for (const title of ['one', 'two', 'three']) {
    await clock.step(1_000);
    ids.push((await tickets.create({ ...manual, title }, by)).id);
  }
  await clock.step(1_000);
  await tickets.change(ids[0] ?? '', { is: 'close', note: 'test', reason: 'duplicate' }, { by, revision: 1 });

  expect(tickets.list().map(({ title }) => title)).toEqual(['one', 'three', 'two']);
  expect(tickets.list({ state: 'open', limit: 1 }).map(({ title }) => title)).toEqual(['three']);
  expect(tickets.list({ state: 'open', limit: 1, after: ids[2] ?? '' }).map(({ title }) => title)).toEqual(['two']);
  expect(tickets.list({ text: 'inc-2' }).map(({ title }) => title)).toEqual(['two']);
  expect(tickets.countByStage(() => true).filter(({ count }) => count > 0)).toEqual([
    { stage: 'new', count: 2 },
    { stage: 'closed', count: 1 },
  ]);
});

test('closed tickets leave with their history after three years, open ones stay', async () => {
  const state = memoryState();
  const tickets = await ticketsOn(state);
  const { id } = await tickets.create(manual, by);
  await tickets.create({ ...manual, title: 'still open' }, by);
  for (let at = 0; at < 70; at++) await tickets.change(id, { is: 'comment', text: 'x' }, { by, revision: undefined });
  await tickets.change(id, { is: 'close', note: 'done' }, { by, revision: undefined });
  clock.jump(3 * 365 * 86_400_000 + 1);

  expect(await tickets.expire()).toBe(1);

  expect(tickets.list().map(({ title }) => title)).toEqual(['still open']);
  expect(await state.list('ticket-history/')).toEqual([]);
});
