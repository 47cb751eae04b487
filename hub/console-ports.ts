// The console's ports filled with the hub's rooms.
import { alertDesk } from './alert-desk.ts';
import type { ConsolePorts } from './console/api/ports.ts';
import { fleetDesk } from './fleet-desk.ts';
import type { Gateway } from './gateway/gateway.ts';
import { healthDesk } from './health.ts';
import type { Rooms } from './open-rooms.ts';
import type { HubPipeline } from './pipeline.ts';
import type { EventStore } from './ports.ts';
import { parseQuery } from './query/parse-query.ts';
import type { Rates } from './rates.ts';
import { ruleNotes } from './rule-notes.ts';
import { ticketDesk } from './ticket-desk.ts';
import { webhookDesk } from './webhook-desk.ts';

type JoinedRooms = Pick<
  Rooms,
  'state' | 'clock' | 'random' | 'audit' | 'roster' | 'tokens' | 'alerts' | 'tickets' | 'notifier' | 'journal' | 'compiled' | 'rules'
> & { readonly store: EventStore };

export interface ConsoleParts {
  readonly rooms: JoinedRooms;
  readonly gateway: Gateway;
  readonly pipeline: Pick<HubPipeline, 'status'>;
  readonly rates: Rates;
  readonly enrolUrl: string;
  readonly version: string;
}

export function consolePorts({ rooms, gateway, pipeline, rates, enrolUrl, version }: ConsoleParts): ConsolePorts {
  const { state, clock, random, store, audit, roster, tokens, alerts, tickets, notifier, journal, compiled, rules } = rooms;
  return {
    clock,
    random,
    state,
    events: store,
    parseQuery,
    fleet: fleetDesk({ roster, tokens, gateway, rates, audit, clock, enrolUrl }),
    alerts: alertDesk(alerts, tickets, ruleNotes(rules)),
    tickets: ticketDesk(tickets),
    webhooks: webhookDesk(notifier),
    rates: () => rates.points(),
    health: healthDesk({ journal, store, compiled, alerts, pipeline, gateway, clock, version }),
  };
}
