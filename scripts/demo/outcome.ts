// What the hub and the receiver have made of the story so far, and what of the expected is still missing.
import * as z from 'zod';
import { levels } from '../../hub/ports.ts';
import { askHub } from '../programs/site.ts';
import type { ReceivedMessage } from './receiver.ts';
import type { ExpectedAlert } from './story.ts';

const alertsAnswer = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    level: z.enum(levels),
    group: z.array(z.object({ field: z.string(), value: z.string() })),
    count: z.number(),
    ticketId: z.string(),
  }),
);
const ticketsAnswer = z.array(z.object({ id: z.string(), number: z.string(), title: z.string(), stage: z.string() }));

export type SeenAlert = z.infer<typeof alertsAnswer>[number];
export type SeenTicket = z.infer<typeof ticketsAnswer>[number];

export interface Outcome {
  readonly alerts: readonly SeenAlert[];
  readonly tickets: readonly SeenTicket[];
  readonly messages: readonly ReceivedMessage[];
  readonly missing: readonly string[];
}

/** How often each alert was found so far: by it the next telling's are told apart. */
export type AlertCounts = ReadonlyMap<string, number>;

export async function countAlerts(hubData: string): Promise<AlertCounts> {
  return new Map((await readAlerts(hubData)).map(({ id, count }) => [id, count]));
}

/** Of alerts, those that are new or have grown since `before`. */
export async function readOutcome({
  hubData,
  before,
  expected,
  messages,
}: {
  readonly hubData: string;
  readonly before: AlertCounts;
  readonly expected: readonly ExpectedAlert[];
  readonly messages: readonly ReceivedMessage[];
}): Promise<Outcome> {
  const alerts = (await readAlerts(hubData)).filter(({ id, count }) => before.get(id) !== count);
  const allTickets = ticketsAnswer.parse(await askHub(hubData, 'tickets'));
  const tickets = allTickets.filter(({ id }) => alerts.some(({ ticketId }) => ticketId === id));
  const mine = messages.filter(({ alertId }) => alerts.some(({ id }) => id === alertId));
  const missing = expected.flatMap((wanted) => lackOf(wanted, { alerts, tickets, messages: mine }));
  return { alerts, tickets, messages: mine, missing };
}

async function readAlerts(hubData: string): Promise<SeenAlert[]> {
  return alertsAnswer.parse(await askHub(hubData, 'alerts'));
}

function lackOf(wanted: ExpectedAlert, { alerts, tickets, messages }: Omit<Outcome, 'missing'>): string[] {
  const name = `“${wanted.title}” (${wanted.level}) about ${wanted.about}`;
  const alert = alerts.find(({ title, level, group }) => {
    return title === wanted.title && level === wanted.level && group.some(({ value }) => value === wanted.about);
  });
  if (!alert) return [`the alert ${name}`];
  if (levels.indexOf(wanted.level) < levels.indexOf('high')) return [];
  const lacks: string[] = [];
  if (!tickets.some(({ id }) => id === alert.ticketId)) lacks.push(`the ticket of ${name}`);
  if (!messages.some(({ type, alertId }) => type === 'alert.opened' && alertId === alert.id)) lacks.push(`the webhook of ${name}`);
  return lacks;
}
