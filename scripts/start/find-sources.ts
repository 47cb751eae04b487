// What this host has to follow: the well-known logs that are there and that this user may read, and what was named.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

export interface FoundSource {
  /** A source of the policy (config/agent.yaml explains them). */
  readonly source: Readonly<Record<string, unknown>>;
  readonly told: string;
}

const known = [
  { id: 'syslog', paths: ['/var/log/syslog', '/var/log/messages'] },
  { id: 'auth', paths: ['/var/log/auth.log', '/var/log/secure'] },
  { id: 'kernel', paths: ['/var/log/kern.log'] },
  { id: 'nginx', paths: ['/var/log/nginx/access.log'] },
  { id: 'apache', paths: ['/var/log/apache2/access.log', '/var/log/httpd/access_log'] },
  { id: 'suricata', paths: ['/var/log/suricata/eve.json'] },
] as const;
/** Larger files are followed from their end: the first start should show something, not import a year. */
const wholeBytesMax = 16 * 1024 * 1024;

export function findSources(tails: readonly string[], { withSystem }: { readonly withSystem: boolean }): FoundSource[] {
  const files = withSystem ? known.flatMap(({ id, paths }) => paths.filter(isReadable).map((path) => fileSource(id, path))) : [];
  const named = tails.map((path, at) => fileSource(`tail-${at + 1}`, path));
  // With a syslog daemon the journal holds the same lines again.
  const hasSyslog = files.some(({ source }) => source.id === 'syslog' || source.id === 'auth');
  const journal =
    withSystem && !hasSyslog && hasJournal() ? [{ source: { id: 'journal', type: 'journald' }, told: 'the journal of systemd' }] : [];
  return [...files, ...journal, ...named];
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

function fileSource(id: string, path: string): FoundSource {
  const bytes = sizeOf(path);
  const startAt = bytes === undefined || bytes <= wholeBytesMax ? 'start' : 'end';
  const where = bytes === undefined ? 'not there yet' : startAt === 'start' ? 'from its beginning' : 'from now on';
  return { source: { id, type: 'file', paths: [path], startAt }, told: `${path} (${where})` };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

function hasJournal(): boolean {
  const asked = spawnSync('journalctl', ['--lines=1', '--output=json', '--quiet'], { encoding: 'utf8', timeout: 5_000 });
  return asked.status === 0 && asked.stdout.trim() !== '';
}
