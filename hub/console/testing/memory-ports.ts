// The console's ports over a world in memory: enough of each desk to press every button, with the same refusals.
import { AtalaiaError, unreachable } from '../../../proto/runtime/errors.ts';
import type { Clock, Random } from '../../../proto/runtime/clock.ts';
import type { EventSearch, SearchNode, StoredEvent } from '../../ports.ts';
import type { AlertDesk, ConsolePorts, FleetDesk, ParsedQuery, TicketDesk, WebhookDesk } from '../api/ports.ts';
import type { AlertView, DeliveryView, RatePoint, TicketView } from '../api/shapes.ts';
import { MemoryState } from './memory-state.ts';
import { stages, ticketOf, type World } from './memory-world.ts';

export function memoryPorts(world: World, { clock, random }: { readonly clock: Clock; readonly random: Random }): ConsolePorts {
  return {
    clock,
    random,
    state: new MemoryState(),
    events: eventsOf(world),
    parseQuery: parseWords,
    fleet: fleetOf(world, clock),
    alerts: alertsOf(world, clock),
    tickets: ticketsOf(world, clock),
    webhooks: webhooksOf(world, clock),
    rates: () => ratesUntil(clock.nowMs()),
    health: async () => world.health,
  };
}

/** Words and field:value, all of which must match: enough for tests; the hub has the real language. */
function parseWords(text: string): ParsedQuery {
  const at = text.indexOf('(');
  if (at >= 0 && !text.includes(')')) return { ok: false, message: 'a parenthesis is opened and not closed', at };
  const words = text.match(/(?:[^\s"]+:)?"[^"]*"|\S+/g) ?? [];
  return { ok: true, node: { is: 'and', of: words.map(termOf) } };
}

function termOf(word: string): SearchNode {
  const field = /^([\w.@]+):"?(.*?)"?$/.exec(word);
  if (field) return { is: 'field', field: field[1] ?? '', op: 'eq', value: field[2] ?? '' };
  return { is: 'text', value: word.replaceAll('"', ''), phrase: word.startsWith('"') };
}

function isMatch(node: SearchNode, event: StoredEvent): boolean {
  switch (node.is) {
    case 'all':
      return true;
    case 'and':
      return node.of.every((one) => isMatch(one, event));
    case 'or':
      return node.of.some((one) => isMatch(one, event));
    case 'not':
      return !isMatch(node.of, event);
    case 'text':
      return event.raw.toLowerCase().includes(node.value.toLowerCase());
    case 'field':
      if (node.field === 'event.ingested') return event.ingestedMs >= Number(node.value);
      return String(event.fields[node.field] ?? '') === node.value;
    default:
      return unreachable(node);
  }
}

function eventsOf(world: World): ConsolePorts['events'] {
  const matching = ({ where, sinceMs, untilMs }: Pick<EventSearch, 'where' | 'sinceMs' | 'untilMs'>): StoredEvent[] =>
    world.events.filter((event) => event.timeMs >= sinceMs && event.timeMs < untilMs && isMatch(where, event));
  return {
    search: async (search) => {
      const sign = search.newestFirst ? -1 : 1;
      const ordered = matching(search).sort((a, b) => sign * (a.timeMs - b.timeMs));
      const from = search.after === undefined ? 0 : ordered.findIndex(({ id }) => id === search.after?.id) + 1;
      return { events: ordered.slice(from, from + search.limit), isPartial: false, reason: '', tookMs: 4, rowsRead: world.events.length };
    },
    histogram: async (search, bucketMs) => {
      const counts = new Map<number, number>();
      for (const { timeMs } of matching(search)) {
        const bucket = Math.floor(timeMs / bucketMs) * bucketMs;
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      }
      return [...counts].sort(([a], [b]) => a - b).map(([timeMs, count]) => ({ timeMs, count }));
    },
    get: async (ids) => world.events.filter(({ id }) => ids.includes(id)),
    ledger: async () =>
      world.agents.flatMap(({ agentId, sources }) =>
        sources.map(({ sourceId, linesRead, bytesRead }) => ({
          agentId,
          sourceId,
          linesRead,
          linesStored: linesRead,
          linesFiltered: 0,
          linesDropped: 0,
          linesLost: 0,
          linesTrimmed: 0,
          bytesRead,
          bytesKept: bytesRead,
        })),
      ),
  };
}

function fleetOf(world: World, clock: Clock): FleetDesk {
  return {
    agents: () => world.agents,
    tokens: async () => world.tokens,
    createToken: async ({ note, lifeMs, by }) => {
      const nowMs = clock.nowMs();
      const id = String(world.tokens.length + 1).padStart(16, '0');
      const view = { id, note, createdMs: nowMs, createdBy: by.name, expiresMs: nowMs + lifeMs, usedBy: '' };
      world.tokens.push(view);
      const hubUrl = 'https://127.0.0.1:7443';
      const token = `atl1.${id}.${'s'.repeat(32)}.${'f'.repeat(64)}`;
      return { ...view, token, hubUrl, command: `atalaia-agent enroll --hub ${hubUrl} --token-file -` };
    },
    removeToken: async (id) => {
      const before = world.tokens.length;
      world.tokens = world.tokens.filter((token) => token.id !== id);
      return world.tokens.length < before;
    },
    revoke: async (agentId, reason) => {
      const agent = world.agents.find((one) => one.agentId === agentId);
      if (!agent) return false;
      Object.assign(agent, { isRevoked: true, isConnected: false, problem: `revoked: ${reason}` });
      return true;
    },
  };
}

type Entry = Omit<AlertView['history'][number], 'atMs'>;

function alertsOf(world: World, clock: Clock): AlertDesk {
  const change = async (id: string, entry: Entry, set: Partial<AlertView>): Promise<AlertView | undefined> => {
    const alert = world.alerts.find((one) => one.id === id);
    if (!alert) return undefined;
    Object.assign(alert, set, { revision: alert.revision + 1 });
    alert.history.push({ atMs: clock.nowMs(), ...entry });
    return alert;
  };
  return {
    list: async ({ status, levels, verdict, assignee, text, limit }) =>
      world.alerts
        .filter((alert) => status === 'all' || alert.status === status)
        .filter((alert) => levels.length === 0 || levels.includes(alert.level))
        .filter(
          (alert) =>
            (verdict === '' || alert.verdict === (verdict === 'none' ? '' : verdict)) && (assignee === '' || alert.assignee === assignee),
        )
        .filter((alert) => `${alert.title} ${alert.ruleId}`.toLowerCase().includes(text.toLowerCase()))
        .slice(0, limit),
    countOpen: async (isCounted) => {
      const counts = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
      for (const alert of world.alerts) if (alert.status === 'open' && isCounted(alert)) counts[alert.level] += 1;
      return counts;
    },
    get: async (id) => world.alerts.find((alert) => alert.id === id),
    verdict: (id, verdict, note, { by }) => change(id, { by: by.name, what: 'verdict', text: `${verdict} ${note}`.trim() }, { verdict }),
    assign: (id, assignee, { by }) => change(id, { by: by.name, what: 'assigned', text: assignee }, { assignee }),
    close: (id, { verdict, note }, { by }) =>
      change(id, { by: by.name, what: 'closed', text: note }, { status: 'closed', ...(verdict && { verdict }) }),
    reopen: (id, note, { by }) => change(id, { by: by.name, what: 'reopened', text: note }, { status: 'open' }),
    openTicket: async (id, by) => {
      const alert = world.alerts.find((one) => one.id === id);
      if (!alert) return undefined;
      const known = world.tickets.find((ticket) => ticket.id === alert.ticketId);
      if (known) return known;
      const ticket = ticketOf(alert, clock.nowMs());
      world.tickets.unshift(ticket);
      alert.history.push({ atMs: clock.nowMs(), by: by.name, what: 'ticket opened', text: ticket.number });
      return ticket;
    },
  };
}

function ticketsOf(world: World, clock: Clock): TicketDesk {
  const change = async (id: string, entry: Entry, set: Partial<TicketView>): Promise<TicketView | undefined> => {
    const ticket = world.tickets.find((one) => one.id === id);
    if (!ticket) return undefined;
    Object.assign(ticket, set, { updatedMs: clock.nowMs(), revision: ticket.revision + 1 });
    ticket.history.push({ atMs: clock.nowMs(), ...entry });
    return ticket;
  };
  const open = stages.filter((stage) => stage !== 'closed');
  return {
    stages,
    closeReasons: ['resolved', 'false-positive', 'duplicate', 'other'],
    list: async ({ state, stage, owner, text, limit }) =>
      world.tickets
        .filter((ticket) => state === 'all' || ticket.isClosed === (state === 'closed'))
        .filter((ticket) => (stage === '' || ticket.stage === stage) && (owner === '' || ticket.owner === owner))
        .filter((ticket) => ticket.title.toLowerCase().includes(text.toLowerCase()))
        .slice(0, limit),
    countByStage: async (isCounted) =>
      stages.map((stage) => ({ stage, count: world.tickets.filter((ticket) => ticket.stage === stage && isCounted(ticket)).length })),
    get: async (id) => world.tickets.find((ticket) => ticket.id === id),
    create: async ({ title, severity, text, constituency }, by) => {
      const nowMs = clock.nowMs();
      const id = String(world.tickets.length + 1).padStart(32, '0');
      const ticket: TicketView = {
        id,
        number: `T-${id.slice(-6)}`,
        kind: 'incident',
        title,
        stage: 'new',
        movesTo: open.slice(1),
        isClosed: false,
        closeReason: '',
        owner: '',
        severity,
        createdMs: nowMs,
        updatedMs: nowMs,
        links: [],
        constituency,
        revision: 1,
        evidence: [],
        history: [{ atMs: nowMs, by: by.name, what: 'opened', text }],
      };
      world.tickets.unshift(ticket);
      return ticket;
    },
    assign: (id, owner, { by }) => change(id, { by: by.name, what: 'assigned', text: owner }, { owner }),
    comment: (id, text, { by }) => change(id, { by: by.name, what: 'comment', text: text }, {}),
    move: async (id, stage, note, { by }) => {
      const ticket = world.tickets.find((one) => one.id === id);
      if (ticket && !ticket.movesTo.includes(stage))
        throw new AtalaiaError('TICKET_STAGE_INVALID', `a ticket in ${ticket.stage} cannot move to ${stage}`);
      return change(
        id,
        { by: by.name, what: 'moved', text: `${ticket?.stage} → ${stage} ${note}`.trim() },
        { stage, movesTo: open.filter((one) => one !== stage) },
      );
    },
    close: (id, { reason, note }, { by }) =>
      change(id, { by: by.name, what: 'closed', text: note }, { stage: 'closed', closeReason: reason, isClosed: true, movesTo: [] }),
    reopen: (id, note, { by }) =>
      change(
        id,
        { by: by.name, what: 'reopened', text: note },
        { stage: 'triage', isClosed: false, movesTo: open.filter((one) => one !== 'triage') },
      ),
  };
}

function webhooksOf(world: World, clock: Clock): WebhookDesk {
  const secret = 'whsec_bm90LWEtcmVhbC1zZWNyZXQtYnV0LWxvbmc=';
  const find = (id: string): World['webhooks'][number] | undefined => world.webhooks.find((webhook) => webhook.id === id);
  const deliver = (webhookId: string, state: DeliveryView['state']): DeliveryView => {
    const nowMs = clock.nowMs();
    const id = `msg_${String(world.deliveries.length + 1).padStart(32, '0')}`;
    const base = { id, webhookId, alertId: '', event: 'test', state, attempts: 1, createdMs: nowMs, nextAttemptMs: 0 };
    const delivery = {
      ...base,
      lastStatus: state === 'delivered' ? 204 : 0,
      lastProblem: state === 'delivered' ? '' : 'connection refused',
    };
    world.deliveries.unshift(delivery);
    return delivery;
  };
  return {
    list: async () => world.webhooks,
    get: async (id) => find(id),
    create: async (wish) => {
      const id = String(world.webhooks.length + 1).padStart(16, '0');
      const webhook = {
        id,
        ...wish,
        allowPrivate: wish.allowPrivate ?? false,
        createdMs: clock.nowMs(),
        deliveredCount: 0,
        waitingCount: 0,
        deadCount: 0,
        lastProblem: '',
      };
      world.webhooks.push(webhook);
      return { webhook, secret };
    },
    change: async (id, wish) => {
      const webhook = find(id);
      return webhook && Object.assign(webhook, wish, { allowPrivate: wish.allowPrivate ?? webhook.allowPrivate });
    },
    remove: async (id) => {
      const before = world.webhooks.length;
      world.webhooks = world.webhooks.filter((webhook) => webhook.id !== id);
      return world.webhooks.length < before;
    },
    rotateSecret: async (id) => {
      const webhook = find(id);
      return webhook && { webhook, secret };
    },
    test: async (id) => (find(id) ? deliver(id, 'delivered') : undefined),
    deliveries: async (id, { state, limit }) =>
      world.deliveries.filter((one) => one.webhookId === id && (state === 'all' || one.state === state)).slice(0, limit),
    replay: async (id, deliveryId) => {
      const found = world.deliveries.find((one) => one.id === deliveryId && one.webhookId === id);
      if (found) Object.assign(found, { state: 'waiting', attempts: 0 });
      return found !== undefined;
    },
  };
}

function ratesUntil(nowMs: number): RatePoint[] {
  return Array.from({ length: 180 }, (_, index) => {
    const wave = Math.sin(index / 9) + Math.sin(index / 23) * 0.6;
    const eventsPerSecond = Math.round(190 + wave * 60 + (index % 37 === 0 ? 90 : 0));
    return { timeMs: nowMs - (179 - index) * 5_000, eventsPerSecond, bytesPerSecond: eventsPerSecond * 230 };
  });
}
