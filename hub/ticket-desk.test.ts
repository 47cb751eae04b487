import { beforeEach, expect, test } from 'vitest';
import type { TicketDesk, TicketFilter } from './console/api/ports.ts';
import { ticketSummary, ticketView } from './console/api/shapes.ts';
import { ana, deskRooms, type DeskRooms } from './testing/desk-rooms.ts';
import { ticketDesk } from './ticket-desk.ts';

let rooms: DeskRooms;
let desk: TicketDesk;
const all: TicketFilter = { state: 'all', stage: '', owner: '', text: '', limit: 100, after: '' };
const latest = { by: ana, revision: undefined };

beforeEach(async () => {
  rooms = await deskRooms();
  desk = ticketDesk(rooms.tickets);
});

async function create(title: string): Promise<string> {
  await rooms.clock.step(1_000);
  return (await desk.create({ title, severity: 'high', text: 'by phone', constituency: 'main' }, ana)).id;
}

test('what the desk answers is what the API promises, field by field', async () => {
  const id = await create('Laptop lost');

  const ticket = await desk.get(id);

  expect(ticketView.strict().parse(ticket)).toEqual(ticket);
  for (const summary of await desk.list(all)) expect(ticketSummary.strict().parse(summary)).toEqual(summary);
});

test('a ticket says where it may go next, and its history tells each step in words', async () => {
  const id = await create('Laptop lost');
  await desk.assign(id, 'ana', { by: ana, revision: 1 });
  await desk.move(id, 'triage', '', { by: ana, revision: 2 });
  await desk.comment(id, 'called the owner', { by: ana, revision: 3 });
  const closed = await desk.close(id, { reason: 'no-incident', note: 'found again' }, { by: ana, revision: 4 });

  expect(closed).toMatchObject({ stage: 'closed', isClosed: true, closeReason: 'no-incident', movesTo: [], revision: 5 });
  expect(closed?.history.map(({ by, what, text }) => [by, what, text])).toEqual([
    ['ana', 'opened', 'by phone'],
    ['ana', 'assigned', 'ana'],
    ['ana', 'moved', 'new → triage'],
    ['ana', 'comment', 'called the owner'],
    ['ana', 'closed', 'triage → no-incident: found again'],
  ]);
  expect(await desk.reopen(id, 'lost again', latest)).toMatchObject({ stage: 'triage', movesTo: ['analysis'], closeReason: '' });
});

test('the stages are those of the plan in its order, the closed one last, and each is counted', async () => {
  await create('one');
  await desk.close(await create('two'), { reason: 'duplicate', note: '' }, latest);

  expect([desk.stages[0], desk.stages.at(-1)]).toEqual(['new', 'closed']);
  expect(desk.closeReasons).toContain('false-positive');
  const counts = await desk.countByStage(() => true);
  expect(counts.map(({ stage }) => stage)).toEqual(desk.stages);
  expect(counts.filter(({ count }) => count > 0)).toEqual([
    { stage: 'new', count: 1 },
    { stage: 'closed', count: 1 },
  ]);
});

test('tickets are filtered by state, stage, owner and text, and paged', async () => {
  const [one, two] = [await create('one'), await create('two'), await create('three')];
  await rooms.clock.step(1_000);
  await desk.assign(one, 'ana', latest);
  await desk.close(two, { reason: 'other', note: 'test' }, latest);
  const titles = async (filter: Partial<TicketFilter>): Promise<string[]> =>
    (await desk.list({ ...all, ...filter })).map(({ title }) => title);

  expect(await titles({ state: 'open' })).toEqual(['one', 'three']);
  expect(await titles({ state: 'closed' })).toEqual(['two']);
  expect(await titles({ stage: 'new' })).toEqual(['one', 'three']);
  expect(await titles({ owner: 'ana' })).toEqual(['one']);
  expect(await titles({ text: 'INC-3' })).toEqual(['three']);
  expect(await titles({ state: 'open', limit: 1, after: one })).toEqual(['three']);
  await expect(titles({ after: 'f'.repeat(32) })).rejects.toMatchObject({ code: 'TICKETS_AFTER_INVALID' });
});

test('of two people who change the same ticket the second is told', async () => {
  const id = await create('Laptop lost');
  await desk.assign(id, 'ana', { by: ana, revision: 1 });

  await expect(desk.assign(id, 'rui', { by: ana, revision: 1 })).rejects.toMatchObject({ code: 'TICKET_CONFLICT' });
  expect(await desk.get(id)).toMatchObject({ owner: 'ana', revision: 2 });
});

test('a ticket that does not exist is answered as such, whatever is asked of it', async () => {
  for (const id of ['f'.repeat(32), '../users', '']) {
    expect(await desk.get(id)).toBeUndefined();
    expect(await desk.comment(id, 'hello', latest)).toBeUndefined();
    expect(await desk.move(id, 'triage', '', latest)).toBeUndefined();
  }
});

test('a ticket with a long history shows all of it', async () => {
  const id = await create('Laptop lost');
  for (let at = 0; at < 130; at++) await desk.comment(id, `note ${at}`, latest);

  expect((await desk.get(id))?.history.map(({ text }) => text)).toEqual([
    'by phone',
    ...Array.from({ length: 130 }, (_, at) => `note ${at}`),
  ]);
});
