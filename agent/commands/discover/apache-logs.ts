// Which logs Apache writes: ErrorLog, CustomLog, GlobalLog and TransferLog wherever they stand, with their formats.
import { nothing, type Found, type LeftOut } from './candidate.ts';
import { readApacheConfig, type ApacheDirective } from './apache-config.ts';
import type { HostRoot } from './host-root.ts';
import { webLogs, type WrittenLog } from './written-log.ts';

const places = [
  { config: '/etc/apache2/apache2.conf', serverRoot: '/etc/apache2' },
  { config: '/etc/httpd/conf/httpd.conf', serverRoot: '/etc/httpd' },
  { config: '/usr/local/apache2/conf/httpd.conf', serverRoot: '/usr/local/apache2' },
];
/** What the hub reads as an access log, with a virtual host in front or without. */
const readable = /^(?:%(?:v|V|\{[^}]*\}i)(?::%p)? )?%[ah] %l %u %t "%r" %>?s %[bBO]/;
const builtInFormats: readonly (readonly [string, string])[] = [
  ['common', '%h %l %u %t "%r" %>s %b'],
  ['combined', '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'],
];

export function findApacheLogs(host: HostRoot): Found {
  const place = places.find(({ config }) => host.isFile(config));
  if (!place) return nothing;
  const { directives, serverRoot } = readApacheConfig(host, place.config, place.serverRoot);
  const formats = new Map(builtInFormats);
  let plainFormat = builtInFormats[0]?.[1] ?? '';
  const leftOut: LeftOut[] = [];
  const access: WrittenLog[] = [];
  const error: WrittenLog[] = [];
  for (const directive of directives) {
    const [first = '', second = 'common'] = directive.words;
    if (directive.name === 'logformat') {
      if (directive.words.length > 1) formats.set(second, first);
      else plainFormat = formats.get(first) ?? first;
    } else if (directive.name === 'errorlog') takeLog({ directive, format: '', logs: error, leftOut, serverRoot });
    else if (directive.name === 'transferlog') takeLog({ directive, format: plainFormat, logs: access, leftOut, serverRoot });
    else if (directive.name === 'customlog' || directive.name === 'globallog')
      takeLog({ directive, format: formats.get(second) ?? second, logs: access, leftOut, serverRoot });
  }
  return webLogs('apache', { access, error, leftOut }, (log) => readable.test(log.format));
}

function takeLog(given: {
  readonly directive: ApacheDirective;
  readonly format: string;
  readonly logs: WrittenLog[];
  readonly leftOut: LeftOut[];
  readonly serverRoot: string;
}): void {
  const { directive, format, logs, leftOut, serverRoot } = given;
  const { name, at, context } = directive;
  const [target = '', , ...more] = directive.words;
  const leave = (because: string): void => void leftOut.push({ what: `${name} ${target} (${at})`, because });
  const path = rotatedPath(target) ?? target;
  if (target === '' || target === '/dev/null') return;
  if (target.includes('${')) leave('names a variable that no file read here defines');
  else if (path.startsWith('|')) leave('goes to a program, not to a file; look where that writes');
  else if (/^(syslog|journald)\b/.test(target)) leave('goes to syslog or the journal and comes with it');
  else if (target.startsWith('/dev/')) leave('not a file; where a service manager keeps it, the journal has it');
  else logs.push({ path: path.startsWith('/') ? path : `${serverRoot}/${path}`, format, at, context, isPartial: more.length > 0 });
}

/** What `|/usr/bin/rotatelogs FILE TIME` writes: its name with the time's parts open, or followed by digits. */
function rotatedPath(target: string): string | undefined {
  const match = /^\|\$?\s*\S*rotatelogs2?\s+(?:-[A-Za-z]\s+(?:\S+\.(?:sh|pl)\s+)?)*(\S+)(?:\s+[\d]\S*)?/.exec(target);
  const path = match?.[1];
  if (path === undefined) return undefined;
  return path.includes('%') ? path.replaceAll(/%[-A-Za-z]/g, '*').replaceAll(/\*(?:[-_.:]?\*)+/g, '*') : `${path}.*`;
}
