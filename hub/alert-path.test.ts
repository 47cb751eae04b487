// Findings → alert → ticket → webhook with the real rooms on a State that crashes: whatever stops whenever, the same
// writes lead to the same alerts, tickets and webhook ids as without a crash (DESIGN.md 7, DELIVERY.md 2, 23).
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Random } from '../proto/runtime/clock.ts';
import { SteppedClock, settle } from '../proto/runtime/testing/stepped-clock.ts';
import { workOutbox } from './alert/alert-outbox.ts';
import type { AlertOutboxOptions } from './alert/alert-outbox.ts';
import { AlertStage } from './alert/alert-stage.ts';
import { finding } from './alert/finding.fixture.ts';
import { Notifier } from './notify/notifier.ts';
import { secretSeal } from './notify/secret-seal.ts';
import { hubActor } from './ports.ts';
import type { Finding, Level } from './ports.ts';
import { memoryState } from './state/memory-state.ts';
import type { MemoryState } from './state/memory-state.ts';
import { Tickets } from './ticket/tickets.ts';

type Step =
  | { readonly is: 'crash'; readonly inFlight: 'lost' | 'kept'; readonly turns: number }
  | { readonly is: 'fail'; readonly when: 'before' | 'after' }
  | { readonly is: 'work' };

interface Hub {
  readonly clock: SteppedClock;
  readonly alerts: AlertStage;
  readonly tickets: Tickets;
  readonly notifier: Notifier;
  readonly outbox: AlertOutboxOptions;
}

interface Seen {
  readonly webhookIds: Set<string>;
}

/** The endpoint's id is drawn; both runs must draw the same. */
const random: Random = { unit: () => 0.5, bytes: (count) => new Uint8Array(count).fill(7) };
const audit = { record: async () => undefined };
const limits = { groupsPerRuleMax: 3 };

async function hubOn(state: MemoryState, seen: Seen): Promise<Hub> {
  const clock = new SteppedClock();
  const shared = { state, clock, random, audit };
  const alerts = await AlertStage.open({ state, clock, limits });
  const tickets = await Tickets.open(shared);
  const sender = {
    send: async ({ headers }: { readonly headers: { readonly 'webhook-id': string } }) => {
      seen.webhookIds.add(headers['webhook-id']);
      return { status: 204, problem: '', retryAfterMs: 0 };
    },
    close: async () => undefined,
  };
  const notifier = await Notifier.open({
    ...shared,
    sender,
    seal: secretSeal(new Uint8Array(32), shared.random),
    onFailure: () => undefined,
  });
  const outbox: AlertOutboxOptions = {
    alerts,
    openTicket: async (alert) => (await tickets.fromAlert(alert)).id,
    enqueue: (notice) => notifier.enqueue(notice),
    audit,
    clock,
    random,
    onFailure: () => undefined,
  };
  return { clock, alerts, tickets, notifier, outbox };
}

async function workAll({ clock, alerts, outbox, notifier }: Hub): Promise<void> {
  for (const { id } of alerts.list({ limit: 500 }).alerts) await workOutbox(id, outbox);
  const stop = new AbortController();
  const running = notifier.run(stop.signal);
  // A step of the clock ends the pause after an attempt that could not be written down.
  for (let round = 0; round < 200 && notifier.list().some(({ waitingCount }) => waitingCount > 0); round++) await clock.step(20_000);
  stop.abort();
  await running;
}

interface Outcome {
  readonly alerts: readonly (readonly [string, number])[];
  readonly tickets: readonly string[];
  readonly webhookIds: readonly string[];
}

/** The journal hands out a write again until its findings are durable; after a crash it begins some writes earlier. */
async function run(writes: readonly (readonly Finding[])[], steps: readonly Step[], rewind: number): Promise<Outcome> {
  const seen: Seen = { webhookIds: new Set() };
  // Two turns of latency, so that a crash finds writes in flight.
  let state = memoryState({ latency: () => settle(2) });
  let hub = await hubOn(state, seen);
  await hub.notifier.create({ name: 'all', url: 'https://hooks.example/', isEnabled: true, minimumLevel: 'informational' }, hubActor);
  const queue = [...steps];
  for (let at = 0; at < writes.length;) {
    const step = queue.shift();
    if (step?.is === 'fail') state.failNextPut(step.when);
    const work = hub.alerts.apply(at + 1, writes[at] ?? []).then(
      () => true,
      () => false,
    );
    if (step?.is === 'crash') {
      // Outboxes are worked meanwhile, so the crash also falls between alert, ticket and webhook.
      const others = workAll(hub).catch(() => undefined);
      await settle(step.turns);
      state = state.crash(step.inFlight);
      await Promise.race([Promise.all([work, others]), settle(50)]);
      hub = await hubOn(state, seen);
      at = Math.max(0, at - rewind);
      continue;
    }
    if (await work) at++;
    if (step?.is === 'work') await workAll(hub).catch(() => undefined);
  }
  // Faults that nobody met yet fall here; the outbox tries again, as its loop does.
  for (let left = steps.length; left >= 0; left--) await workAll(hub).catch(() => undefined);
  const documents = await Promise.all(hub.alerts.list({ limit: 500 }).alerts.map(({ id }) => hub.alerts.get(id)));
  return {
    alerts: documents.map((alert) => [alert?.id ?? '', alert?.count ?? 0] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    tickets: hub.tickets
      .list({ limit: 500 })
      .map(({ id }) => id)
      .sort(),
    webhookIds: [...seen.webhookIds].sort(),
  };
}

const oneFinding = fc
  .record({
    at: fc.integer({ min: 0, max: 12 }).map((halfHours) => halfHours * 1_800_000 + 1),
    from: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'),
    level: fc.constantFrom<Level>('low', 'high', 'critical'),
    ruleId: fc.constantFrom('ssh-guessing', 'port-scan'),
  })
  .map((parts) => finding(parts));
const someWrites = fc.array(fc.array(oneFinding, { maxLength: 4 }), { minLength: 1, maxLength: 8 });
const oneStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    is: fc.constant('crash' as const),
    inFlight: fc.constantFrom('lost' as const, 'kept' as const),
    turns: fc.integer({ min: 0, max: 30 }),
  }),
  fc.record({ is: fc.constant('fail' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
  fc.record({ is: fc.constant('work' as const) }),
);

test('crashes at any moment leave the same alerts, tickets and webhook ids as none', async () => {
  await fc.assert(
    fc.asyncProperty(someWrites, fc.array(oneStep, { maxLength: 12 }), fc.integer({ min: 0, max: 3 }), async (writes, steps, rewind) => {
      const calm = await run(writes, [], 0);
      const rough = await run(writes, steps, rewind);

      expect(rough).toEqual(calm);
    }),
    { numRuns: Number(process.env.ATALAIA_PROPERTY_RUNS ?? 60) },
  );
});
