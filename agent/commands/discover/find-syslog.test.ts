import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { findSyslog } from './find-syslog.ts';
import { HostRoot } from './host-root.ts';
import { Services } from './services.ts';
import { makeHost, type MadeFiles } from './testing/made-host.ts';

const made: string[] = [];
afterEach(() => made.splice(0).forEach((root) => rmSync(root, { recursive: true })));

const journal = { 'var/log/journal/0123456789abcdef0123456789abcdef/': '' };

function found(files: MadeFiles, daemon: string): ReturnType<typeof findSyslog> {
  const root = makeHost(files);
  made.push(root);
  return findSyslog(new HostRoot(root), { services: new Services(new Set([daemon]), 'made'), hasAuditd: false });
}

function chosenBy(files: MadeFiles, daemon: string): string[] {
  return found(files, daemon).candidates.flatMap(({ type, paths }) => (type === 'journald' ? ['journal'] : paths));
}

describe('of what rsyslog writes, those files are chosen that hold each line once', () => {
  const debian = '*.*;auth,authpriv.none -/var/log/syslog\nauth,authpriv.* /var/log/auth.log\n';
  test.each([
    ['files of Debian', `${debian}kern.* -/var/log/kern.log\nmail.* -/var/log/mail.log\n`, ['/var/log/syslog', '/var/log/auth.log']],
    ['one file for all', '*.* /var/log/all\nauth.* /var/log/auth.log\n', ['/var/log/all']],
    ['levels apart', 'kern.=debug /var/log/k.debug\nkern.info /var/log/k\n', ['/var/log/k', '/var/log/k.debug']],
    ['levels taken out', '*.*;kern.!=info /var/log/a\nkern.=info /var/log/b\n', ['/var/log/a', '/var/log/b']],
    [
      'a program that ends there',
      `:programname, isequal, "app" /var/log/app.log\n& stop\n${debian}`,
      ['/var/log/syslog', '/var/log/auth.log', '/var/log/app.log'],
    ],
    [
      'the old mark of an end',
      `:msg, contains, "IPTables" -/var/log/iptables.log\n& ~\n${debian}`,
      ['/var/log/syslog', '/var/log/auth.log', '/var/log/iptables.log'],
    ],
    ['a program that goes on', `:programname, isequal, "app" /var/log/app.log\n${debian}`, ['/var/log/syslog', '/var/log/auth.log']],
    [
      'an end that comes too late',
      `${debian}:programname, isequal, "app" /var/log/app.log\n& stop\n`,
      ['/var/log/syslog', '/var/log/auth.log'],
    ],
    [
      'a block with an end',
      `if $programname == 'app' then {\n  action(type="omfile" file="/var/log/app.log")\n  stop\n}\n${debian}`,
      ['/var/log/syslog', '/var/log/auth.log', '/var/log/app.log'],
    ],
    [
      'two programs by name',
      `if $programname == 'a' then /var/log/a.log\nif $programname == 'b' then /var/log/b.log\n`,
      ['/var/log/a.log', '/var/log/b.log'],
    ],
    [
      'two programs that may be one',
      `if $msg contains 'a' then /var/log/a.log\nif $msg contains 'b' then /var/log/b.log\n`,
      ['/var/log/a.log'],
    ],
    ['names made of messages', '$template ByHost,"/var/log/hosts/%HOSTNAME%/%$YEAR%.log"\n*.* ?ByHost\n', ['/var/log/hosts/*/*.log']],
    ['actions of the new style', '*.* action(type="omfile"\n  file="/var/log/all" template="x")\n', ['/var/log/all']],
    ['pipes, hosts and users', '*.emerg :omusrmsg:*\n*.* @192.0.2.1\n*.* |/run/pipe\n*.* /var/log/all\n', ['/var/log/all']],
    [
      'a facility by its name',
      `if $syslogfacility-text == 'local0' then /var/log/local0.log
local1.* /var/log/local1.log
local0.* /var/log/zero.log
`,
      ['/var/log/local1.log', '/var/log/zero.log'],
    ],
  ])('%s', (_, config, paths) => {
    expect(chosenBy({ 'etc/rsyslog.conf': config }, 'rsyslogd')).toEqual(paths);
  });
});

test('files that rsyslog reads into its own come as themselves, and not once more from there', () => {
  const config = 'input(type="imfile" file="/var/log/app/a.log" tag="app:")\n*.* /var/log/all\n';

  expect(found({ 'etc/rsyslog.conf': config }, 'rsyslogd').repeats).toMatchObject([
    { source: 'system', where: { 'syslog.appname': 'app' } },
  ]);
});

const syslogNg = `@version: 3.38
@include "scl.conf"
source s_src { system(); internal(); };
destination d_auth { file("/var/log/auth.log"); };
destination d_syslog { file("/var/log/syslog"); };
destination d_mail { file("/var/log/mail.log"); };
destination d_hosts { file("/var/log/hosts/\${HOST}/\${PROGRAM}.log"); };
filter f_auth { facility(auth, authpriv) and not filter(f_debug); };
filter f_debug { level(debug) and not facility(auth, authpriv, news, mail); };
filter f_syslog3 { not facility(auth, authpriv, mail) and not filter(f_debug); };
filter f_mail { facility(mail) and level(info..emerg); };
log { source(s_src); filter(f_auth); destination(d_auth); };
log { source(s_src); filter(f_syslog3); destination(d_syslog); };
log { source(s_src); filter(f_mail); destination(d_mail); };
source s_net { network(port(514)); };
log { source(s_net); destination(d_hosts); };
`;

test("syslog-ng's files are told apart by facility and level, and by where their messages come from", () => {
  expect(chosenBy({ 'etc/syslog-ng/syslog-ng.conf': syslogNg }, 'syslog-ng')).toEqual([
    '/var/log/syslog',
    '/var/log/auth.log',
    '/var/log/mail.log',
    '/var/log/hosts/*/*.log',
  ]);
});

describe('journal or files', () => {
  const files = { 'etc/rsyslog.conf': '*.* /var/log/all\n', ...journal };

  test('files where a daemon writes them', () => {
    expect(chosenBy(files, 'rsyslogd')).toEqual(['/var/log/all']);
  });

  test('the journal where the daemon does not run', () => {
    expect(chosenBy(files, 'sshd')).toEqual(['journal']);
  });

  test('the journal where journald hands the daemon nothing, unless others write to it', () => {
    const kept = { ...files, 'etc/systemd/journald.conf.d/own.conf': '[Journal]\nForwardToSyslog=no\n' };

    expect(chosenBy(kept, 'rsyslogd')).toEqual(['journal']);
    expect(chosenBy({ ...kept, 'etc/rsyslog.conf': 'module(load="imjournal")\n*.* /var/log/all\n' }, 'rsyslogd')).toEqual(['/var/log/all']);
    expect(chosenBy({ ...kept, 'etc/rsyslog.conf': 'input(type="imudp" port="514")\n*.* /var/log/all\n' }, 'rsyslogd')).toEqual([
      '/var/log/all',
    ]);
  });
});
