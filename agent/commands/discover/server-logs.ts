// Logs of servers that say in a configuration of their own where they write: mail, databases, and what guards a host.
import { together, type Candidate, type Found } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import { settingIn } from './read-setting.ts';

type KnownFile = Pick<Candidate, 'id' | 'why'> & Partial<Candidate> & { readonly path: string };

function file({ id, path, why, ...more }: KnownFile): Found {
  return { candidates: [{ type: 'file', typeHint: '', ...more, id, why, paths: [path] }], leftOut: [] };
}

function leave(what: string, because: string): Found {
  return { candidates: [], leftOut: [{ what, because }] };
}

export function findServerLogs(host: HostRoot): Found {
  return together(...[postfix, postgresql, mysql, fail2ban, sudo, ulogd, haproxy].flatMap((find) => find(host)));
}

function postfix(host: HostRoot): Found[] {
  const config = '/etc/postfix/main.cf';
  const path = settingIn(host.text(config), 'maillog_file');
  if (path === undefined || path === '') return [];
  return path.startsWith('/dev/')
    ? [leave(`${path} (${config}: maillog_file)`, 'not a file; where a service manager keeps it, the journal has it')]
    : [
        file({
          id: 'postfix',
          path,
          why: `${config}: maillog_file`,
          own: { own: { 'syslog.appname|startswith': 'postfix' }, condition: 'not own' },
        }),
      ];
}

function postgresql(host: HostRoot): Found[] {
  const configs = [
    ...host.matches('/etc/postgresql/*/*/postgresql.conf'),
    ...host.matches('/var/lib/pgsql/data/postgresql.conf'),
    ...host.matches('/var/lib/pgsql/*/data/postgresql.conf'),
  ];
  const found = configs.map((config, at) => {
    const text = host.text(config);
    const id = at === 0 ? 'postgresql' : `postgresql-${at + 1}`;
    const continuation = String.raw`^\s`;
    const notes = ['statements may hold secrets: look at log_statement before you collect it'];
    if (/^stderr|^$/.test(settingIn(text, 'log_destination') ?? '') && !/^on$/i.test(settingIn(text, 'logging_collector') ?? 'off')) {
      // Debian's pg_ctlcluster keeps what the server writes to standard error.
      const [, version = '', cluster = ''] = /^\/etc\/postgresql\/([^/]+)\/([^/]+)\//.exec(config) ?? [];
      return version === ''
        ? undefined
        : { id, path: `/var/log/postgresql/postgresql-${version}-${cluster}.log`, why: `${config}: standard error`, notes, continuation };
    }
    const folder = settingIn(text, 'log_directory') ?? 'log';
    const name = (settingIn(text, 'log_filename') ?? 'postgresql-%Y-%m-%d_%H%M%S.log')
      .replaceAll(/%[A-Za-z]/g, '*')
      .replaceAll(/\*{2,}/g, '*');
    const base = config.slice(0, config.lastIndexOf('/'));
    return {
      id,
      path: `${folder.startsWith('/') ? folder : `${base}/${folder}`}/${name}`,
      why: `${config}: log_directory, log_filename`,
      notes,
      continuation,
    };
  });
  return found.flatMap((one) => (one ? [file(one)] : []));
}

function mysql(host: HostRoot): Found[] {
  const configs = [
    '/etc/my.cnf',
    '/etc/mysql/my.cnf',
    ...['/etc/my.cnf.d', '/etc/mysql/conf.d', '/etc/mysql/mysql.conf.d', '/etc/mysql/mariadb.conf.d'].flatMap((folder) =>
      host.matches(`${folder}/*.cnf`),
    ),
  ];
  const found: Found[] = [];
  for (const config of configs) {
    const text = host.text(config);
    const error = settingIn(text, 'log_error');
    if (error?.startsWith('/')) found.push(file({ id: 'mysql-error', path: error, why: `${config}: log_error` }));
    for (const name of ['slow_query_log_file', 'general_log_file']) {
      const path = settingIn(text, name);
      if (path?.startsWith('/')) found.push(leave(path, `${config}: whole statements, with the secrets in them`));
    }
  }
  return found;
}

function fail2ban(host: HostRoot): Found[] {
  const configs = ['/etc/fail2ban/fail2ban.conf', ...host.matches('/etc/fail2ban/fail2ban.d/*.conf'), '/etc/fail2ban/fail2ban.local'];
  const said = configs.flatMap((config) => settingIn(host.text(config), 'logtarget') ?? []).at(-1);
  if (said === undefined) return [];
  return said.startsWith('/')
    ? [file({ id: 'fail2ban', path: said, why: 'fail2ban.conf: logtarget' })]
    : [leave(`fail2ban's log (${said})`, 'goes to syslog or the journal and comes with it')];
}

/** sudo writes to syslog unless told not to; a file of its own repeats it. */
function sudo(host: HostRoot): Found[] {
  const texts = ['/etc/sudoers', ...host.matches('/etc/sudoers.d/*')].flatMap((path) => host.text(path) ?? []);
  const path = texts.flatMap((text) => /^[ \t]*Defaults\b[^#\n]*\blogfile\s*=\s*"?(\/[^\s",]+)/m.exec(text)?.[1] ?? []).at(-1);
  if (path === undefined) return [];
  const isInSyslog = !texts.some((text) => /^[ \t]*Defaults\b[^#\n]*!syslog\b/m.test(text));
  return [isInSyslog ? leave(path, 'sudo writes the same to syslog') : file({ id: 'sudo', path, why: 'sudoers: logfile, and !syslog' })];
}

/** Packets that the firewall hands to user space instead of the kernel's log. */
function ulogd(host: HostRoot): Found[] {
  const config = '/etc/ulogd.conf';
  const paths = [...(host.text(config) ?? '').matchAll(/^[ \t]*file[ \t]*=[ \t]*"?(\/[^"\s]+\.log|\/[^"\s]*syslogemu[^"\s]*)"?/gim)].map(
    ([, path = '']) => path,
  );
  const [path] = paths.filter((one) => /syslogemu/.test(one));
  return path === undefined ? [] : [file({ id: 'firewall', path, typeHint: 'netfilter', why: `${config}: LOGEMU` })];
}

function haproxy(host: HostRoot): Found[] {
  const targets = [...(host.text('/etc/haproxy/haproxy.cfg') ?? '').matchAll(/^[ \t]*log[ \t]+(\S+)/gm)]
    .map(([, target = '']) => target)
    .filter((target) => /^(?:stdout|stderr|fd@|\d|\[)/.test(target));
  return [...new Set(targets)].map((target) =>
    leave(
      `haproxy's log to ${target}`,
      /^\d|^\[/.test(target) ? 'goes to another host or port' : 'where a service manager keeps it, the journal has it',
    ),
  );
}
