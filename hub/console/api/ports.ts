// What the console needs from the hub's other rooms. It imports none of them: main.ts hands these in.
// Promises: every call that changes something takes the name of the person who did it. A desk answers undefined for an
// object it does not know; everything else that goes wrong is an AtalaiaError, whose code becomes the problem's code.
// Lists are bounded by `limit`; `after` is the id of the last object of the page before.
import type { Clock, Random } from '../../../proto/runtime/clock.ts';
import type { Actor, EventStore, Level, SearchNode, State, Verdict } from '../../ports.ts';
import type { Target } from './permissions.ts';
import type {
  AgentView,
  AlertSummary,
  AlertView,
  DeliveryView,
  HealthView,
  RatePoint,
  TicketSummary,
  TicketView,
  TokenCreated,
  TokenView,
  WebhookSecret,
  WebhookView,
} from './shapes.ts';

/** Who changes something, and the revision they looked at; without one the change is made to whatever is there. */
export interface ChangeBy {
  readonly by: Actor;
  readonly revision: number | undefined;
}

export type ParsedQuery =
  | { readonly ok: true; readonly node: SearchNode }
  /** `at` counts from 0. */
  | { readonly ok: false; readonly message: string; readonly at: number };

export interface FleetDesk {
  agents(): readonly AgentView[];
  tokens(): Promise<readonly TokenView[]>;
  createToken(wish: { readonly note: string; readonly lifeMs: number; readonly by: Actor }): Promise<TokenCreated>;
  removeToken(id: string, by: Actor): Promise<boolean>;
  /** Cuts the live connection too. False when there is no such agent. */
  revoke(agentId: string, reason: string, by: Actor): Promise<boolean>;
}

export interface AlertFilter {
  readonly status: 'open' | 'closed' | 'all';
  readonly levels: readonly Level[];
  /** 'none' is not judged yet; empty is all. */
  readonly verdict: Verdict | 'none' | '';
  readonly assignee: string;
  /** Looked for in title, rule and group values, case-insensitive. */
  readonly text: string;
  readonly limit: number;
  readonly after: string;
}

export interface AlertDesk {
  /** Newest first by last event. */
  list(filter: AlertFilter): Promise<readonly AlertSummary[]>;
  countOpen(counts: (alert: Target) => boolean): Promise<Readonly<Record<Level, number>>>;
  get(id: string): Promise<AlertView | undefined>;
  verdict(id: string, verdict: Verdict, note: string, change: ChangeBy): Promise<AlertView | undefined>;
  assign(id: string, assignee: string, change: ChangeBy): Promise<AlertView | undefined>;
  /** Without a verdict the one it has is kept; an alert without any is not closed. */
  close(
    id: string,
    closing: { readonly verdict: Verdict | undefined; readonly note: string },
    change: ChangeBy,
  ): Promise<AlertView | undefined>;
  reopen(id: string, note: string, change: ChangeBy): Promise<AlertView | undefined>;
  /** The ticket of this alert, made if there is none yet. */
  openTicket(id: string, by: Actor): Promise<TicketView | undefined>;
}

export interface TicketFilter {
  readonly state: 'open' | 'closed' | 'all';
  readonly stage: string;
  readonly owner: string;
  readonly text: string;
  readonly limit: number;
  readonly after: string;
}

export interface TicketWish {
  readonly title: string;
  readonly severity: Level;
  readonly text: string;
  readonly constituency: string;
}

export interface TicketDesk {
  /** In the order of the incident response plan; the closed one last. */
  readonly stages: readonly string[];
  readonly closeReasons: readonly string[];
  list(filter: TicketFilter): Promise<readonly TicketSummary[]>;
  countByStage(counts: (ticket: Target) => boolean): Promise<readonly { readonly stage: string; readonly count: number }[]>;
  get(id: string): Promise<TicketView | undefined>;
  create(wish: TicketWish, by: Actor): Promise<TicketView>;
  assign(id: string, owner: string, change: ChangeBy): Promise<TicketView | undefined>;
  comment(id: string, text: string, change: ChangeBy): Promise<TicketView | undefined>;
  move(id: string, stage: string, note: string, change: ChangeBy): Promise<TicketView | undefined>;
  close(id: string, closing: { readonly reason: string; readonly note: string }, change: ChangeBy): Promise<TicketView | undefined>;
  reopen(id: string, note: string, change: ChangeBy): Promise<TicketView | undefined>;
}

export interface WebhookWish {
  readonly name: string;
  readonly url: string;
  readonly isEnabled: boolean;
  readonly minimumLevel: Level;
  /** Also private and loopback addresses. Undefined leaves it as it was, which at creation is false. */
  readonly allowPrivate?: boolean | undefined;
}

export interface WebhookDesk {
  list(): Promise<readonly WebhookView[]>;
  get(id: string): Promise<WebhookView | undefined>;
  create(wish: WebhookWish, by: Actor): Promise<WebhookSecret>;
  change(id: string, wish: WebhookWish, by: Actor): Promise<WebhookView | undefined>;
  remove(id: string, by: Actor): Promise<boolean>;
  rotateSecret(id: string, by: Actor): Promise<WebhookSecret | undefined>;
  /** Sends one test message now and says what came back. */
  test(id: string, by: Actor): Promise<DeliveryView | undefined>;
  deliveries(
    id: string,
    filter: { readonly state: DeliveryView['state'] | 'all'; readonly limit: number },
  ): Promise<readonly DeliveryView[]>;
  replay(id: string, deliveryId: string, by: Actor): Promise<boolean>;
}

export interface ConsolePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly state: State;
  readonly events: Pick<EventStore, 'search' | 'histogram' | 'get' | 'ledger'>;
  readonly parseQuery: (text: string) => ParsedQuery;
  readonly fleet: FleetDesk;
  readonly alerts: AlertDesk;
  readonly tickets: TicketDesk;
  readonly webhooks: WebhookDesk;
  /** Points of the last quarter of an hour at most, oldest first. */
  readonly rates: () => readonly RatePoint[];
  readonly health: () => Promise<HealthView>;
}

export interface ConsoleSettings {
  readonly isTls: boolean;
  /** Names by which browsers may call the console, without port; anything else is refused (DNS rebinding). */
  readonly hostNames: readonly string[];
  /** Folder of the built pages; empty serves the API alone. */
  readonly webRoot: string;
  readonly passwordCost: PasswordCost;
}

/** Argon2id: memory in KiB. */
export interface PasswordCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}
