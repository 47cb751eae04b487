// Which logs nginx writes: access_log and error_log wherever they stand, with their formats.
import { nothing, type Found, type LeftOut, type Repeat } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import { readNginxConfig, type NginxDirective } from './nginx-config.ts';
import { webLogs, type WrittenLog } from './written-log.ts';

const configs = ['/etc/nginx/nginx.conf', '/usr/local/nginx/conf/nginx.conf', '/usr/local/openresty/nginx/conf/nginx.conf'];
/** As the packages of Debian and Red Hat were built, where the configuration does not say. */
const builtIn = { access: '/var/log/nginx/access.log', error: '/var/log/nginx/error.log' };
const combined = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const common = combined.slice(0, combined.indexOf(' "$http_referer"'));

interface Logs {
  readonly access: WrittenLog[];
  readonly error: WrittenLog[];
  readonly leftOut: LeftOut[];
  /** What goes to this host's own syslog. */
  readonly copies: { readonly tag: string; readonly context: string }[];
}

export function findNginxLogs(host: HostRoot): Found {
  const config = configs.find((path) => host.isFile(path));
  if (config === undefined) return nothing;
  const directives = readNginxConfig(host, config);
  const formats = new Map(directives.filter(({ name }) => name === 'log_format').map(({ words }) => [words[0] ?? '', formatOf(words)]));
  formats.set('combined', combined);
  const logs: Logs = { access: [], error: [], leftOut: [], copies: [] };
  for (const directive of directives) {
    if (directive.name === 'access_log') takeLog(directive, formats, logs);
    if (directive.name === 'error_log') takeLog(directive, formats, logs);
  }
  const says = (name: string): boolean => directives.some((directive) => directive.name === name);
  const silent = { at: `${config} (built in)`, context: '', isPartial: false };
  if (!says('access_log')) logs.access.push({ ...silent, path: builtIn.access, format: combined });
  if (!says('error_log')) logs.error.push({ ...silent, path: builtIn.error, format: '' });
  return { ...webLogs('nginx', logs, ({ format }) => format.startsWith(common)), repeats: repeatsOf(logs) };
}

function takeLog(directive: NginxDirective, formats: ReadonlyMap<string, string>, logs: Logs): void {
  const { name, at, block: context } = directive;
  const [target = '', format = 'combined', ...more] = directive.words;
  const leave = (because: string): void => void logs.leftOut.push({ what: `${name} ${target} (${at})`, because });
  if (target === '' || target === 'off' || target === '/dev/null') return;
  if (target.startsWith('syslog:')) {
    leave('sent to syslog: it comes with what the local daemon writes, or goes to another host');
    if (name === 'access_log' && target.includes('server=unix:'))
      logs.copies.push({ tag: /[:,]tag=(\w+)/.exec(target)?.[1] ?? 'nginx', context });
  } else if (/^(stderr|stdout|memory:)|^\/dev\//.test(target)) leave('not a file; where a service manager keeps it, the journal has it');
  else if (/^\/?\$/.test(target)) leave('begins with a variable: where it leads is not to be seen');
  else if (more.some((word) => word.startsWith('gzip'))) leave('written compressed; such a file cannot be followed: drop `gzip`');
  else {
    const path = target.startsWith('/') ? target : `/etc/nginx/${target}`;
    const log = { format: formats.get(format) ?? '', at, context, isPartial: more.some((word) => word.startsWith('if=')) };
    logs[name === 'access_log' ? 'access' : 'error'].push({ ...log, path: path.replaceAll(/\$(?:\{[^}]*\}|\w+)/g, '*') });
  }
}

/** Requests that go into a file and to syslog are taken from the file, where all of a tag's are in files. */
function repeatsOf({ copies, access }: Logs): Repeat[] {
  const tags = [...new Set(copies.map(({ tag }) => tag))];
  const isInFiles = (tag: string): boolean =>
    copies.every((copy) => copy.tag !== tag || access.some((log) => log.context === copy.context && !log.isPartial));
  return tags.filter(isInFiles).flatMap((tag) => {
    const because = `nginx sends to syslog as ${tag} what it also writes into files`;
    return [
      { source: 'system', where: { 'syslog.appname': tag }, because },
      { source: 'journal', where: { SYSLOG_IDENTIFIER: tag }, because },
    ];
  });
}

function formatOf([, ...words]: readonly string[]): string {
  return words.filter((word) => !word.startsWith('escape=')).join('');
}
