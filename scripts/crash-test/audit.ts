// What has to be true after everything is up again and drained: of every source what it owes, nothing twice, in order
// (judge-lines.ts); the ledger of every source balances to the line; alerts, tickets and webhook ids exactly as many as
// without kills.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expectedAlerts, ruleIds, type ExpectedAlert } from './attacks.ts';
import { checkLedger } from './check-ledger.ts';
import { ConsoleReader, type SeenAlert } from './console-reader.ts';
import type { CrashSite } from './crash-site.ts';
import { judgeLines, type Verdict } from './judge-lines.ts';
import type { LiveBook } from './live-book.ts';
import type { StoreReader } from './read-store.ts';
import { isLive } from './sources.ts';
import { isIdle, standOf } from './stand-of.ts';
import { holesIn } from './told-lost.ts';
import type { WrittenLine, WrittenLines } from './written-lines.ts';

export interface AuditOutcome {
  readonly lost: number;
  readonly duplicated: number;
  /** Destroyed and told as lost, as it should be. */
  readonly toldLost: number;
  /** Of live sources: received by nobody or not buffered when the agent was killed. */
  readonly unpromised: number;
  readonly problems: readonly string[];
}

export interface AuditWish {
  readonly site: CrashSite;
  readonly written: WrittenLines;
  readonly live: LiveBook;
  readonly store: StoreReader;
  readonly hasDamage: boolean;
  /** The window of an alert may have ended: the hub’s clock jumped, or hours went by. */
  readonly mayAlertAgain: boolean;
  /** The last look at this site: everything is read again. */
  readonly isLast: boolean;
}

const drainMsMax = 120_000;
const quietMs = 600;
const settleMsMax = 60_000;

export async function audit(wish: AuditWish): Promise<AuditOutcome> {
  const { site, written, live, store, hasDamage, isLast } = wish;
  const problems = await untilDrained(wish);
  const reader = new ConsoleReader(site.consoleUrl, join(site.hubData, 'first-password'));
  await store.read(written.lines, { isWhole: isLast });
  const ids = store.ids();
  const ledger = await reader.ledger();
  const lines = written.lines.filter(({ isNoise }) => !isNoise);
  const verdict = judgeLines({
    lines,
    ids,
    holes: hasDamage ? holesIn(join(site.logs, 'hub.log')) : [],
    connections: live.connections,
    owed: (connection) => live.owed(connection),
    dropped: new Map(
      ledger.filter(({ sourceId }) => sourceId === 'udp' || sourceId === 'kmsg').map((row) => [row.sourceId, row.linesDropped]),
    ),
  });
  problems.push(...store.problems, ...tellVerdict(verdict), ...checkLedger(ledger, { lines: written.lines, ids, hasDamage }));
  const { duplicated } = store;
  if (duplicated.length > 0)
    problems.push(`stored more than once: ${rangesOf(written.lines.filter(({ number }) => duplicated.includes(number)))}`);
  const arrived = lines.filter(({ number }) => ids.has(number));
  problems.push(...(await alertProblems(wish, reader, expectedAlerts(arrived))), ...site.receiver.problems);
  if (problems.length > 0) keepEvidence(site.folder, written.lines, ids);
  return { lost: verdict.lost.length, duplicated: store.duplicates, toldLost: verdict.told, unpromised: verdict.unpromised, problems };
}

/** What was written and what became of it, beside the logs and data of a site that failed. */
function keepEvidence(folder: string, lines: readonly WrittenLine[], ids: ReadonlyMap<number, string>): void {
  const fates = lines.map(({ number, source, run, timeMs, isNoise }) =>
    [number, source, run, new Date(timeMs).toISOString(), ids.get(number) ?? (isNoise ? 'filtered' : 'missing')].join('\t'),
  );
  writeFileSync(join(folder, 'lines.tsv'), `${fates.join('\n')}\n`);
}

function tellVerdict({ lost, disordered }: Verdict): string[] {
  return [
    ...(lost.length > 0 ? [`${lost.length} lines are neither in the store nor told as lost: ${rangesOf(lost)}`] : []),
    ...(disordered.length > 0 ? [`stored in another order than written: ${disordered.slice(0, 5).join(', ')}`] : []),
  ];
}

/** Everything read, committed, stored and detected; or nothing moves any more. */
async function untilDrained({ site, written, live, hasDamage }: AuditWish): Promise<string[]> {
  const untilMs = Date.now() + drainMsMax;
  const owed =
    written.lines.filter(({ source, isNoise }) => !isNoise && !isLive(source) && source !== 'kmsg').length +
    live.connections.reduce((sum, connection) => sum + live.owed(connection), 0);
  let quietSinceMs = Date.now();
  let before = '';
  for (;;) {
    const [hub, agent] = await Promise.all([site.hubStatus(), site.agentStatus()]);
    const stand = standOf({ hub, agent });
    if (stand !== before || !isIdle({ hub, agent })) quietSinceMs = Date.now();
    before = stand;
    const isQuiet = Date.now() - quietSinceMs >= quietMs;
    if (isQuiet && (hasDamage || (hub?.store.rows ?? 0) >= owed)) return [];
    if (Date.now() > untilMs) return [`not drained within ${drainMsMax / 1_000} s, ${owed} lines owed: ${JSON.stringify({ hub, agent })}`];
    await delay(100);
  }
}

async function alertProblems(
  { site, mayAlertAgain }: AuditWish,
  reader: ConsoleReader,
  expected: readonly ExpectedAlert[],
): Promise<string[]> {
  const untilMs = Date.now() + settleMsMax;
  for (;;) {
    const [alerts, tickets] = await Promise.all([reader.alerts(), reader.tickets()]);
    const seen = { alerts, tickets: tickets.length, webhooks: site.receiver.ids };
    const problems = mayAlertAgain ? compareAcrossWindows(seen, expected) : compare(seen, expected);
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

/** A window that ended makes another alert of the same group: counts are those of all of them together. */
function compareAcrossWindows({ alerts, webhooks }: SeenByPeople, expected: readonly ExpectedAlert[]): string[] {
  const problems: string[] = [];
  for (const { rule, group, count } of expected.filter((one) => one.count !== undefined)) {
    const found = alerts.filter(({ ruleId, group: values }) => ruleId === rule && values.some(({ value }) => value === group));
    const sum = found.reduce((total, alert) => total + alert.count, 0);
    if (sum !== count) problems.push(`the alerts of rule ${rule} for ${group} count ${sum} events, expected ${count}`);
  }
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
