// The host's own syslog and the journal, which mostly hold the same lines: one of them is chosen.
// Promises: of the files that the syslog daemon writes those are proposed that together hold the most, and none that may
// hold a line of another; the journal is proposed only where no such daemon is in use, or where it has less.
import { together, type Candidate, type Found, type LeftOut, type Repeat } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import { settingIn } from './read-setting.ts';
import { allPriorities, combined, facilities, holdsAllOf, noPriorities, sizeOf } from './priority-set.ts';
import { readRsyslogConfig } from './rsyslog-config.ts';
import type { Services } from './services.ts';
import { readSyslogNgConfig } from './syslog-ng-config.ts';
import { mayShareLines, type SyslogDaemon, type SyslogOutput } from './syslog-output.ts';

const auditInJournal: Repeat = {
  source: 'journal',
  where: { _TRANSPORT: 'audit' },
  because: 'the kernel gives audit records to journald too; auditd writes them whole',
};

export interface SyslogFound extends Found {
  /** Lines of these programs, by the daemon's own reading of files, are in the chosen syslog files too. */
  readonly chosen: 'files' | 'journal' | 'none';
}

export function findSyslog(
  host: HostRoot,
  { services, hasAuditd }: { readonly services: Services; readonly hasAuditd: boolean },
): SyslogFound {
  const daemon = daemonInUse(host, services);
  const hasJournal = ['/var/log/journal', '/run/log/journal'].some((folder) =>
    host.names(folder).some((id) => host.isFolder(`${folder}/${id}`)),
  );
  if (daemon && daemon.outputs.length > 0 && !(hasJournal && seesLess(host, daemon))) {
    const files = chooseFiles(daemon);
    const journal: LeftOut[] = hasJournal
      ? [{ what: 'the journal of systemd', because: `${daemon.name} writes the same lines into files${missingIn(files.chosen)}` }]
      : [];
    return { ...together(files.found, { candidates: [], leftOut: journal }), chosen: 'files' };
  }
  if (!hasJournal)
    return {
      candidates: [],
      leftOut: [{ what: "this host's own syslog", because: 'no syslog daemon writes files and there is no journal' }],
      chosen: 'none',
    };
  const because = daemon ? `${daemon.name} is there, but journald hands it nothing (ForwardToSyslog=no)` : 'no syslog daemon writes files';
  const journal: Candidate = {
    id: 'journal',
    type: 'journald',
    paths: [],
    typeHint: 'journald',
    why: `journald keeps a journal, and ${because}`,
    bulky: [
      '_CMDLINE',
      '_SYSTEMD_CGROUP',
      '_SYSTEMD_INVOCATION_ID',
      '_STREAM_ID',
      '_CAP_EFFECTIVE',
      '_SELINUX_CONTEXT',
      '__CURSOR',
      '_RUNTIME_SCOPE',
      'SYSLOG_RAW',
    ],
  };
  const leftOut = [...new Set(daemon?.outputs.map(({ path }) => path))].map((path) => ({
    what: path,
    because: 'its lines are in the journal, with more about who wrote them',
  }));
  return { candidates: [journal], leftOut, repeats: hasAuditd ? [auditInJournal] : [], chosen: 'journal' };
}

function daemonInUse(host: HostRoot, services: Services): SyslogDaemon | undefined {
  const readers = [
    { name: 'rsyslog', program: 'rsyslogd', path: '/etc/rsyslog.conf', read: readRsyslogConfig },
    { name: 'syslog-ng', program: 'syslog-ng', path: '/etc/syslog-ng/syslog-ng.conf', read: readSyslogNgConfig },
  ];
  for (const { name, program, path, read } of readers) {
    if (!host.isFile(path)) continue;
    const daemon = read(host, path);
    const isWritten = daemon.outputs.some((output) => host.matches(output.path).length > 0);
    if (services.uses(name, program) || (isWritten && !services.isKnown)) return daemon;
  }
  return undefined;
}

/** journald keeps its lines to itself, and nobody else writes to the daemon. */
function seesLess(host: HostRoot, daemon: SyslogDaemon): boolean {
  const texts = ['/etc/systemd/journald.conf', ...host.matches('/etc/systemd/journald.conf.d/*.conf')].map((path) => host.text(path) ?? '');
  const isKept = texts.some((text) => /^(?:no|false|0|off)$/i.test(settingIn(text, 'ForwardToSyslog') ?? ''));
  return isKept && !daemon.readsJournal && !daemon.hasOtherInputs;
}

function chooseFiles(daemon: SyslogDaemon): { readonly found: Found; readonly chosen: readonly SyslogOutput[] } {
  const outputs = onePerFile(daemon.outputs);
  const byWeight = [...outputs].sort(
    (a, b) =>
      Number(a.condition.filter !== '') - Number(b.condition.filter !== '') ||
      sizeOf(b.condition.priorities) - sizeOf(a.condition.priorities) ||
      a.order - b.order,
  );
  const chosen: SyslogOutput[] = [];
  const leftOut: LeftOut[] = [];
  for (const output of byWeight) {
    const other = chosen.find((one) => one.path !== output.path && mayShareLines(one, output));
    if (other) leftOut.push({ what: output.path, because: repeats(output, other) });
    else chosen.push(output);
  }
  const own = chosen.filter(({ path }) => !/[*?]/.test(path));
  const remote = chosen.filter(({ path }) => /[*?]/.test(path));
  const source = (id: string, of: readonly SyslogOutput[], notes: readonly string[]): Candidate[] =>
    of.length === 0
      ? []
      : [
          {
            id,
            type: 'file',
            paths: [...new Set(of.map(({ path }) => path))],
            typeHint: '',
            why: `${daemon.name} writes them: ${of.map(({ at }) => at).join(', ')}`,
            notes,
          },
        ];
  const note = 'many hosts or programs: the host is the one in each line; one file source follows thousands of files';
  const candidates = [...source('system', own, []), ...source('syslog-by-name', remote, [note])];
  return { found: { candidates, leftOut, repeats: candidates.some(({ id }) => id === 'system') ? followed(daemon) : [] }, chosen };
}

/** Several rules for one file are one, as far as nothing but priorities decides. */
function onePerFile(outputs: readonly SyslogOutput[]): SyslogOutput[] {
  const plain = new Map<string, SyslogOutput>();
  const filtered: SyslogOutput[] = [];
  for (const output of outputs) {
    const key = `${output.ruleset}\0${output.path}`;
    const before = plain.get(key);
    if (output.condition.filter !== '') filtered.push(output);
    else if (!before) plain.set(key, output);
    else
      plain.set(key, {
        ...before,
        condition: { ...before.condition, priorities: combined(before.condition.priorities, output.condition.priorities, (a, b) => a | b) },
      });
  }
  return [...plain.values(), ...filtered];
}

function repeats({ condition }: SyslogOutput, { path, condition: other }: SyslogOutput): string {
  if (condition.filter !== '' || holdsAllOf(other.priorities, condition.priorities)) return `its lines are in ${path} too`;
  return `most of its lines are in ${path} too; only there would be ${named(combined(condition.priorities, other.priorities, (a, b) => a & ~b))}`;
}

/** What the journal has and the chosen files have not. */
function missingIn(chosen: readonly SyslogOutput[]): string {
  const all = chosen.reduce(
    (sum, { condition }) => (condition.filter === '' ? combined(sum, condition.priorities, (a, b) => a | b) : sum),
    noPriorities(),
  );
  const missing = combined(allPriorities(), all, (a, b) => a & ~b);
  return missing.some((bits) => bits !== 0) ? `; only in the journal: ${named(missing)}` : '';
}

function named(set: Uint8Array): string {
  const names = facilities.flatMap((name, at) =>
    set[at] === 0 ? [] : [`${name}${set[at] === 0xff ? '' : set[at] === 0x80 ? '.debug' : ' in part'}`],
  );
  return names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more facilities` : names.join(', ');
}

/** Files that the daemon reads into its own are proposed as themselves, with their own format. */
function followed(daemon: SyslogDaemon): Repeat[] {
  return daemon.follows.flatMap(({ path, tag }) => {
    const program = tag.replace(/:$/, '');
    return program === ''
      ? []
      : [{ source: 'system', where: { 'syslog.appname': program }, because: `${daemon.name} reads ${path} into syslog as ${program}` }];
  });
}
