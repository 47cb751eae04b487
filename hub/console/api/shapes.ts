// What the console's API answers, said once: a schema gives the published OpenAPI document, the type the pages and the
// ports use, and the check in the tests. Pages import the types only, so the schemas never reach a browser.
// A field is never left out: what is unknown is '' or 0 or null, so that a script needs no second guess.
import * as z from 'zod';
import { levels, verdicts } from '../../ports.ts';
import { roles } from './roles.ts';

export const level = z.enum(levels);
const timeMs = z.number().int().nonnegative().describe('Milliseconds since 1970, 0 when never');
const count = z.number().int().nonnegative();
const revision = count.describe('Give it back with a change; the change is refused when somebody was faster');
const constituency = z.string().describe('Whom the object concerns; empty is the house itself');
export const constituencyName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, . _ - and at most 64 of them');

export const role = z.enum(roles);

export const userView = z.object({
  name: z.string(),
  role,
  constituencies: z.array(z.string()).describe('Whose objects the person sees; * is all'),
  isDisabled: z.boolean(),
  createdMs: timeMs,
  lastSignInMs: timeMs,
});
export type UserView = z.infer<typeof userView>;

export const sessionView = z.object({
  user: z.object({ name: z.string(), role, mustChangePassword: z.boolean() }).nullable(),
  csrfToken: z.string().describe('Send it back as x-atalaia-csrf with every change'),
  expiresMs: timeMs,
  actions: z.array(z.string()).describe('What this person may do'),
});
export type SessionView = z.infer<typeof sessionView>;

export const sourceView = z.object({
  sourceId: z.string(),
  type: z.string(),
  linesRead: count,
  bytesRead: count,
  lagBytes: count,
  lastReadMs: timeMs,
  isSilent: z.boolean().describe('Nothing came for longer than this source usually pauses'),
  problem: z.string(),
});
export type SourceView = z.infer<typeof sourceView>;

export const agentView = z.object({
  agentId: z.string(),
  name: z.string(),
  hostName: z.string(),
  version: z.string(),
  address: z.string(),
  isConnected: z.boolean(),
  connectedAtMs: timeMs,
  lastSeenMs: timeMs,
  linesPerSecond: z.number(),
  bytesPerSecond: z.number(),
  bufferedBytes: count,
  bufferedBatches: count,
  clockOffsetMs: z.number(),
  certificateExpiresMs: timeMs,
  isRevoked: z.boolean(),
  problem: z.string(),
  constituency,
  sources: z.array(sourceView),
});
export type AgentView = z.infer<typeof agentView>;

export const tokenView = z.object({
  id: z.string(),
  note: z.string(),
  createdMs: timeMs,
  createdBy: z.string(),
  expiresMs: timeMs,
  usedBy: z.string().describe('The agent that used it; empty while open'),
});
export type TokenView = z.infer<typeof tokenView>;

export const tokenCreated = tokenView.extend({
  token: z.string().describe('Shown once; the hub keeps a hash'),
  hubUrl: z.string(),
  command: z.string().describe('To be run on the host; the token goes to standard input'),
});
export type TokenCreated = z.infer<typeof tokenCreated>;

export const eventView = z.object({
  id: z.string(),
  timeMs,
  createdMs: timeMs,
  ingestedMs: timeMs,
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()])).readonly(),
  raw: z.string(),
});
export type EventView = z.infer<typeof eventView>;

export const eventPage = z.object({
  events: z.array(eventView),
  cursor: z.string().describe('Give it back for the next page; empty at the end'),
  isPartial: z.boolean(),
  reason: z.string().describe('Which limit ended the search, when one did'),
  tookMs: z.number(),
  rowsRead: z.number(),
});
export type EventPage = z.infer<typeof eventPage>;

export const histogramView = z.object({
  bucketMs: z.number(),
  sinceMs: timeMs,
  untilMs: timeMs,
  buckets: z.array(z.object({ timeMs, count })),
});
export type HistogramView = z.infer<typeof histogramView>;

const evidenceView = z.object({
  eventId: z.string(),
  timeMs,
  agentId: z.string(),
  sourceId: z.string(),
  raw: z.string(),
  sha256: z.string().describe('Of the whole line'),
  isCut: z.boolean().describe('raw was shortened to fit'),
});

export const historyView = z.object({
  atMs: timeMs,
  by: z.string(),
  what: z.string(),
  text: z.string(),
});
export type HistoryView = z.infer<typeof historyView>;

export const alertView = z.object({
  id: z.string(),
  ruleId: z.string(),
  ruleVersion: z.string(),
  title: z.string(),
  level,
  status: z.enum(['open', 'closed']),
  verdict: z.enum([...verdicts, '']).describe('Empty: nobody has judged it'),
  assignee: z.string(),
  tags: z.array(z.string()),
  group: z.array(z.object({ field: z.string(), value: z.string() })),
  fields: z.record(z.string(), z.array(z.string())),
  firstMs: timeMs,
  lastMs: timeMs,
  count,
  ticketId: z.string(),
  constituency,
  revision,
  rule: z.object({ description: z.string(), falsePositives: z.array(z.string()) }).describe('What its author says; empty when it is gone'),
  evidence: z.array(evidenceView),
  history: z.array(historyView),
});
export type AlertView = z.infer<typeof alertView>;

export const alertSummary = alertView.omit({ rule: true, evidence: true, history: true });
export type AlertSummary = z.infer<typeof alertSummary>;

export const ticketView = z.object({
  id: z.string(),
  number: z.string().describe('What people call it'),
  kind: z.string(),
  title: z.string(),
  stage: z.string(),
  movesTo: z.array(z.string()),
  isClosed: z.boolean(),
  closeReason: z.string(),
  owner: z.string(),
  severity: level,
  createdMs: timeMs,
  updatedMs: timeMs,
  links: z.array(z.object({ kind: z.string(), id: z.string() })),
  constituency,
  revision,
  evidence: z.array(evidenceView),
  history: z.array(historyView),
});
export type TicketView = z.infer<typeof ticketView>;

export const ticketSummary = ticketView.omit({ evidence: true, history: true, links: true });
export type TicketSummary = z.infer<typeof ticketSummary>;

export const webhookView = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  isEnabled: z.boolean(),
  minimumLevel: level,
  allowPrivate: z.boolean().describe('May be sent to private and loopback addresses, and over plain http there'),
  createdMs: timeMs,
  deliveredCount: count,
  waitingCount: count,
  deadCount: count,
  lastProblem: z.string(),
});
export type WebhookView = z.infer<typeof webhookView>;

export const webhookSecret = z.object({ webhook: webhookView, secret: z.string().describe('Shown once; verifies the signature') });
export type WebhookSecret = z.infer<typeof webhookSecret>;

export const deliveryView = z.object({
  id: z.string().describe('The webhook-id header'),
  webhookId: z.string(),
  alertId: z.string(),
  event: z.string(),
  state: z.enum(['delivered', 'waiting', 'dead']),
  attempts: count,
  createdMs: timeMs,
  nextAttemptMs: timeMs,
  lastStatus: z.number().int().describe('HTTP status, 0 when there was no answer'),
  lastProblem: z.string(),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const auditView = z.object({
  id: z.string(),
  atMs: timeMs,
  actor: z.string(),
  address: z.string(),
  action: z.string(),
  object: z.string(),
  outcome: z.enum(['started', 'done', 'refused', 'failed']),
  text: z.string(),
});
export type AuditView = z.infer<typeof auditView>;

export const ledgerView = z.object({
  agentId: z.string(),
  sourceId: z.string(),
  linesRead: count,
  linesStored: count,
  linesFiltered: count,
  linesDropped: count,
  linesLost: count,
  linesTrimmed: count,
  bytesRead: count,
  bytesKept: count,
  gap: z.number().int().describe('Read, but neither stored, filtered, dropped nor lost: on its way, or missing when it stays'),
});
export type LedgerView = z.infer<typeof ledgerView>;

export const ratePoint = z.object({ timeMs, eventsPerSecond: z.number(), bytesPerSecond: z.number() });
export type RatePoint = z.infer<typeof ratePoint>;

export const healthView = z.object({
  isWell: z.boolean(),
  version: z.string(),
  startedMs: timeMs,
  journal: z.object({ pendingWrites: count, bytes: count, isFull: z.boolean() }),
  store: z.object({ isUp: z.boolean(), restarts: count, rows: count, bytesOnDisk: count }),
  detection: z.object({ rulesLoaded: count, rulesRefused: count }),
  problems: z.array(z.string()),
});
export type HealthView = z.infer<typeof healthView>;

export const overviewView = z.object({
  nowMs: timeMs,
  rates: z.array(ratePoint),
  alertsByLevel: z.record(level, count),
  ticketsByStage: z.array(z.object({ stage: z.string(), count })),
  agents: z.object({ total: count, connected: count, away: count, revoked: count }),
  sourcesTotal: count,
  silentSources: z.array(
    z.object({ agentId: z.string(), agentName: z.string(), sourceId: z.string(), lastReadMs: timeMs, problem: z.string() }),
  ),
  health: healthView,
});
export type OverviewView = z.infer<typeof overviewView>;

export const problemView = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string().describe('Stable word for scripts'),
  place: z.string().describe('Which part of the request or the hub'),
  remedy: z.string().describe('What to do now'),
});
export type ProblemView = z.infer<typeof problemView>;
