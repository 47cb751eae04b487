// What runs on the host: systemd's units, else the processes; of an image, what is enabled.
// Promises: systemctl is asked on this host only, with a time limit; without it /proc is read; nothing is started.
import { execFileSync } from 'node:child_process';
import type { HostRoot } from './host-root.ts';

const systemctlMsMax = 5_000;
const processesMax = 2_000;

/** Units and processes by the beginning of the ids of their sources. */
const writersOf: readonly (readonly [string, readonly string[]])[] = [
  ['nginx', ['nginx', 'openresty']],
  ['apache', ['apache2', 'httpd']],
  ['suricata', ['suricata', 'Suricata-Main']],
  ['zeek', ['zeek', 'zeekctl', 'bro']],
  ['auditd', ['auditd']],
  ['postgresql', ['postgresql', 'postgres']],
  ['mysql', ['mysql', 'mysqld', 'mariadb', 'mariadbd']],
  ['postfix', ['postfix', 'master']],
  ['fail2ban', ['fail2ban', 'fail2ban-server']],
  ['docker', ['docker', 'dockerd']],
];

export class Services {
  /** Units without `.service`, and names of processes. */
  readonly names: ReadonlySet<string>;
  /** Where the names come from; empty when nothing says. */
  readonly from: string;

  constructor(names: ReadonlySet<string>, from: string) {
    this.names = names;
    this.from = from;
  }

  /** False where nothing says what runs. */
  get isKnown(): boolean {
    return this.names.size > 0;
  }

  uses(...names: readonly string[]): boolean {
    return names.some((name) => this.names.has(name) || [...this.names].some((one) => one.startsWith(`${name}@`)));
  }

  /** What writes a source is known, and is not among what runs. */
  isIdle(sourceId: string): boolean {
    const writers = writersOf.find(([prefix]) => sourceId.startsWith(prefix))?.[1];
    return this.isKnown && writers !== undefined && !this.uses(...writers);
  }
}

export function findServices(host: HostRoot): Services {
  const units = host.isThisHost && host.isFolder('/run/systemd/system') ? runningUnits() : [];
  if (units.length > 0) return new Services(new Set(units), 'systemctl');
  const processes = host
    .names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .slice(0, processesMax)
    .filter((pid) => hasCommandLine(host, pid))
    .flatMap((pid) => host.part(`/proc/${pid}/comm`, 0, 64)?.toString().trim() ?? []);
  if (processes.length > 0) return new Services(new Set(processes), '/proc');
  const enabled = host
    .matches('/etc/systemd/system/*.target.wants/*.service')
    .map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.service$/, ''));
  return new Services(new Set(enabled), enabled.length > 0 ? 'enabled units' : '');
}

/** Threads of the kernel have none. */
function hasCommandLine(host: HostRoot, pid: string): boolean {
  return (host.part(`/proc/${pid}/cmdline`, 0, 1)?.length ?? 0) > 0;
}

function runningUnits(): string[] {
  try {
    const args = ['list-units', '--type=service', '--state=running', '--plain', '--no-legend', '--no-pager'];
    const text = execFileSync('systemctl', args, {
      encoding: 'utf8',
      timeout: systemctlMsMax,
      maxBuffer: 4 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
    return text.split('\n').flatMap((line) => /^(\S+)\.service\b/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}
