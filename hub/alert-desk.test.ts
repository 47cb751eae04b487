import { beforeEach, expect, test } from 'vitest';
import { alertDesk } from './alert-desk.ts';
import { finding } from './alert/finding.fixture.ts';
import type { AlertDesk, AlertFilter } from './console/api/ports.ts';
import { alertSummary, alertView, ticketView } from './console/api/shapes.ts';
import type { Level } from './ports.ts';
import { ana, deskRooms, type DeskRooms } from './testing/desk-rooms.ts';

let rooms: DeskRooms;
let desk: AlertDesk;
const all: AlertFilter = { status: 'all', levels: [], verdict: '', assignee: '', text: '', limit: 100, after: '' };
const latest = { by: ana, revision: undefined };

beforeEach(async () => {
  rooms = await deskRooms();
  desk = alertDesk(rooms.alerts, rooms.tickets, () => ({ description: 'why', falsePositives: [] }));
});

/** One alert per address, each a second later than the one before; answers their ids by address. */
async function alertsFrom(...wanted: readonly (readonly [string, Level])[]): Promise<string[]> {
  const findings = wanted.map(([from, level], at) => finding({ from, level, at: 1_000 * (at + 1) }));
  await rooms.alerts.apply(1, findings);
  const listed = rooms.alerts.list().alerts;
  return wanted.map(([from]) => listed.find(({ group }) => group[0]?.value === from)?.id ?? '');
}

const titlesOf = async (filter: Partial<AlertFilter>): Promise<(string | undefined)[]> =>
  (await desk.list({ ...all, ...filter })).map(({ group }) => group[0]?.value);

test('what the desk answers is what the API promises, field by field', async () => {
  const [id = ''] = await alertsFrom(['203.0.113.7', 'high']);
  await desk.verdict(id, 'true-positive', 'seen on the host', latest);

  const alert = await desk.get(id);

  expect(alertView.strict().parse(alert)).toEqual(alert);
  for (const summary of await desk.list(all)) expect(alertSummary.strict().parse(summary)).toEqual(summary);
  const ticket = await desk.openTicket(id, ana);
  expect(ticketView.strict().parse(ticket)).toEqual(ticket);
});

test('the queue is filtered by status, several levels, verdict, assignee and text, the newest first', async () => {
  const [low = '', high = ''] = await alertsFrom(['203.0.113.1', 'low'], ['203.0.113.2', 'high'], ['203.0.113.3', 'critical']);
  await desk.verdict(high, 'false-positive', '', latest);
  await desk.assign(low, 'ana', latest);
  await desk.close(high, { verdict: undefined, note: '' }, latest);

  const one = '203.0.113.1';
  const two = '203.0.113.2';
  const three = '203.0.113.3';
  const cases: [Partial<AlertFilter>, string[]][] = [
    [{}, [three, two, one]],
    [{ status: 'open' }, [three, one]],
    [{ status: 'closed' }, [two]],
    [{ levels: ['low', 'critical'] }, [three, one]],
    [{ verdict: 'none' }, [three, one]],
    [{ verdict: 'false-positive' }, [two]],
    [{ assignee: 'ana' }, [one]],
    [{ text: '113.3' }, [three]],
    [{ text: 'PASSWORD guess' }, [three, two, one]],
    [{ text: 'ssh-guessing', status: 'closed' }, [two]],
    [{ text: 'nothing like it' }, []],
  ];
  for (const [filter, expected] of cases) expect(await titlesOf(filter), JSON.stringify(filter)).toEqual(expected);
  expect(await desk.countOpen(() => true)).toEqual({ informational: 0, low: 1, medium: 0, high: 0, critical: 1 });
});

test('pages join without a gap, also when an alert of the page before has been closed meanwhile', async () => {
  await alertsFrom(['203.0.113.1', 'low'], ['203.0.113.2', 'low'], ['203.0.113.3', 'low'], ['203.0.113.4', 'low']);
  const first = await desk.list({ ...all, status: 'open', limit: 2 });
  const last = first.at(-1)?.id ?? '';
  await desk.close(last, { verdict: 'undetermined', note: '' }, latest);

  expect(await titlesOf({ status: 'open', limit: 2, after: last })).toEqual(['203.0.113.2', '203.0.113.1']);
});

test('a page behind an alert that is gone is refused and does not begin again at the first', async () => {
  await alertsFrom(['203.0.113.1', 'low']);

  await expect(desk.list({ ...all, after: 'f'.repeat(32) })).rejects.toMatchObject({ code: 'ALERTS_AFTER_INVALID' });
});

test('every decision raises the revision by one and stands in the history with who and why', async () => {
  const [id = ''] = await alertsFrom(['203.0.113.7', 'high']);

  await desk.assign(id, 'ana', { by: ana, revision: 1 });
  await desk.verdict(id, 'true-positive', 'key found', { by: ana, revision: 2 });
  await desk.close(id, { verdict: undefined, note: 'host rebuilt' }, { by: ana, revision: 3 });
  await desk.assign(id, '', { by: ana, revision: 4 });
  const reopened = await desk.reopen(id, 'came back', { by: ana, revision: 5 });

  expect(reopened).toMatchObject({ revision: 6, status: 'open', verdict: 'true-positive', assignee: '' });
  expect(reopened?.history.map(({ by, what, text }) => [by, what, text])).toEqual([
    ['Atalaia', 'opened', 'high'],
    ['ana', 'assigned', 'ana'],
    ['ana', 'verdict', 'true-positive: key found'],
    ['ana', 'closed', 'true-positive: host rebuilt'],
    ['ana', 'assigned', 'ana → nobody'],
    ['ana', 'reopened', 'closed → open: came back'],
  ]);
});

test('of two people who judge what they both saw, the second is told; new findings in between are no conflict', async () => {
  const [id = ''] = await alertsFrom(['203.0.113.7', 'high']);
  const seen = (await desk.get(id))?.revision;
  await rooms.alerts.apply(2, [finding({ at: 2_000 })]);

  await desk.verdict(id, 'false-positive', '', { by: ana, revision: seen });

  await expect(desk.verdict(id, 'true-positive', '', { by: ana, revision: seen })).rejects.toMatchObject({ code: 'ALERT_CONFLICT' });
  expect(await desk.get(id)).toMatchObject({ verdict: 'false-positive', count: 2 });
});

test.each([
  ['closing without any verdict', 'ALERT_VERDICT_INVALID', (id: string) => desk.close(id, { verdict: undefined, note: '' }, latest)],
  ['opening what is open', 'ALERT_REFUSED', (id: string) => desk.reopen(id, '', latest)],
  ['a note that would be cut', 'ALERT_REFUSED', (id: string) => desk.verdict(id, 'undetermined', 'x'.repeat(301), latest)],
])('%s is refused and changes nothing', async (_what, code, change) => {
  const [id = ''] = await alertsFrom(['203.0.113.7', 'high']);

  await expect(change(id)).rejects.toMatchObject({ code });

  expect(await desk.get(id)).toMatchObject({ revision: 1, status: 'open', verdict: '' });
});

test('an alert that does not exist is answered as such, whatever is asked of it', async () => {
  for (const id of ['f'.repeat(32), '../users', '']) {
    expect(await desk.get(id)).toBeUndefined();
    expect(await desk.verdict(id, 'undetermined', '', latest)).toBeUndefined();
    expect(await desk.close(id, { verdict: undefined, note: '' }, latest)).toBeUndefined();
    expect(await desk.openTicket(id, ana)).toBeUndefined();
  }
});

test('an alert has one ticket however often it is asked for, and names it', async () => {
  const [id = ''] = await alertsFrom(['203.0.113.7', 'medium']);

  const [ticket, again] = [await desk.openTicket(id, ana), await desk.openTicket(id, ana)];

  expect(again?.id).toBe(ticket?.id);
  expect(ticket).toMatchObject({ severity: 'medium', links: [{ kind: 'alert', id }], history: [{ by: 'ana', what: 'opened' }] });
  expect(await desk.get(id)).toMatchObject({ ticketId: ticket?.id, revision: 1 });
  expect((await desk.list(all)).map(({ ticketId }) => ticketId)).toEqual([ticket?.id]);
});

test('asked for the ticket of an alert, its whole history comes with it', async () => {
  const [id = ''] = await alertsFrom(['203.0.113.7', 'high']);
  const ticket = await desk.openTicket(id, ana);
  for (let at = 0; at < 130; at++) await rooms.tickets.change(ticket?.id ?? '', { is: 'comment', text: `note ${at}` }, latest);

  expect((await desk.openTicket(id, ana))?.history).toHaveLength(131);
});
