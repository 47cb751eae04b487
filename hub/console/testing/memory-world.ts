// A small world behind the console's ports, held in memory: two agents, a few hundred events, alerts, tickets, a webhook.
// It is what the API's and the browser's tests look at. Times hang on the clock passed in; nothing is random.
import { createHash } from 'node:crypto';
import type { Clock } from '../../../proto/runtime/clock.ts';
import { alertId, ticketIdOfAlert } from '../../../proto/ids.ts';
import type { Level, StoredEvent } from '../../ports.ts';
import type { AgentView, AlertView, DeliveryView, HealthView, SourceView, TicketView, WebhookView } from '../api/shapes.ts';

export interface World {
  agents: AgentView[];
  tokens: { id: string; note: string; createdMs: number; createdBy: string; expiresMs: number; usedBy: string }[];
  events: StoredEvent[];
  alerts: AlertView[];
  tickets: TicketView[];
  webhooks: WebhookView[];
  deliveries: DeliveryView[];
  health: HealthView;
}

export const webAgentId = '5c1f0a7be0d94c6a8a5d3e2f10b7c4d9';
export const firewallAgentId = 'a90de3b1c4f24f7d9b0e6c58d2f7a131';
const epoch = 'e0'.repeat(16);

export function makeWorld(clock: Clock): World {
  const nowMs = clock.nowMs();
  const events = makeEvents(nowMs);
  const alerts = makeAlerts(events, nowMs);
  const [first] = alerts;
  return {
    agents: makeAgents(nowMs),
    tokens: [],
    events,
    alerts,
    tickets: first ? [ticketOf(first, nowMs - 600_000)] : [],
    webhooks: [],
    deliveries: [],
    health: {
      isWell: true,
      version: '0.1.0',
      startedMs: nowMs - 86_400_000,
      journal: { pendingWrites: 3, bytes: 48_234_496, isFull: false },
      store: { isUp: true, restarts: 0, rows: 1_284_311, bytesOnDisk: 312_475_648 },
      detection: { rulesLoaded: 10, rulesRefused: 0 },
      problems: [],
    },
  };
}

function makeAgents(nowMs: number): AgentView[] {
  const base = {
    version: '0.1.0',
    connectedAtMs: nowMs - 7_200_000,
    lastSeenMs: nowMs - 400,
    clockOffsetMs: 12,
    certificateExpiresMs: nowMs + 20 * 86_400_000,
    isRevoked: false,
    constituency: '',
  };
  const web: AgentView = {
    ...base,
    agentId: webAgentId,
    name: 'web1',
    hostName: 'web1.example.org',
    address: '192.0.2.20',
    isConnected: true,
    linesPerSecond: 184.2,
    bytesPerSecond: 41_220,
    bufferedBytes: 0,
    bufferedBatches: 0,
    problem: '',
    sources: [
      source('nginx', 1_840_233, nowMs - 300),
      source('auth', 22_118, nowMs - 4_000),
      source('app', 0, 0, 'cannot read /srv/app/log/app.log: permission denied'),
    ],
  };
  const firewall: AgentView = {
    ...base,
    agentId: firewallAgentId,
    name: 'fw-edge',
    hostName: 'fw-edge.example.org',
    address: '192.0.2.1',
    isConnected: false,
    lastSeenMs: nowMs - 5_400_000,
    linesPerSecond: 0,
    bytesPerSecond: 0,
    bufferedBytes: 18_874_368,
    bufferedBatches: 41,
    problem: 'away for 1 h 30 min',
    sources: [{ ...source('kernel', 903_112, nowMs - 5_400_000), isSilent: true, lagBytes: 48_112 }],
  };
  return [web, firewall];
}

function source(sourceId: string, linesRead: number, lastReadMs: number, problem = ''): SourceView {
  return { sourceId, type: 'file', linesRead, bytesRead: linesRead * 190, lagBytes: 0, lastReadMs, isSilent: false, problem };
}

function makeEvents(nowMs: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let index = 0; index < 400; index++) {
    const timeMs = nowMs - index * 2_300;
    events.push(index % 3 === 0 ? sshEvent(index, timeMs) : webEvent(index, timeMs));
  }
  return events;
}

function sshEvent(index: number, timeMs: number): StoredEvent {
  const user = ['root', 'admin', 'oracle', 'deploy'][index % 4] ?? 'root';
  const address = `203.0.113.${7 + (index % 5)}`;
  return {
    ...place(index, timeMs),
    fields: {
      'event.category': ['authentication'],
      'event.action': 'ssh_login',
      'event.outcome': 'failure',
      'event.dataset': 'sshd.auth',
      'host.name': 'web1',
      'source.ip': address,
      'source.port': 40_000 + index,
      'user.name': user,
      'process.name': 'sshd',
      'process.pid': 800 + index,
    },
    raw: `${stamp(timeMs)} web1 sshd[${800 + index}]: Failed password for ${user} from ${address} port ${40_000 + index} ssh2`,
  };
}

function webEvent(index: number, timeMs: number): StoredEvent {
  const path = index % 7 === 0 ? '/search?q=%3Cscript%3Ealert(1)%3C/script%3E' : `/articles/${index}`;
  const status = index % 11 === 0 ? 404 : 200;
  return {
    ...place(index, timeMs),
    fields: {
      'event.category': ['web'],
      'event.dataset': 'nginx.access',
      'event.outcome': status === 200 ? 'success' : 'failure',
      'host.name': 'web1',
      'source.ip': `198.51.100.${(index % 60) + 1}`,
      'http.request.method': 'GET',
      'http.response.status_code': status,
      'url.original': path,
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
    },
    raw: `198.51.100.${(index % 60) + 1} - - [${new Date(timeMs).toISOString()}] "GET ${path} HTTP/1.1" ${status} ${1_200 + index} "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
  };
}

function place(index: number, timeMs: number): Pick<StoredEvent, 'id' | 'timeMs' | 'createdMs' | 'ingestedMs'> {
  return { id: `${webAgentId}:${epoch}:normal:${1_000 - index}:0`, timeMs, createdMs: timeMs + 40, ingestedMs: timeMs + 220 };
}

function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19);
}

const rules: readonly [ruleId: string, title: string, level: Level][] = [
  ['success-after-guessing', 'SSH password guessed', 'critical'],
  ['xss-in-request', 'Cross-site scripting in a request', 'high'],
  ['ssh-guessing', 'SSH password guessing', 'medium'],
  ['scanner-user-agent', 'User agent of a vulnerability scanner', 'low'],
  ['source-silent', 'A source has gone silent', 'informational'],
];

function makeAlerts(events: readonly StoredEvent[], nowMs: number): AlertView[] {
  return rules.map(([ruleId, title, level], index) => {
    const group = [{ field: 'source.ip', value: `203.0.113.${7 + index}` }];
    const lastMs = nowMs - 30_000 - index * 420_000;
    return {
      id: alertId(
        ruleId,
        group.map(({ value }) => value),
        0,
      ),
      ruleId,
      ruleVersion: '1',
      title,
      level,
      status: 'open',
      verdict: '',
      assignee: '',
      tags: ['attack.credential_access', 'attack.t1110'],
      group,
      fields: { 'source.ip': group.map(({ value }) => value), 'host.name': ['web1'], 'user.name': ['root', 'admin'] },
      firstMs: lastMs - 240_000,
      lastMs,
      count: 6 + index * 17,
      ticketId: '',
      constituency: '',
      revision: 1,
      rule: { description: 'Somebody tries what nobody should.', falsePositives: ['A test'] },
      evidence: events
        .filter(({ fields }) => fields['event.outcome'] === 'failure')
        .slice(index, index + 5)
        .map(evidenceOf),
      history: [{ atMs: lastMs - 240_000, by: 'hub', what: 'opened', text: '' }],
    };
  });
}

function evidenceOf(event: StoredEvent): AlertView['evidence'][number] {
  const sha256 = createHash('sha256').update(event.raw).digest('hex');
  return { eventId: event.id, timeMs: event.timeMs, agentId: webAgentId, sourceId: 'auth', raw: event.raw, sha256, isCut: false };
}

export const stages = ['new', 'triage', 'containment', 'eradication', 'recovery', 'review', 'closed'] as const;

export function ticketOf(alert: AlertView, atMs: number): TicketView {
  const id = ticketIdOfAlert(alert.id);
  alert.ticketId = id;
  return {
    id,
    number: `T-${id.slice(0, 6).toUpperCase()}`,
    kind: 'incident',
    title: alert.title,
    stage: 'new',
    movesTo: stages.slice(1, 6),
    isClosed: false,
    closeReason: '',
    owner: '',
    severity: alert.level,
    createdMs: atMs,
    updatedMs: atMs,
    links: [{ kind: 'alert', id: alert.id }],
    constituency: '',
    revision: 1,
    evidence: alert.evidence,
    history: [{ atMs, by: 'hub', what: 'opened', text: `from alert ${alert.title}` }],
  };
}
