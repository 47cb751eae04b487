// What a hub does by the clock (node-cron): drops days of events that are past their retention, forgets what is closed
// and settled long enough, and renews the certificate of the agents' port. A task that fails is told and comes again.
import { schedule } from 'node-cron';
import { aborted } from '../proto/runtime/until-stopped.ts';
import type { AgentsDoor } from './agents-door.ts';
import type { Rooms } from './open-rooms.ts';
import { commitDay } from './store/block-plan.ts';

const renewAt = '41 * * * *';

/** Runs until the signal aborts. */
export async function runHousekeeping(rooms: Rooms, door: Pick<AgentsDoor, 'renew'>, signal: AbortSignal): Promise<void> {
  const { config, log } = rooms;
  const tasks = [
    schedule(config.store.retentionAt, () => keepTidy(rooms), { noOverlap: true, name: 'retention' }),
    schedule(renewAt, () => told(rooms, "renewing the agents' port's certificate", () => door.renew()), {
      noOverlap: true,
      name: 'renewal',
    }),
  ];
  log.debug({ retention: config.store.retentionAt }, 'housekeeping scheduled');
  await aborted(signal);
  for (const task of tasks) await task.destroy();
}

/** Retention, once. Each part on its own: one that fails keeps no other from its work. */
async function keepTidy(rooms: Rooms): Promise<void> {
  const { store, alerts, tickets, notifier, clock, config, log } = rooms;
  const oldest = commitDay(clock.nowMs() - config.store.retention);
  await told(rooms, 'dropping old events', async () => {
    const days = await store.expireBefore(oldest);
    if (days > 0) log.info({ days, before: oldest }, 'events past their retention dropped');
  });
  await told(rooms, 'forgetting settled deliveries', () => notifier.expire());
  await told(rooms, 'forgetting closed alerts', () => alerts.expire());
  await told(rooms, 'forgetting closed tickets', () => tickets.expire());
}

async function told({ log }: Rooms, what: string, task: () => Promise<unknown>): Promise<void> {
  try {
    await task();
  } catch (error) {
    log.error({ err: error }, `${what} failed; it is tried again at the next time`);
  }
}
