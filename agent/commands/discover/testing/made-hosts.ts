// Hosts as Debian, Red Hat and their packages set them up, shortened to what says where logs are written.
import { logOf, type MadeFiles } from './made-host.ts';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (n: number): string => String(n).padStart(2, '0');
const bsd = (t: Date): string =>
  `${months[t.getMonth()]} ${String(t.getDate()).padStart(2)} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
const clf = (t: Date): string =>
  `${two(t.getUTCDate())}/${months[t.getUTCMonth()]}/${t.getUTCFullYear()}:${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} +0000`;
const request = (t: Date, n: number): string => `203.0.113.${n % 200} - - [${clf(t)}] "GET /page/${n} HTTP/1.1" 200 512 "-" "curl/8.5.0"`;

const debian: MadeFiles = {
  'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  'etc/hostname': 'made\n',
  'etc/group': 'root:x:0:\nadm:x:4:\nsystemd-journal:x:101:\n',
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
};

const debianRsyslog: MadeFiles = {
  'etc/systemd/system/multi-user.target.wants/rsyslog.service': '-> /lib/systemd/system/rsyslog.service',
  'lib/systemd/system/rsyslog.service': '',
  'etc/rsyslog.conf': `module(load="imuxsock") # provides support for local system logging
module(load="imklog")   # provides kernel logging support
$FileOwner root
$WorkDirectory /var/spool/rsyslog
$IncludeConfig /etc/rsyslog.d/*.conf
*.*;auth,authpriv.none		-/var/log/syslog
auth,authpriv.*			/var/log/auth.log
cron.*				-/var/log/cron.log
kern.*				-/var/log/kern.log
mail.*				-/var/log/mail.log
user.*				-/var/log/user.log
*.emerg				:omusrmsg:*
`,
  'var/log/syslog': logOf(600, 10, (t, n) => `${bsd(t)} made app[${n}]: something was done`),
  'var/log/auth.log': logOf(60, 60, (t, n) => `${bsd(t)} made sshd[${n}]: Failed password for root from 203.0.113.8 port 40122 ssh2`),
  'var/log/kern.log': logOf(10, 60, (t) => `${bsd(t)} made kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.7 DST=198.51.100.2`),
  'var/log/mail.log': logOf(10, 60, (t) => `${bsd(t)} made postfix/smtpd[1]: connect from unknown`),
};

export const debianNginx: MadeFiles = {
  ...debian,
  ...debianRsyslog,
  'etc/rsyslog.d/20-ufw.conf': ':msg,contains,"[UFW " /var/log/ufw.log\n#& stop\n',
  'etc/rsyslog.d/49-haproxy.conf':
    '$AddUnixListenSocket /var/lib/haproxy/dev/log\n:programname, startswith, "haproxy" {\n  /var/log/haproxy.log\n  stop\n}\n',
  'etc/systemd/system/multi-user.target.wants/nginx.service': '-> /lib/systemd/system/nginx.service',
  'lib/systemd/system/nginx.service': '',
  'etc/nginx/nginx.conf': `user www-data;
error_log /var/log/nginx/error.log; # the one for all
include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 768; }
http {
  log_format slim escape=json '{"t":"$time_iso8601",' '"u":"$request_uri"}';
  log_format long '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
  access_log /var/log/nginx/access.log;
  include /etc/nginx/conf.d/*.conf;
  include /etc/nginx/sites-enabled/*;
}
`,
  'etc/nginx/sites-enabled/shop': '-> ../sites-available/shop',
  'etc/nginx/sites-available/shop': `server {
  access_log /var/log/nginx/$host.access.log long buffer=32k;
  access_log "syslog:server=unix:/dev/log,tag=shop" combined;
  error_log syslog:server=192.0.2.1:514 warn;
  location /health { access_log off; }
  location /api { access_log /srv/api/api.json slim; }
  location /old { access_log /var/log/nginx/old.gz combined gzip; }
}
`,
  'var/log/nginx/access.log': logOf(1_000, 1, request),
  'var/log/nginx/shop.example.access.log': logOf(100, 1, request),
  'var/log/nginx/error.log': '',
  'srv/api/api.json': logOf(100, 6, (t, n) => JSON.stringify({ t: t.toISOString(), u: `/${n}` })),
  'var/log/btmp': 'x',
  'var/log/own.log': 'hello\n',
  'var/lib/docker/containers/abc/abc-json.log': logOf(20, 30, (t, n) =>
    JSON.stringify({ log: `line ${n}\n`, stream: 'stdout', time: t.toISOString() }),
  ),
};

export const debianApachePostfix: MadeFiles = {
  ...debian,
  'etc/systemd/system/multi-user.target.wants/apache2.service': '-> /lib/systemd/system/apache2.service',
  'etc/systemd/system/multi-user.target.wants/postfix.service': '-> /lib/systemd/system/postfix.service',
  'lib/systemd/system/apache2.service': '',
  'lib/systemd/system/postfix.service': '',
  'var/log/journal/0123456789abcdef0123456789abcdef/': '',
  'etc/apache2/envvars': 'unset HOME\nSUFFIX=\nexport APACHE_LOG_DIR=/var/log/apache2$SUFFIX\nexport LANG=C\n',
  'etc/apache2/apache2.conf': `ErrorLog \${APACHE_LOG_DIR}/error.log
IncludeOptional mods-enabled/*.conf
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" vhost_combined
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
LogFormat "%{Referer}i -> %U" referer
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
`,
  'etc/apache2/conf-enabled/other-vhosts-access-log.conf': 'CustomLog ${APACHE_LOG_DIR}/other_vhosts_access.log vhost_combined\n',
  'etc/apache2/sites-enabled/000-default.conf': `<VirtualHost *:80>
  ErrorLog \${APACHE_LOG_DIR}/error.log
  CustomLog \${APACHE_LOG_DIR}/access.log \\
    combined
  CustomLog "|/usr/bin/rotatelogs -l \${APACHE_LOG_DIR}/daily.%Y-%m-%d.log 86400" combined
  CustomLog "|/usr/bin/logger -t apache" combined
  CustomLog \${APACHE_LOG_DIR}/referer.log referer
  CustomLog \${NOT_DEFINED}/x.log combined
</VirtualHost>
`,
  'etc/postfix/main.cf': '# see postconf(5)\nmyhostname = made\nmaillog_file = /var/log/postfix.log\n',
  'etc/fail2ban/fail2ban.conf': '[Definition]\nloglevel = INFO\nlogtarget = /var/log/fail2ban.log\n',
  'var/log/apache2/access.log': logOf(200, 30, request),
  'var/log/apache2/error.log': '',
  'var/log/postfix.log': logOf(50, 120, (t, n) => `${bsd(t)} made postfix/smtpd[${n}]: connect from unknown[203.0.113.9]`),
};

export const redHat: MadeFiles = {
  ...debian,
  'etc/os-release': 'PRETTY_NAME="Rocky Linux 9.6 (Blue Onyx)"\n',
  'etc/systemd/system/multi-user.target.wants/rsyslog.service': '-> /usr/lib/systemd/system/rsyslog.service',
  'etc/systemd/system/multi-user.target.wants/httpd.service': '-> /usr/lib/systemd/system/httpd.service',
  'usr/lib/systemd/system/rsyslog.service': '',
  'usr/lib/systemd/system/httpd.service': '',
  'var/log/journal/0123456789abcdef0123456789abcdef/': '',
  'etc/rsyslog.conf': `global(workDirectory="/var/lib/rsyslog")
module(load="builtin:omfile" Template="RSYSLOG_TraditionalFileFormat")
module(load="imuxsock" SysSock.Use="off")
module(load="imjournal" UsePid="system" StateFile="imjournal.state")
include(file="/etc/rsyslog.d/*.conf" mode="optional")
#kern.*                                                 /dev/console
*.info;mail.none;authpriv.none;cron.none                /var/log/messages
authpriv.*                                              /var/log/secure
mail.*                                                  -/var/log/maillog
cron.*                                                  /var/log/cron
*.emerg                                                 :omusrmsg:*
uucp,news.crit                                          /var/log/spooler
local7.*                                                /var/log/boot.log
`,
  'etc/rsyslog.d/remote.conf': `module(load="imtcp")
template(name="ByHost" type="string" string="/var/log/remote/%HOSTNAME%/%PROGRAMNAME%.log")
ruleset(name="remote") {
  action(type="omfile" dynaFile="ByHost")
  stop
}
input(type="imtcp" port="6514" ruleset="remote")
`,
  'etc/httpd/conf/httpd.conf':
    'ServerRoot "/etc/httpd"\nErrorLog "logs/error_log"\nLogFormat "%h %l %u %t \\"%r\\" %>s %b" common\nCustomLog "logs/access_log" common\nIncludeOptional conf.d/*.conf\n',
  'etc/httpd/conf.d/ssl.conf':
    '<VirtualHost _default_:443>\nErrorLog logs/ssl_error_log\nTransferLog logs/ssl_access_log\nCustomLog logs/ssl_request_log "%t %h %{SSL_PROTOCOL}x"\n</VirtualHost>\n',
  'etc/httpd/logs': '-> ../../var/log/httpd',
  'etc/audit/auditd.conf': 'log_file = /var/log/audit/audit.log\nlog_group = root\nlog_format = ENRICHED\n',
  'etc/audit/plugins.d/syslog.conf': 'active = yes\n',
  'var/log/httpd/access_log': logOf(300, 20, request),
  'var/log/messages': logOf(300, 20, (t, n) => `${bsd(t)} made systemd[1]: Started ${n}.`),
  'var/log/remote/web1/sshd.log': logOf(10, 60, (t) => `${bsd(t)} web1 sshd[1]: Connection closed`),
  'var/log/audit/audit.log': logOf(
    100,
    60,
    (t, n) => `type=USER_LOGIN msg=audit(${t.getTime() / 1_000}.123:${n}): pid=1 uid=0 res=success`,
  ),
};

const eve = (t: Date, n: number): string =>
  JSON.stringify(
    n % 4 === 3
      ? { timestamp: t.toISOString(), event_type: 'stats', stats: { uptime: n, capture: { kernel_packets: n } } }
      : {
          timestamp: t.toISOString(),
          event_type: 'alert',
          src_ip: '203.0.113.7',
          payload: 'QUFB'.repeat(40),
          payload_printable: 'AAA'.repeat(40),
          alert: { signature: 'x', signature_id: n },
        },
  );

export const sensor: MadeFiles = {
  ...debian,
  'etc/suricata/suricata.yaml': `%YAML 1.1
---
default-log-dir: /var/log/suricata/
outputs:
  - fast:
      enabled: yes
      filename: fast.log
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types: [alert, { dns: { enabled: yes } }, { tls: { enabled: no } }, stats, files]
  - eve-log:
      enabled: 'yes'
      filetype: unix_stream
      filename: /var/run/suricata/eve.sock
      types: [alert, tls]
  - http-log: { enabled: no, filename: http.log }
  - stats: { enabled: yes, filename: stats.log }
include: more.yaml
`,
  'etc/suricata/more.yaml': 'default-log-dir: /data/suricata\n',
  'data/suricata/eve.json': logOf(80, 5, eve),
  'data/suricata/fast.log': 'x\n',
  'opt/zeek/etc/zeekctl.cfg': 'LogRotationInterval = 3600\nLogDir = /opt/zeek/logs\n',
  'opt/zeek/share/zeek/site/local.zeek': '@load policy/tuning/json-logs.zeek\n',
  'opt/zeek/logs/current': '-> ../spool/zeek',
  'opt/zeek/spool/zeek/conn.log': logOf(50, 10, (t, n) => JSON.stringify({ ts: t.getTime() / 1_000 + 0.5, uid: `C${n}`, proto: 'tcp' })),
  'opt/zeek/spool/zeek/stats.log': 'x\n',
};

export const empty: MadeFiles = { 'etc/hostname': 'bare\n' };
