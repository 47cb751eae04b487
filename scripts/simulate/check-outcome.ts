// Holds a drained site against the promises of DELIVERY.md: every line once or told as lost, nothing acknowledged lost,
// a ledger that balances, and as many alerts, tickets and webhook ids as the stored lines call for.
// Roll-backs and clones have the residue that DELIVERY.md names, and only they: at most one batch per stream twice.
import { ticketIdOfAlert, webhookId } from '../../proto/ids.ts';
import { poisonProblem } from '../../hub/line-work.ts';
import type { Alert, StoredEvent } from '../../hub/ports.ts';
import { attackId, manyId } from './hub-machine.ts';
import type { Line } from './log-files.ts';
import type { Site } from './site.ts';

/** Residue: what one batch may hold, for each of the two lives. */
const residueLinesMax = 40;

export async function checkOutcome(site: Site): Promise<void> {
  const stored = countByText(site.hub.store.events);
  checkIds(site);
  checkLines(site, stored);
  checkCommitted(site);
  checkLedger(site);
  await checkAlerts(site);
}

function countByText(events: readonly StoredEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { raw } of events) counts.set(raw, (counts.get(raw) ?? 0) + 1);
  return counts;
}

function checkIds({ world, hub }: Site): void {
  const ids = new Set<string>();
  for (const { id } of hub.store.events) {
    if (ids.has(id)) world.blame(`event id ${id} is stored twice`);
    ids.add(id);
  }
}

function checkLines(site: Site, stored: ReadonlyMap<string, number>): void {
  const { world, book, happened, plan } = site;
  const mayRepeat = happened.rollBack || happened.clone;
  const standing = standingLines(site);
  let repeats = 0;
  const missing: Line[] = [];
  for (const line of book.byText.values()) {
    const count = stored.get(line.text) ?? 0;
    if (line.isNoise && count > 0) world.blame(`stored although filtered: ${line.text}`);
    if (count > 1) repeats += count - 1;
    if (count > 1 && !mayRepeat) world.blame(`stored ${count} times: ${line.text}`);
    const isOwed = line.source === 'file' ? standing.has(line) || line.isBuffered : line.isBuffered && plan.datagramsWhenFull === 'block';
    if (count === 0 && !line.isNoise && isOwed) missing.push(line);
  }
  for (const text of stored.keys()) if (!book.byText.has(text)) world.blame(`stored and never written: ${text}`);
  if (repeats > residueLinesMax * site.machines.length) world.blame(`${repeats} lines are stored twice, more than a batch per stream`);
  checkMissing(site, missing);
}

function standingLines({ machines }: Site): Set<Line> {
  return new Set(machines.flatMap((machine) => machine.folder.lines()));
}

/** A line that is owed and missing was destroyed, and somebody said so. */
function checkMissing(site: Site, missing: readonly Line[]): void {
  const { world, happened, hub } = site;
  const mayMiss = happened.damage || happened.rollBack || happened.clone || (happened.hubRestore && site.forgotten > 0);
  if (missing.length > 0 && !mayMiss) {
    world.blame(`${missing.length} lines are missing, the first: ${missing[0]?.text}`);
    return;
  }
  if (happened.rollBack || happened.clone) checkMissingOfLives(site, missing);
  else {
    const lost = hub.store.ledgerRows.reduce((sum, row) => sum + row.linesLost, 0);
    const standing = standingLines(site);
    const owed = missing.filter((line) => standing.has(line));
    if (owed.length > lost) world.blame(`${owed.length} lines are missing and ${lost} were told as lost, the first: ${owed[0]?.text}`);
    // Nobody can count what was destroyed and cannot be read again; that batches are gone is told all the same.
    const isTold = site.watch.committed.some(({ lineCount }) => lineCount === 0);
    if (missing.length > owed.length && !isTold) world.blame(`${missing.length} lines are missing and nothing was told as lost`);
  }
}

/** A machine that went back has no promise for what only its other life read; what stands in its files is owed. */
function checkMissingOfLives(site: Site, missing: readonly Line[]): void {
  const standing = standingLines(site);
  const owed = missing.filter((line) => standing.has(line));
  const lost = site.hub.store.ledgerRows.reduce((sum, row) => sum + row.linesLost, 0);
  if (owed.length > lost)
    site.world.blame(`${owed.length} standing lines are missing and ${lost} were told as lost, the first: ${owed[0]?.text}`);
}

/** Whatever the journal took and the hub acknowledged is in the store, batch by batch. */
function checkCommitted({ world, hub, watch }: Site): void {
  const rows = new Map<string, number>();
  for (const { id } of hub.store.events) {
    const batch = id.slice(0, id.lastIndexOf(':'));
    rows.set(batch, (rows.get(batch) ?? 0) + 1);
  }
  for (const { agentId, epoch, lane, sequence, lineCount, write } of watch.committed) {
    const found = rows.get(`${agentId}:${epoch}:${lane}:${sequence}`) ?? 0;
    if (found !== lineCount && lineCount > 0)
      world.blame(`batch ${epoch.slice(0, 6)} ${lane} ${sequence} (write ${write}) has ${lineCount} lines, ${found} are stored`);
  }
}

function checkLedger(site: Site): void {
  const { world, hub, happened, machines } = site;
  const agents = new Set(machines.map(({ settings }) => settings.agentId));
  for (const agentId of agents)
    for (const source of ['file', 'datagram']) {
      const rows = hub.store.ledgerRows.filter((row) => row.agentId === agentId && row.sourceId === source);
      const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
      const dropped = sum((row) => Object.values(row.linesDropped).reduce((total, count) => total + count, 0));
      const [read, kept, filtered, lost] = [
        sum((row) => row.linesRead),
        sum((row) => row.linesStored),
        sum((row) => row.linesFiltered),
        sum((row) => row.linesLost),
      ];
      const inTable = hub.store.events.filter(({ id, raw }) => id.startsWith(agentId) && raw.includes(`from=${source} `)).length;
      const name = `${agentId.slice(0, 2)} ${source}: read ${read}, stored ${kept}, filtered ${filtered}, dropped ${dropped}, lost ${lost}`;
      if (kept !== inTable) world.blame(`the ledger says ${kept} stored, ${inTable} are: ${name}`);
      if (happened.rollBack || happened.clone) continue;
      if (read !== kept + filtered + dropped + lost) world.blame(`the ledger does not balance: ${name}`);
      let buffered = 0;
      for (const machine of machines.filter(({ settings }) => settings.agentId === agentId))
        for (const stream of machine.buffered.values()) if (stream.source === source) buffered += stream.lines;
      if (happened.damage ? read > buffered + bufferedUnheard : read < buffered)
        world.blame(`the agent buffered ${buffered} lines: ${name}`);
      const mayLose = happened.damage || happened.hubRestore || (source === 'datagram' && site.plan.datagramsWhenFull !== 'block');
      if (lost > 0 && !mayLose) world.blame(`lines were told as lost without a reason: ${name}`);
    }
}

/** An append that was durable and not answered before a kill is counted by the hub alone. */
const bufferedUnheard = 400;

async function checkAlerts({ world, hub, closings, happened }: Site): Promise<void> {
  const process = hub.process;
  if (!process) return;
  const owed = new Map<string, number>();
  // Kills at just the wrong moments accuse a harmless line: rules may have seen it before, or not.
  const accused = new Map<string, number>();
  for (const { raw, fields } of hub.store.events) {
    const attacker = /ATTACK (\S+)/.exec(raw)?.[1];
    if (attacker === undefined) continue;
    owed.set(attacker, (owed.get(attacker) ?? 0) + 1);
    if (fields['problem'] === poisonProblem) accused.set(attacker, (accused.get(attacker) ?? 0) + 1);
  }
  const alerts: Alert[] = [];
  for (const { id } of process.alerts.list({ limit: 500 }).alerts) {
    const alert = await process.alerts.get(id);
    if (alert) alerts.push(alert);
  }
  for (const ruleId of [attackId, manyId])
    for (const [attacker, lines] of owed) {
      const own = alerts.filter((alert) => alert.ruleId === ruleId && alert.group.some(({ value }) => value === attacker));
      const count = own.reduce((sum, alert) => sum + alert.count, 0);
      const least = lines - (accused.get(attacker) ?? 0);
      const isWrong = ruleId === manyId ? (count > 0 || least >= 3) && (count < least || count > lines) : count < least || count > lines;
      if (isWrong || (ruleId === manyId && lines < 3 && count > 0))
        world.blame(`${ruleId === manyId ? 'many' : 'attack'} ${attacker}: ${lines} lines are stored, alerts count ${count}`);
      if (own.length > 1 + closings)
        world.blame(`${ruleId === manyId ? 'many' : 'attack'} ${attacker}: ${own.length} alerts, ${closings} were closed`);
    }
  checkConsequences({ world, hub, happened }, alerts);
}

/** One ticket an alert of weight, one webhook id a transition that is told. */
function checkConsequences({ world, hub, happened }: Pick<Site, 'world' | 'hub' | 'happened'>, alerts: readonly Alert[]): void {
  const process = hub.process;
  if (!process) return;
  const heavy = alerts.filter(({ level }) => level === 'high' || level === 'critical');
  const tickets = new Set(process.tickets.list({ limit: 500 }).map(({ id }) => id));
  for (const { id } of heavy) if (!tickets.has(ticketIdOfAlert(id))) world.blame(`alert ${id.slice(0, 6)} has no ticket`);
  if (tickets.size > heavy.length) world.blame(`${tickets.size} tickets for ${heavy.length} alerts`);
  const endpoint = process.notifier.list()[0]?.id ?? '';
  const told = new Set(alerts.flatMap(({ id, transitions }) => transitions.map(({ ordinal }) => webhookId(id, ordinal, endpoint))));
  for (const id of told) if (!hub.webhooks.has(id)) world.blame(`webhook ${id} was never heard`);
  if (happened.hubRestore) return;
  for (const id of hub.webhooks) if (!told.has(id)) world.blame(`webhook ${id} was heard and stands for nothing`);
}
