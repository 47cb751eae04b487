// What this host has to follow: the well-known logs that are there or may yet appear, and what was named.
// Promises: no line is followed twice (the journal only where no syslog daemon writes files, the kernel's file only where
// the system's own does not hold it too); what exists and this user may not read is told with the remedy, never passed over.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

export interface FoundSource {
  /** A source of the policy (config/agent.yaml explains them). */
  readonly source: Readonly<Record<string, unknown>>;
  readonly told: string;
}

export interface Found {
  readonly sources: readonly FoundSource[];
  /** Logs that are there and closed to this user. */
  readonly closed: readonly string[];
}

interface KnownLog {
  readonly id: string;
  readonly paths: readonly string[];
  readonly typeHint?: string;
  readonly records?: 'audit' | 'zeek';
}

/** What a syslog daemon writes. Debian's and Red Hat's both copy the kernel's lines into the first. */
const systemLogs: readonly KnownLog[] = [
  { id: 'syslog', paths: ['syslog', 'messages'] },
  { id: 'auth', paths: ['auth.log', 'secure'] },
];
const kernelLog: KnownLog = { id: 'kernel', paths: ['kern.log'] };
/** Followed when their folder is there: a server that logs nothing yet will. */
const serverLogs: readonly KnownLog[] = [
  { id: 'nginx', paths: ['nginx/*.log'], typeHint: 'nginx' },
  { id: 'apache', paths: ['apache2/*.log', 'httpd/*_log'], typeHint: 'apache' },
  { id: 'suricata', paths: ['suricata/eve.json'], typeHint: 'suricata' },
  { id: 'zeek', paths: ['zeek/*.log'], records: 'zeek' },
  { id: 'audit', paths: ['audit/audit.log'], records: 'audit' },
];
/** Larger files are followed from their end: the first start should show something, not import a year. */
const wholeBytesMax = 16 * 1024 * 1024;

export interface Host {
  /** `/var/log`. */
  readonly logs: string;
  readonly hasJournal: () => boolean;
}

const thisHost: Host = { logs: '/var/log', hasJournal };

export function findSources(
  tails: readonly string[],
  { withSystem, host = thisHost }: { readonly withSystem: boolean; readonly host?: Host },
): Found {
  const found = withSystem ? findOfHost(host) : { sources: [], closed: [] };
  const named = tails.map((path, at) => fileSource({ id: `tail-${at + 1}`, paths: [path] }));
  return { sources: [...found.sources, ...named], closed: found.closed };
}

function findOfHost({ logs, hasJournal }: Host): Found {
  const at = (log: KnownLog): KnownLog => ({ ...log, paths: log.paths.map((path) => join(logs, path)) });
  const system = systemLogs.map(at);
  const servers = serverLogs.map(at).flatMap((log) => {
    const paths = log.paths.filter((path) => isReadable(dirname(path)));
    return paths.length === 0 ? [] : [{ ...log, paths }];
  });
  const looked = [...system, at(kernelLog), ...serverLogs.map(at)].flatMap(({ paths }) => paths);
  const closed = [...new Set(looked.flatMap(closedTo))];
  const isWritten = (log: KnownLog | undefined): boolean => log?.paths.some((path) => existsSync(path)) ?? false;
  const hasDaemon = system.some(isWritten);
  if (!hasDaemon && hasJournal()) {
    const journal = { source: { id: 'journal', type: 'journald' }, told: 'the journal of systemd' };
    return { sources: [journal, ...servers.map(fileSource)], closed };
  }
  const kernel = isWritten(system[0]) ? [] : [at(kernelLog)];
  return { sources: [...system, ...kernel, ...servers].map(fileSource), closed };
}

/** The agent's configuration, made anew at every start; answers its path. */
export function writeAgentConfig(
  folder: string,
  { sources, hub }: { readonly sources: readonly FoundSource[]; readonly hub: string },
): string {
  const path = join(folder, 'agent.yaml');
  const folders = sources.flatMap(({ source }) =>
    Array.isArray(source.paths) ? source.paths.map((file) => join(dirname(String(file)), '**')) : [],
  );
  const fence = { paths: [...new Set(['/var/log/**', '/run/log/**', ...folders])] };
  const policy = { kind: 'Policy', version: 1, sources: sources.map(({ source }) => source) };
  writeFileSync(path, `# Made by npm start, at every start.\n${stringify({ version: 1, hub, fence, policy })}`, { mode: 0o600 });
  return path;
}

function fileSource({ id, paths, typeHint, records }: KnownLog): FoundSource {
  const files = paths.flatMap((path) => globSync(path));
  const startAt = files.reduce((sum, file) => sum + sizeOf(file), 0) <= wholeBytesMax ? 'start' : 'end';
  const where = files.length === 0 ? 'not there yet' : startAt === 'start' ? 'from the beginning' : 'from now on';
  const source = {
    id,
    type: 'file',
    paths,
    startAt,
    ...(typeHint === undefined ? {} : { typeHint }),
    ...(records === undefined ? {} : { records }),
  };
  return { source, told: `${paths.join(', ')} (${where})` };
}

/** A file that is there and cannot be read; a folder that cannot be looked into is told as itself. */
function closedTo(path: string): string[] {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  if (!isReadable(folder)) return [folder];
  return globSync(path).filter((file) => !isReadable(file));
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function hasJournal(): boolean {
  const asked = spawnSync('journalctl', ['--lines=1', '--output=json', '--quiet'], { encoding: 'utf8', timeout: 5_000 });
  return asked.status === 0 && asked.stdout.trim() !== '';
}
