// What has to be true after everything is up again and drained: every line in the store exactly once, or told as lost where
// its bytes were destroyed; alerts, tickets and webhook ids exactly as many as without kills.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { askHub } from '../programs/site.ts';
import { expectedAlerts, ruleIds, type ExpectedAlert } from './attacks.ts';
import { ConsoleReader, type LedgerLine, type SeenAlert } from './console-reader.ts';
import type { CrashSite } from './crash-site.ts';
import { holesIn, untoldLines } from './told-lost.ts';
import { numberIn, type WrittenLine, type WrittenLines } from './written-lines.ts';

export interface AuditOutcome {
  readonly lost: number;
  readonly duplicated: number;
  /** Destroyed and told as lost, as it should be. */
  readonly toldLost: number;
  readonly problems: readonly string[];
}

interface SeenEvent {
  readonly id: string;
  readonly raw: string;
}

interface SeenEvents {
  /** Number of a line to how often it is stored. */
  readonly times: ReadonlyMap<number, number>;
  readonly ids: ReadonlyMap<number, string>;
  readonly problems: readonly string[];
}

const searchLimit = 1_000;
const linesPerSearch = 700;
const drainMsMax = 90_000;
const quietMs = 800;
const settleMsMax = 60_000;

export async function audit(site: CrashSite, written: WrittenLines, hasDamage: boolean): Promise<AuditOutcome> {
  const problems = await untilDrained(site, written, hasDamage);
  const { times, ids, problems: strange } = await readStore(site, written.lines);
  const missing = written.lines.filter(({ number }) => !times.has(number));
  const duplicated = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
  const reader = new ConsoleReader(site.consoleUrl, join(site.hubData, 'first-password'));
  const ledger = await reader.ledger();
  const untold = untoldLines(written.lines, ids, hasDamage ? holesIn(join(site.logs, 'hub.log')) : []);
  problems.push(...strange, ...ledgerProblems(ledger, { lines: written.lines, missing, hasDamage }));
  if (untold.length > 0) problems.push(`${missing.length} lines are not in the store; not told as lost: ${rangesOf(untold)}`);
  if (duplicated > 0)
    problems.push(`stored more than once: ${rangesOf(written.lines.filter(({ number }) => (times.get(number) ?? 0) > 1))}`);
  const arrived = written.lines.filter(({ number }) => times.has(number));
  problems.push(...(await alertProblems(site, reader, expectedAlerts(arrived))), ...site.receiver.problems);
  return { lost: untold.length, duplicated, toldLost: missing.length - untold.length, problems };
}

/** Everything read, committed, stored and detected; or nothing moves any more. */
async function untilDrained(site: CrashSite, written: WrittenLines, hasDamage: boolean): Promise<string[]> {
  const untilMs = Date.now() + drainMsMax;
  let quietSinceMs = Date.now();
  let before = '';
  for (;;) {
    const [hub, agent] = await Promise.all([site.hubStatus(), site.agentStatus()]);
    const isIdle =
      hub !== undefined &&
      agent !== undefined &&
      agent.lagBytes === 0 &&
      agent.lanes.every(({ buffered, committed }) => buffered.sequence === committed.sequence) &&
      Math.min(hub.pipeline.stored, hub.pipeline.detected) >= hub.journal.next - 1;
    const state = JSON.stringify([hub?.journal.next, hub?.store.rows, agent?.lanes]);
    if (state !== before || !isIdle) quietSinceMs = Date.now();
    before = state;
    const isQuiet = Date.now() - quietSinceMs >= quietMs;
    if (isQuiet && (hasDamage || (hub?.store.rows ?? 0) >= written.lines.length)) return [];
    if (Date.now() > untilMs) return [`not drained within ${drainMsMax / 1_000} s: ${JSON.stringify({ hub, agent })}`];
    await delay(100);
  }
}

async function readStore(site: CrashSite, lines: readonly WrittenLine[]): Promise<SeenEvents> {
  const times = new Map<number, number>();
  const problems: string[] = [];
  const ids = new Map<number, string>();
  const events: SeenEvent[] = [];
  const cuts = lines.filter(({ number }) => number % linesPerSearch === 0).map(({ timeMs }) => timeMs);
  const edges = [(cuts[0] ?? 0) - 3_600_000, ...cuts, Date.now() + 3_600_000];
  for (const [at, sinceMs] of edges.slice(0, -1).entries()) events.push(...(await search(site, sinceMs, edges[at + 1] ?? sinceMs)));
  for (const { id, raw } of events) {
    const number = numberIn(raw);
    const line = number === undefined ? undefined : lines[number];
    if (number === undefined || !line || line.text !== raw) problems.push(`the store holds what was not written so: ${raw.slice(0, 300)}`);
    else {
      times.set(number, (times.get(number) ?? 0) + 1);
      ids.set(number, id);
    }
  }
  return { times, ids, problems: problems.slice(0, 5) };
}

/** Halves the time until an answer is whole. */
async function search(site: CrashSite, sinceMs: number, untilMs: number): Promise<readonly SeenEvent[]> {
  const answer = await askHub(site.hubData, 'search', { query: '', sinceMs, untilMs, limit: searchLimit });
  if (typeof answer !== 'object' || answer === null || !('events' in answer))
    throw new Error(`a search answered ${JSON.stringify(answer)}`);
  // The hub's own answer, of the same version.
  const { events, isPartial } = answer as { readonly events: readonly SeenEvent[]; readonly isPartial: boolean };
  if (events.length < searchLimit && !isPartial) return events;
  if (untilMs - sinceMs < 2) throw new Error('a search of one millisecond is not answered whole');
  const middle = Math.floor((sinceMs + untilMs) / 2);
  return [...(await search(site, sinceMs, middle)), ...(await search(site, middle, untilMs))];
}

function ledgerProblems(
  ledger: readonly LedgerLine[],
  { lines, missing, hasDamage }: { lines: readonly WrittenLine[]; missing: readonly WrittenLine[]; hasDamage: boolean },
): string[] {
  return ledger.flatMap((row) => {
    const inSource = ({ source }: WrittenLine): boolean => source === row.sourceId;
    const writtenCount = lines.filter(inSource).length;
    const stored = writtenCount - missing.filter(inSource).length;
    const isRight =
      row.linesStored === stored &&
      (hasDamage ? row.linesLost <= missing.filter(inSource).length : row.linesLost === 0 && row.linesRead === writtenCount) &&
      row.gap === 0;
    return isRight ? [] : [`the ledger of ${row.sourceId} says ${JSON.stringify(row)}; ${writtenCount} written, ${stored} stored`];
  });
}

async function alertProblems(site: CrashSite, reader: ConsoleReader, expected: readonly ExpectedAlert[]): Promise<string[]> {
  const untilMs = Date.now() + settleMsMax;
  for (;;) {
    const [alerts, tickets] = await Promise.all([reader.alerts(), reader.tickets()]);
    const problems = compare({ alerts, tickets: tickets.length, webhooks: site.receiver.ids }, expected);
    if (problems.length === 0 || Date.now() > untilMs) return problems;
    await delay(500);
  }
}

interface SeenByPeople {
  readonly alerts: readonly SeenAlert[];
  readonly tickets: number;
  readonly webhooks: ReadonlyMap<string, string>;
}

const ourRules: ReadonlySet<string> = new Set(Object.values(ruleIds));

function compare({ alerts, tickets, webhooks }: SeenByPeople, expected: readonly ExpectedAlert[]): string[] {
  const problems: string[] = [];
  for (const { rule, group, count, opensTicket } of expected) {
    const found = alerts.filter(({ ruleId, group: values }) => ruleId === rule && values.some(({ value }) => value === group));
    const [one] = found;
    if (found.length !== 1 || !one) problems.push(`${found.length} alerts of rule ${rule} for ${group}, expected one`);
    else {
      if (count !== undefined && one.count !== count)
        problems.push(`the alert ${one.title} for ${group} counts ${one.count} events, expected ${count}`);
      if (opensTicket !== (one.ticketId !== ''))
        problems.push(`the alert ${one.title} for ${group} has ${one.ticketId === '' ? 'no' : 'a'} ticket`);
    }
  }
  const strangers = alerts.filter(({ ruleId }) => !ourRules.has(ruleId));
  for (const { ruleId, title } of strangers.slice(0, 3)) problems.push(`an alert that nothing should have raised: ${ruleId} ${title}`);
  if (alerts.length !== expected.length) problems.push(`${alerts.length} alerts, expected ${expected.length}`);
  const wantedTickets = expected.filter(({ opensTicket }) => opensTicket).length;
  if (tickets !== wantedTickets) problems.push(`${tickets} tickets, expected ${wantedTickets}`);
  if (webhooks.size !== expected.length) problems.push(`${webhooks.size} webhook ids, expected ${expected.length}`);
  const untold = alerts.filter(({ id }) => ![...webhooks.values()].includes(id));
  if (untold.length > 0) problems.push(`no webhook told of ${untold.length} alerts, such as ${untold[0]?.title}`);
  return problems;
}

function rangesOf(lines: readonly WrittenLine[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < lines.length && ranges.length < 8;) {
    let end = at;
    while ((lines[end + 1]?.number ?? -1) === (lines[end]?.number ?? 0) + 1) end++;
    ranges.push(`${lines[at]?.number}-${lines[end]?.number}`);
    at = end + 1;
  }
  return ranges.join(', ');
}
