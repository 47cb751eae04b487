// What `discover` proposes, whole: made of all finders, measured, checked against the agent's user, ready to be written.
import { findApacheLogs } from './apache-logs.ts';
import { findAuditLogs } from './audit-logs.ts';
import { together, type Candidate, type LeftOut, type Repeat } from './candidate.ts';
import { chooseSources, collects, type Choice } from './choose-sources.ts';
import { findSyslog } from './find-syslog.ts';
import type { HostRoot } from './host-root.ts';
import { findKnownLogs, findOtherLogs } from './known-logs.ts';
import { findAgentUser, refusalOf, type AgentUser, type Refusal } from './may-read.ts';
import { measureFiles, type Measure } from './measure-source.ts';
import { measureJournal, type JournalMeasure } from './measure-journal.ts';
import { findNginxLogs } from './nginx-logs.ts';
import { presentConfig, type PresentConfig } from './present-config.ts';
import { findServerLogs } from './server-logs.ts';
import { findServices, type Services } from './services.ts';
import { bulkyFields, shareOf, type BulkyField } from './suggest-trims.ts';
import { findSuricataLogs } from './suricata-logs.ts';
import { findZeekLogs } from './zeek-logs.ts';

export interface ProposedSource extends Choice {
  readonly measure: Measure | undefined;
  readonly journal: JournalMeasure | undefined;
  /** What must be done before it works. */
  readonly toDo: readonly string[];
  readonly bulky: readonly BulkyField[];
  /** Share of Suricata's records of its own counters. */
  readonly statsShare: number;
  /** What writes it does not run now. */
  readonly isIdle: boolean;
  /** Sources of the host's present agent.yaml that collect some of it. */
  readonly collectedBy: readonly string[];
}

export interface Proposal {
  readonly services: Services;
  readonly user: AgentUser;
  readonly sources: readonly ProposedSource[];
  readonly repeats: readonly Repeat[];
  readonly leftOut: readonly LeftOut[];
  /** The host has an agent.yaml. */
  readonly isConfigured: boolean;
  /** What the fence must let through: what it does already, and what these sources take. */
  readonly fence: readonly string[];
  /** What could not be read, path to reason. */
  readonly problems: ReadonlyMap<string, string>;
}

const refusalsTold = 3;

export function propose(host: HostRoot, { userName, nowMs }: { readonly userName: string; readonly nowMs: number }): Proposal {
  const services = findServices(host);
  const user = findAgentUser(host, userName);
  const present = presentConfig(host);
  const audit = findAuditLogs(host);
  const syslog = findSyslog(host, { services, hasAuditd: audit.candidates.length > 0 });
  const servers = together(findNginxLogs(host), findApacheLogs(host), findServerLogs(host));
  const found = together(syslog, audit, findSuricataLogs(host), findZeekLogs(host), servers, findKnownLogs(host, services));
  // What the syslog daemon's own choice left out is nobody else's either.
  const spokenOf = new Set(syslog.leftOut.map(({ what }) => what));
  const candidates = found.candidates.flatMap((candidate) => without(candidate, spokenOf));
  const shared = candidates.flatMap((candidate) => sharedFile(candidate, spokenOf));
  const { choices, leftOut } = chooseSources(host, candidates);
  const sources = choices.map((choice) => ({
    ...measured(host, choice, { user, nowMs, present }),
    isIdle: services.isIdle(choice.candidate.id),
    collectedBy: present.collecting(choice.paths),
  }));
  const told = [...found.leftOut, ...leftOut];
  const isTaken = (path: string): boolean =>
    told.some(({ what }) => what === path || what.startsWith(`${path} `)) ||
    choices.some((choice) => choice.candidate.type === 'file' && (collects(host, choice, path) || choice.exclude.includes(path)));
  const ids = new Set(sources.filter(({ candidate }) => candidate.heldBack === undefined).map(({ candidate }) => candidate.id));
  return {
    services,
    user,
    sources,
    repeats: [...(found.repeats ?? []), ...shared].filter(({ source }) => ids.has(source)),
    leftOut: [...told, ...findOtherLogs(host, isTaken)],
    isConfigured: present.isThere,
    fence: [...new Set([...present.fence, ...fencedOut(sources, present)])],
    problems: host.problems,
  };
}

function fencedOut(sources: readonly ProposedSource[], present: PresentConfig): string[] {
  const files = sources.filter(({ candidate }) => candidate.type === 'file' && candidate.heldBack === undefined);
  return files.flatMap(({ paths }) => paths.filter((path) => present.isOutside(path)));
}

function without(candidate: Candidate, taken: ReadonlySet<string>): Candidate[] {
  if (candidate.type !== 'file' || candidate.id === 'system' || candidate.own) return [candidate];
  const paths = candidate.paths.filter((path) => !taken.has(path));
  return paths.length === 0 ? [] : [{ ...candidate, paths }];
}

/** A file that the syslog daemon writes into as well: its lines are collected elsewhere, the service's own only here. */
function sharedFile({ id, paths, own }: Candidate, taken: ReadonlySet<string>): Repeat[] {
  const path = own ? paths.find((one) => taken.has(one)) : undefined;
  return own && path !== undefined
    ? [{ source: id, where: own, because: `the syslog daemon writes into ${path} too, what is collected already` }]
    : [];
}

function measured(
  host: HostRoot,
  choice: Choice,
  { user, nowMs, present }: { readonly user: AgentUser; readonly nowMs: number; readonly present: PresentConfig },
): Omit<ProposedSource, 'isIdle' | 'collectedBy'> {
  const { candidate, files, paths } = choice;
  const toDo = [
    ...(candidate.type === 'file' ? fenceToDo(paths, present) : []),
    ...(candidate.type === 'socket' ? (candidate.toDo ?? []) : []),
  ];
  if (candidate.type === 'journald') {
    const journal = measureJournal(host);
    const bulky = bulkyFields(journal.sample, candidate.bulky ?? []);
    return { ...choice, journal, measure: undefined, bulky, statsShare: 0, toDo: [...toDo, ...journalToDo(host, user)] };
  }
  const measure = candidate.type === 'file' ? measureFiles(host, files, nowMs) : undefined;
  const sample = measure?.sample ?? [];
  const refusals = files.flatMap(({ path }) => refusalOf(host, path, user) ?? []);
  const remedies =
    refusals.length > 0 && candidate.toDo ? candidate.toDo.map((remedy) => `${refusals[0]?.says}: ${remedy}`) : told(refusals);
  return {
    ...choice,
    measure,
    journal: undefined,
    bulky: bulkyFields(sample, candidate.bulky ?? []),
    statsShare: shareOf(sample, 'event_type', 'stats'),
    toDo: [...toDo, ...remedies],
  };
}

/** One per remedy; what is wrong with the third of a kind is wrong with the hundredth. */
function told(refusals: readonly Refusal[]): string[] {
  const distinct = new Map(refusals.map(({ says, remedy }) => [remedy, says]));
  const lines = [...distinct].map(([remedy, says]) => `${says}: ${remedy}`);
  return lines.length > refusalsTold
    ? [...lines.slice(0, refusalsTold), `and ${lines.length - refusalsTold} more files; \`atalaia-agent doctor\` tells them`]
    : lines;
}

function fenceToDo(paths: readonly string[], present: PresentConfig): string[] {
  const outside = paths.filter((path) => present.isOutside(path));
  return outside.length === 0 ? [] : [`add to fence.paths of agent.yaml: ${outside.join(', ')}`];
}

function journalToDo(host: HostRoot, user: AgentUser): string[] {
  const readers = (host.text('/etc/group') ?? '')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([group = '']) => ['systemd-journal', 'adm'].includes(group));
  const mayRead = user.uid === 0 || readers.length === 0 || readers.some(([, , gid]) => user.gids.has(Number(gid)));
  return mayRead ? [] : [`user ${user.name} may not read the journal: usermod -aG systemd-journal ${user.name}, then restart the agent`];
}
