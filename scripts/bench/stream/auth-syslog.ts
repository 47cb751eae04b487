// sshd, PAM and sudo in /var/log/auth.log of Linux hosts: mostly people at work, and six lines in a hundred of guessing.
import { insideAddress, named, type Pick } from './pick.ts';

const hosts = named(60, (place) => `${['web', 'db', 'app', 'mail', 'build'][place % 5]}${Math.floor(place / 5) + 1}`);
const people = named(40, (place) => `user${place + 1}`);
/** A few stubborn ones make most of the noise. */
const attackers = named(40, (place) => `203.0.113.${place * 5 + 3}`);
const guessed = ['root', 'admin', 'oracle', 'test', 'ubuntu', 'git', 'postgres', 'ftpuser', 'pi', 'deploy'] as const;
const commands = [
  '/usr/bin/systemctl restart nginx',
  '/usr/bin/apt-get update',
  '/usr/bin/journalctl -u app --since today',
  '/usr/bin/tail -n 200 /var/log/syslog',
  '/bin/cat /etc/app/app.conf',
] as const;

export function authSyslog(pick: Pick, atMs: number): string {
  const before = `${syslogTime(atMs)} ${pick.skewed(hosts)}`;
  const pid = pick.number(500, 4_194_000);
  const kind = pick.number(1, 100);
  if (kind > 72) return `${before} sudo: ${sudoText(pick, kind)}`;
  return `${before} sshd[${pid}]: ${sshdText(pick, kind)}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

function syslogTime(atMs: number): string {
  const at = new Date(atMs);
  return `${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2, ' ')} ${at.toISOString().slice(11, 19)}`;
}

function sshdText(pick: Pick, kind: number): string {
  const port = pick.number(32_768, 60_999);
  const guess = pick.one(guessed);
  const from = pick.skewed(attackers);
  const user = pick.skewed(people);
  if (kind <= 4) return `Failed password for invalid user ${guess} from ${from} port ${port} ssh2`;
  if (kind <= 6) return `Failed password for root from ${from} port ${port} ssh2`;
  if (kind <= 9) return `Invalid user ${guess} from ${from} port ${port}`;
  if (kind <= 12) return `Connection closed by invalid user ${guess} ${from} port ${port} [preauth]`;
  if (kind <= 30) return `Accepted publickey for ${user} from ${insideAddress(pick)} port ${port} ssh2: ED25519 SHA256:${pick.hex(43)}`;
  if (kind <= 52) return `pam_unix(sshd:session): session opened for user ${user}(uid=${pick.number(1_000, 1_040)}) by (uid=0)`;
  return `Disconnected from user ${user} ${insideAddress(pick)} port ${port}`;
}

function sudoText(pick: Pick, kind: number): string {
  const user = pick.skewed(people);
  if (kind <= 86)
    return `${user.padStart(8)} : TTY=pts/${pick.number(0, 9)} ; PWD=/home/${user} ; USER=root ; COMMAND=${pick.one(commands)}`;
  const id = pick.number(1_000, 1_040);
  if (kind <= 93) return `pam_unix(sudo:session): session opened for user root(uid=0) by ${user}(uid=${id})`;
  return 'pam_unix(sudo:session): session closed for user root';
}
