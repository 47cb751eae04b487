// The package under a real systemd: the unit with all its walls up, sd_notify, the watchdog, the service at work.
import type { CheckParts } from './check-chroot.ts';
import { checkService, checkUpgrade } from './check-service.ts';
import { property, until } from './unit-state.ts';

const exposureMax = 2.5;

export async function checkSystemd(parts: CheckParts): Promise<void> {
  const { guest, hub, report, deb } = parts;
  guest.run('mkdir -p /etc/atalaia');
  guest.write('etc/atalaia/enroll', `hub=${hub.url}\ntoken=${await hub.token()}\n`, 0o600);
  const installed = guest.run(`apt-get install -y --no-install-recommends ${deb}`);
  report.must(installed.code === 0 && !guest.has('etc/atalaia/enroll'), 'enrols from /etc/atalaia/enroll and deletes it', installed.out);
  await until(parts, 'the service is active: the agent said READY=1', () => property(parts, 'ActiveState') === 'active');
  const status = guest.run('cat /proc/$(systemctl show -p MainPID --value atalaia-agent)/status').out;
  const isClosedIn = /^CapBnd:\s+0+$/m.test(status) && /^NoNewPrivs:\s+1$/m.test(status) && /^Seccomp:\s+2$/m.test(status);
  report.must(isClosedIn, 'it runs without capabilities, with NoNewPrivileges and a system call filter', status);
  exposure(parts);
  // The file was never seen before: what is written until the agent has looked at it does not count.
  await until(parts, 'it has looked at its files', () =>
    /"path":"\/var\/log\/syslog"/.test(guest.run('logger before; sleep 1; atalaia-agent status').out),
  );
  guest.run('logger systemdone');
  report.must((await hub.arrived('systemdone', 1)) >= 1, 'a line of logger arrives');
  await checkWatchdog(parts);
  await checkService(parts);
  await checkUpgrade(parts);
  guest.run('dpkg -r atalaia-agent');
  report.must(guest.run('systemctl is-active atalaia-agent').code !== 0, 'removal stops the service');
  guest.run('rm -rf /etc/systemd/system/atalaia-agent.service.d /etc/atalaia/buffer.key');
  const purged = guest.run('dpkg -P atalaia-agent; find /etc /usr /var/lib /run -xdev -name "*atalaia*" -not -path "/var/lib/dpkg/*"');
  report.must(!/^\//m.test(purged.out), 'purge leaves nothing', purged.out);
}

function exposure({ guest, report }: CheckParts): void {
  const { out } = guest.run('systemd-analyze security --no-pager atalaia-agent.service');
  const level = Number(/exposure level for \S+: ([0-9.]+)/.exec(out)?.[1] ?? NaN);
  report.must(level <= exposureMax, `systemd-analyze security says ${level}`, out);
}

/** A process that is stopped feeds nobody. */
async function checkWatchdog(parts: CheckParts): Promise<void> {
  const { guest, report } = parts;
  guest.run(
    'mkdir -p /run/systemd/system/atalaia-agent.service.d && printf "[Service]\\nWatchdogSec=6s\\n" > /run/systemd/system/atalaia-agent.service.d/short.conf && systemctl daemon-reload && systemctl restart atalaia-agent',
  );
  const begunMs = watchdogUsec(parts);
  await until(parts, 'the watchdog is fed', () => watchdogUsec(parts) > begunMs);
  report.must(property(parts, 'NRestarts') === '0', 'a fed service is left alone');
  guest.run('kill -STOP $(systemctl show -p MainPID --value atalaia-agent)');
  await until(
    parts,
    'an agent that hangs is restarted',
    () => property(parts, 'NRestarts') === '1' && property(parts, 'ActiveState') === 'active',
  );
  guest.run('rm -r /run/systemd/system/atalaia-agent.service.d && systemctl daemon-reload');
}

function watchdogUsec(parts: CheckParts): number {
  return Number(property(parts, 'WatchdogTimestampMonotonic'));
}
