// The package in a Debian without a running systemd: installed unattended, run, upgraded, removed, purged.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { figuresOf } from '../../bench/process-figures.ts';
import type { CheckHub } from './ask-hub.ts';
import type { Guest } from './guest.ts';
import type { Report } from './report.ts';

export interface CheckParts {
  readonly guest: Guest;
  readonly hub: CheckHub;
  readonly report: Report;
  /** In the guest: the package, and the same with a higher revision. */
  readonly deb: string;
  readonly nextDeb: string;
}

const identityFile = 'var/lib/atalaia/identity/enrolment.json';
const idleMs = 10_000;
const startMsMax = 30_000;

export async function checkChroot(parts: CheckParts): Promise<void> {
  const { guest, report } = parts;
  const before = listing(guest);
  await install(parts);
  await runAndUpgrade(parts);
  const removed = guest.run('dpkg -r atalaia-agent');
  report.must(
    removed.code === 0 && guest.has(identityFile) && guest.has('etc/atalaia/agent.yaml'),
    'removal keeps state and configuration',
    removed.out,
  );
  report.must(!guest.has('usr/lib/atalaia-agent'), 'removal leaves no program', removed.out);
  const purged = guest.run('dpkg -P atalaia-agent');
  const left = [...listing(guest)].filter((path) => !before.has(path) && /atalaia/.test(path));
  report.must(purged.code === 0 && left.length === 0, 'purge leaves no file', `${purged.out}\n${left.join('\n')}`);
  report.must(guest.run('getent passwd atalaia || getent group atalaia').code !== 0, 'purge leaves no user and no group');
}

async function install({ guest, hub, report, deb }: CheckParts): Promise<void> {
  guest.write('etc/token', await hub.token(), 0o600);
  guest.run('apt-get update');
  const installed = guest.run(`apt-get install -y --no-install-recommends ${deb}`, {
    ATALAIA_HUB: hub.url,
    ATALAIA_TOKEN_FILE: '/etc/token',
  });
  report.must(installed.code === 0, 'installs in a minimal Debian, with what it depends on', installed.out);
  report.must(guest.has(identityFile), 'enrols from ATALAIA_HUB and ATALAIA_TOKEN_FILE', installed.out);
  const version = guest.run('atalaia-agent --version');
  report.must(version.code === 0 && /^\d+\.\d+\.\d+$/.test(version.out), `says its version (${version.out})`, version.out);
  const valid = guest.run('atalaia-agent validate /etc/atalaia/agent.yaml');
  report.must(valid.code === 0, 'takes the configuration that it ships', valid.out);
  const modes = guest.run('stat -c "%U:%G %a %n" /var/lib/atalaia /var/lib/atalaia/identity/*').out;
  report.must(!/^(?!atalaia:atalaia (?:700|600) )/m.test(modes), "state is the agent's own and closed", modes);
  report.must(/\badm\b/.test(guest.run('id -nG atalaia').out), 'its user is in group adm');
  const pages = guest.run('test -s /usr/share/man/man8/atalaia-agent.8.gz && test -s /usr/share/man/man5/agent.yaml.5.gz');
  report.must(pages.code === 0, 'brings its manual pages');
}

async function runAndUpgrade(parts: CheckParts): Promise<void> {
  const { guest, hub, report, nextDeb } = parts;
  guest.run('install -m 0640 -o root -g adm /dev/null /var/log/syslog');
  // A file that was never seen begins at its end, wherever that is when the agent first looks.
  guest.run("sed -i 's/startAt: end/startAt: start/' /etc/atalaia/agent.yaml");
  let agent = await start(parts);
  guest.run('echo "Nov 24 10:00:00 host app: chrootone first" >> /var/log/syslog');
  report.must((await hub.arrived('chrootone', 1)) === 1, 'a line of a file of group adm arrives');
  await delay(idleMs);
  report.note(`resident when idle: ${Math.round(figuresOf(agent.pid ?? 0)?.rssMb ?? 0)} MiB`);
  const doctor = guest.run('atalaia-agent doctor');
  report.must(doctor.code === 0, 'its doctor finds nothing that fails', doctor.out);
  await stop(agent);
  guest.run('echo "Nov 24 10:00:01 host app: chrootone second" >> /var/log/syslog; echo "# mine" >> /etc/atalaia/agent.yaml');
  const identity = guest.read(identityFile);
  const upgraded = guest.run(`dpkg -i ${nextDeb}`);
  report.must(upgraded.code === 0 && guest.read(identityFile) === identity, 'an upgrade keeps the identity', upgraded.out);
  report.must(guest.read('etc/atalaia/agent.yaml').endsWith('# mine\n'), 'an upgrade keeps a changed configuration');
  agent = await start(parts);
  guest.run('echo "Nov 24 10:00:02 host app: chrootone third" >> /var/log/syslog');
  const found = await hub.arrived('chrootone', 3);
  report.must(found === 3, 'after the upgrade it goes on where it was: three lines, each once', `${found} found`);
  await stop(agent);
}

/** As the service's user; resolves when it says that it has started. */
async function start({ guest, report }: CheckParts): Promise<ChildProcess> {
  const begunMs = performance.now();
  const command = ['setpriv', '--reuid=atalaia', '--regid=atalaia', '--init-groups', '--', 'atalaia-agent', 'run'];
  let said = '';
  const child = guest.start(command, (text) => (said = (said + text).slice(-10_000)));
  while (!said.includes('agent started') && child.exitCode === null && performance.now() - begunMs < startMsMax) await delay(5);
  report.must(said.includes('agent started'), `runs, started after ${Math.round(performance.now() - begunMs)} ms`, said);
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Every path of the guest but what dpkg and apt keep for themselves. */
function listing(guest: Guest): Set<string> {
  const { out } = guest.run(
    'find / -xdev \\( -path /proc -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/lib/apt -o -path /root \\) -prune -o -print',
  );
  return new Set(out.split('\n'));
}
