// The hub's real rooms on a state in memory and a stepped clock, for tests of the desks that join them to the console.
// Only the network ends in the test: webhooks arrive in `sent`, agents are scripted.
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import type { Random } from '../../proto/runtime/clock.ts';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { AlertStage } from '../alert/alert-stage.ts';
import { AuditTrail } from '../console/api/audit-trail.ts';
import type { AuditView } from '../console/api/shapes.ts';
import { Roster } from '../fleet/roster.ts';
import { TokenDesk } from '../fleet/tokens.ts';
import { Notifier } from '../notify/notifier.ts';
import { secretSeal } from '../notify/secret-seal.ts';
import type { SendOutcome, WebhookRequest } from '../notify/send-webhook.ts';
import type { Actor } from '../ports.ts';
import { memoryState, type MemoryState } from '../state/memory-state.ts';
import { Tickets } from '../ticket/tickets.ts';

/** As the console's gate names a signed-in person. */
export const ana: Actor = { id: 'ana', name: 'ana', role: 'analyst', address: '192.0.2.10' };
/** As the hub's local socket names who asks there. */
export const localOperator: Actor = { id: 'local', name: 'local operator', role: 'administrator', address: '' };

export interface DeskRooms {
  readonly state: MemoryState;
  readonly clock: SteppedClock;
  readonly random: Random;
  readonly audit: AuditTrail;
  readonly alerts: AlertStage;
  readonly tickets: Tickets;
  readonly notifier: Notifier;
  readonly roster: Roster;
  readonly tokens: TokenDesk;
  readonly sent: WebhookRequest[];
  /** What receivers answer. */
  answer: SendOutcome;
  trail(): Promise<readonly AuditView[]>;
}

export async function deskRooms(): Promise<DeskRooms> {
  const state = memoryState();
  const clock = new SteppedClock();
  const random = seededRandom(1);
  const audit = new AuditTrail(state, clock, random);
  const sent: WebhookRequest[] = [];
  const sender = {
    send: async (request: WebhookRequest): Promise<SendOutcome> => {
      sent.push(request);
      return rooms.answer;
    },
    close: async () => undefined,
  };
  const rooms: DeskRooms = {
    state,
    clock,
    random,
    audit,
    alerts: await AlertStage.open({ state, clock }),
    tickets: await Tickets.open({ state, clock, random, audit }),
    notifier: await Notifier.open({
      state,
      clock,
      random,
      audit,
      sender,
      seal: secretSeal(new Uint8Array(32), random),
      onFailure: () => undefined,
    }),
    roster: await Roster.open(state, clock),
    tokens: new TokenDesk({ state, clock, random, fingerprint: 'f'.repeat(64) }),
    sent,
    answer: { status: 204, problem: '', retryAfterMs: 0 },
    trail: () => audit.list({ limit: 500, after: '' }),
  };
  return rooms;
}
