import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { findApacheLogs } from './apache-logs.ts';
import type { Found } from './candidate.ts';
import { HostRoot } from './host-root.ts';
import { findNginxLogs } from './nginx-logs.ts';
import { findServerLogs } from './server-logs.ts';
import { findSuricataLogs } from './suricata-logs.ts';
import { makeHost, type MadeFiles } from './testing/made-host.ts';
import { findZeekLogs } from './zeek-logs.ts';

const made: string[] = [];
afterEach(() => made.splice(0).forEach((root) => rmSync(root, { recursive: true })));

function found(find: (host: HostRoot) => Found, files: MadeFiles): Record<string, readonly string[]> {
  const root = makeHost(files);
  made.push(root);
  return Object.fromEntries(find(new HostRoot(root)).candidates.map(({ id, paths }) => [id, paths]));
}

describe('nginx', () => {
  const logs = (config: string, more: MadeFiles = {}): Record<string, readonly string[]> =>
    found(findNginxLogs, { 'etc/nginx/nginx.conf': config, ...more });

  test.each([
    ['nothing said', '', { 'nginx-access': ['/var/log/nginx/access.log'], 'nginx-error': ['/var/log/nginx/error.log'] }],
    ['a path of its own folder', 'access_log logs/a.log; error_log off;', { 'nginx-access': ['/etc/nginx/logs/a.log'] }],
    ['variables', 'access_log /l/${host}_$server_port.log; error_log off;', { 'nginx-access': ['/l/*_*.log'] }],
    ['a comment and quotes', '# access_log /no.log;\naccess_log "/l/a b.log"; error_log off;', { 'nginx-access': ['/l/a b.log'] }],
    ['two logs of one block', 'server { access_log /l/a.log; access_log /l/b.log; } error_log off;', { 'nginx-access': ['/l/a.log'] }],
    [
      'two blocks',
      'server { access_log /l/a.log; } server { access_log /l/b.log; } error_log off;',
      { 'nginx-access': ['/l/a.log', '/l/b.log'] },
    ],
    [
      'a log for some requests',
      'access_log /l/a.log; access_log /l/b.log combined if=$slow; error_log off;',
      { 'nginx-access': ['/l/a.log', '/l/b.log'] },
    ],
    ['a format of its own', "log_format f '$msec'; access_log /l/a.log f; error_log off;", { 'nginx-access-other': ['/l/a.log'] }],
    [
      'a format like combined',
      "log_format f '$remote_addr - $remote_user [$time_local] \"$request\" ' '$status $body_bytes_sent $x'; access_log /l/a.log f; error_log off;",
      { 'nginx-access': ['/l/a.log'] },
    ],
    ['nothing logged', 'access_log off; error_log /dev/null;', {}],
  ])('%s', (_, config, expected) => {
    expect(logs(config)).toEqual(expected);
  });
});

describe('Apache', () => {
  const logs = (config: string, more: MadeFiles = {}): Record<string, readonly string[]> =>
    found(findApacheLogs, { 'etc/httpd/conf/httpd.conf': config, ...more });

  test.each([
    ['relative to ServerRoot', 'ServerRoot "/srv/httpd"\nErrorLog logs/e', { 'apache-error': ['/srv/httpd/logs/e'] }],
    ['rotatelogs with a time', 'CustomLog "|/usr/bin/rotatelogs -l /l/a.%Y%m%d.log 86400" combined', { 'apache-access': ['/l/a.*.log'] }],
    ['rotatelogs without one', 'CustomLog "|$/usr/bin/rotatelogs /l/a 86400" combined', { 'apache-access': ['/l/a.*'] }],
    ['a variable by Define', 'Define DIR /l\nCustomLog ${DIR}/a.log combined', { 'apache-access': ['/l/a.log'] }],
    [
      'two logs of one host',
      '<VirtualHost *>\nCustomLog /l/a.log combined\nCustomLog /l/b.log "%U"\n</VirtualHost>',
      { 'apache-access': ['/l/a.log'] },
    ],
    [
      'logs for some requests',
      'CustomLog /l/a.log combined env=!image\nCustomLog /l/b.log combined env=image',
      { 'apache-access': ['/l/a.log', '/l/b.log'] },
    ],
    ['a format that the hub cannot know', 'LogFormat "%{X}e" own\nCustomLog /l/a.log own', { 'apache-access-other': ['/l/a.log'] }],
  ])('%s', (_, config, expected) => {
    expect(logs(config)).toEqual(expected);
  });
});

describe('Suricata', () => {
  const logs = (config: string): Record<string, readonly string[]> =>
    found(findSuricataLogs, { 'etc/suricata/suricata.yaml': `%YAML 1.1\n---\n${config}` });

  test.each([
    ['nothing said of the file', 'outputs: [{ eve-log: { enabled: yes } }]', { suricata: ['/var/log/suricata/eve.json'] }],
    [
      'switched off',
      'outputs: [{ eve-log: { enabled: no } }, { fast: { enabled: yes } }]',
      { 'suricata-fast': ['/var/log/suricata/fast.log'] },
    ],
    [
      'rotated by Suricata',
      'outputs: [{ eve-log: { enabled: yes, filename: eve-%Y-%m-%d.json } }]',
      { suricata: ['/var/log/suricata/eve-*-*-*.json'] },
    ],
    ['a file per thread', 'outputs: [{ eve-log: { enabled: yes, threaded: true } }]', { suricata: ['/var/log/suricata/eve.*.json'] }],
    [
      'a socket within the fence',
      'outputs: [{ eve-log: { enabled: yes, filetype: unix_stream, filename: /run/atalaia/e.sock } }]',
      { suricata: ['/run/atalaia/e.sock'] },
    ],
    [
      'two logs of all',
      'outputs: [{ eve-log: { enabled: yes } }, { eve-log: { enabled: yes, filename: two.json } }]',
      { suricata: ['/var/log/suricata/eve.json'] },
    ],
    ['a datagram socket', 'outputs: [{ eve-log: { enabled: yes, filetype: unix_dgram, filename: /x } }]', {}],
    ['no YAML at all', '{ [', {}],
  ])('%s', (_, config, expected) => {
    expect(logs(config)).toEqual(expected);
  });
});

test.each([
  ['zeekctl says', { 'opt/zeek/etc/zeekctl.cfg': '# LogDir = /no\nLogDir = /nsm/zeek/logs\n' }, { zeek: ['/nsm/zeek/logs/current/*.log'] }],
  ['its folder is there', { 'usr/local/zeek/logs/current/': '' }, { zeek: ['/usr/local/zeek/logs/current/*.log'] }],
  ['a package of the distribution', { 'var/log/zeek/conn.log': 'x\n' }, { zeek: ['/var/log/zeek/*.log'] }],
])('Zeek, where %s', (_, files, expected) => {
  expect(found(findZeekLogs, files)).toEqual(expected);
});

test.each<[string, MadeFiles, Record<string, readonly string[]>]>([
  ['postfix', { 'etc/postfix/main.cf': 'maillog_file=/var/log/m.log\n' }, { postfix: ['/var/log/m.log'] }],
  [
    'PostgreSQL of Debian',
    { 'etc/postgresql/15/main/postgresql.conf': "#log_destination = 'stderr'\n" },
    { postgresql: ['/var/log/postgresql/postgresql-15-main.log'] },
  ],
  [
    'PostgreSQL of Red Hat',
    {
      'var/lib/pgsql/data/postgresql.conf':
        "log_destination = 'stderr'\nlogging_collector = on\nlog_directory = 'log'\nlog_filename = 'postgresql-%a.log'\t# x\n",
    },
    { postgresql: ['/var/lib/pgsql/data/log/postgresql-*.log'] },
  ],
  [
    'MariaDB',
    { 'etc/my.cnf.d/server.cnf': '[mysqld]\nlog-error=/var/log/mariadb/mariadb.log\nslow_query_log_file=/var/log/slow.log\n' },
    { 'mysql-error': ['/var/log/mariadb/mariadb.log'] },
  ],
  [
    'fail2ban',
    { 'etc/fail2ban/fail2ban.conf': 'logtarget = /a\n', 'etc/fail2ban/fail2ban.local': 'logtarget = /b\n' },
    { fail2ban: ['/b'] },
  ],
  ['fail2ban by syslog', { 'etc/fail2ban/fail2ban.conf': 'logtarget = SYSTEMD-JOURNAL\n' }, {}],
  ['sudo beside syslog', { 'etc/sudoers': 'Defaults logfile=/var/log/sudo.log\n' }, {}],
  ['sudo alone', { 'etc/sudoers': 'Defaults !syslog, logfile="/var/log/sudo.log"\n' }, { sudo: ['/var/log/sudo.log'] }],
  ['ulogd', { 'etc/ulogd.conf': '[emu1]\nfile="/var/log/ulog/syslogemu.log"\n' }, { firewall: ['/var/log/ulog/syslogemu.log'] }],
])('%s', (_, files, expected) => {
  expect(found(findServerLogs, files)).toEqual(expected);
});
