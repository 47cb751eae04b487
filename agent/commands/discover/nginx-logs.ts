// Which logs nginx writes: access_log and error_log wherever they stand, with their formats.
import { nothing, type Candidate, type Found, type LeftOut } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import { readNginxConfig, type NginxDirective } from './nginx-config.ts';
import { pathsOf, whyOf, type WrittenLog } from './written-log.ts';

const configs = ['/etc/nginx/nginx.conf', '/usr/local/nginx/conf/nginx.conf', '/usr/local/openresty/nginx/conf/nginx.conf'];
/** As the packages of Debian and Red Hat were built, where the configuration does not say. */
const builtIn = { access: '/var/log/nginx/access.log', error: '/var/log/nginx/error.log' };
const combined = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const common = combined.slice(0, combined.indexOf(' "$http_referer"'));

export function findNginxLogs(host: HostRoot): Found {
  const config = configs.find((path) => host.isFile(path));
  if (config === undefined) return nothing;
  const directives = readNginxConfig(host, config);
  const formats = new Map(directives.filter(({ name }) => name === 'log_format').map(({ words }) => [words[0] ?? '', formatOf(words)]));
  formats.set('combined', combined);
  const leftOut: LeftOut[] = [];
  const access: WrittenLog[] = [];
  const error: WrittenLog[] = [];
  for (const directive of directives) {
    if (directive.name === 'access_log') takeLog({ directive, formats, logs: access, leftOut });
    if (directive.name === 'error_log') takeLog({ directive, formats, logs: error, leftOut });
  }
  const says = (name: string): boolean => directives.some((directive) => directive.name === name);
  if (!says('access_log')) access.push({ path: builtIn.access, format: combined, at: `${config} (built in)` });
  if (!says('error_log')) error.push({ path: builtIn.error, format: '', at: `${config} (built in)` });
  const errors: Candidate = { id: 'nginx-error', type: 'file', paths: pathsOf(error), typeHint: 'nginx-error', why: whyOf(error) };
  return { candidates: [...accessCandidates(access), ...(error.length > 0 ? [errors] : [])], leftOut };
}

function takeLog(given: {
  readonly directive: NginxDirective;
  readonly formats: ReadonlyMap<string, string>;
  readonly logs: WrittenLog[];
  readonly leftOut: LeftOut[];
}): void {
  const { directive, formats, logs, leftOut } = given;
  const [target = '', format = 'combined', ...more] = directive.words;
  if (target === '' || target === 'off' || target === '/dev/null') return;
  const what = `${directive.name} ${target} (${directive.at})`;
  if (target.startsWith('syslog:'))
    leftOut.push({ what, because: 'sent to syslog: it comes with what the local daemon writes, or goes to another host' });
  else if (/^(stderr|stdout|memory:)|^\/dev\//.test(target))
    leftOut.push({ what, because: 'not a file; where a service manager keeps it, the journal has it' });
  else if (/^\/?\$/.test(target)) leftOut.push({ what, because: 'begins with a variable: where it leads is not to be seen' });
  else if (more.some((word) => word.startsWith('gzip')))
    leftOut.push({ what, because: 'written compressed; such a file cannot be followed: drop `gzip`' });
  else {
    const path = target.startsWith('/') ? target : `/etc/nginx/${target}`;
    // A variable is part of a name, never of a folder's path beyond it: nginx opens what it stands for.
    logs.push({ path: path.replaceAll(/\$(?:\{[^}]*\}|\w+)/g, '*'), format: formats.get(format) ?? '', at: directive.at });
  }
}

/** One source for what the hub reads as nginx's own format, one for the rest, of which the hub recognises what it can. */
function accessCandidates(logs: readonly WrittenLog[]): Candidate[] {
  const isKnown = ({ format }: WrittenLog): boolean => format.startsWith(common);
  const known = logs.filter(isKnown);
  // The first that names a file rules: nginx itself would mix both formats in it.
  const other = logs.filter((log) => !isKnown(log) && !known.some(({ path }) => path === log.path));
  const candidates: Candidate[] = [];
  if (known.length > 0)
    candidates.push({ id: 'nginx-access', type: 'file', paths: pathsOf(known), typeHint: 'nginx-access', why: whyOf(known) });
  if (other.length > 0) {
    const note = 'a log_format of its own: look at the hub whether its lines become events (atalaia-hub decode < FILE), else use combined';
    candidates.push({ id: 'nginx-access-other', type: 'file', paths: pathsOf(other), typeHint: '', why: whyOf(other), notes: [note] });
  }
  return candidates;
}

function formatOf([, ...words]: readonly string[]): string {
  return words.filter((word) => !word.startsWith('escape=')).join('');
}
