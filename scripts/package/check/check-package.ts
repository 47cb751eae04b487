// `npm run package -- --check`: the .deb of this machine's architecture, installed in a Debian made for that, in use against a
// hub of this checkout; first without a running systemd, then under one.
// Promises: nothing of this host is changed; what cannot run here is said as skipped with the remedy, and fails with CI=true.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCheckHub, type CheckHub } from './ask-hub.ts';
import { checkChroot } from './check-chroot.ts';
import { checkSystemd } from './check-systemd.ts';
import { Guest } from './guest.ts';
import { Report } from './report.ts';

/** The exit code. The last line is `N passed, N failed`, with what was skipped. */
export async function checkPackage(deb: string): Promise<number> {
  const lacking = whatIsLacking();
  if (lacking !== undefined) {
    console.log(`skipped: the check needs ${lacking}`);
    console.log('0 passed, 0 failed, 1 skipped');
    return process.env.CI === 'true' ? 1 : 0;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'atalaia-package-check-'));
  const report = new Report();
  const guest = Guest.make(join(scratch, 'debian'));
  let hub: CheckHub | undefined;
  try {
    mkdirSync(join(scratch, 'hub'), { mode: 0o700 });
    hub = await startCheckHub(join(scratch, 'hub'));
    copyFileSync(deb, join(guest.folder, 'root', 'agent.deb'));
    makeNext(deb, scratch, join(guest.folder, 'root', 'next.deb'));
    const parts = { guest, hub, report, deb: '/root/agent.deb', nextDeb: '/root/next.deb' };
    await checkChroot(parts);
    const why = await bootGuest(guest);
    if (why === undefined) await checkSystemd(parts);
    else console.log(`skipped: no systemd could be booted here (${why}); try on a host whose cgroups root may mount`);
    console.log(`${report.passed} passed, 0 failed${why === undefined ? '' : ', 1 skipped'}`);
    return 0;
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error));
    console.log(`${report.passed} passed, 1 failed`);
    return 1;
  } finally {
    guest.close();
    await hub?.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function whatIsLacking(): string | undefined {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return 'root on Linux';
  for (const program of ['debootstrap', 'dpkg-deb', 'unshare', 'nsenter'])
    if (spawnSync(program, ['--version']).error) return `${program}: apt-get install debootstrap dpkg util-linux`;
  return undefined;
}

/** The same package with a higher revision, packed fast. */
function makeNext(deb: string, scratch: string, next: string): void {
  const folder = join(scratch, 'next');
  execFileSync('dpkg-deb', ['--raw-extract', deb, folder]);
  const control = join(folder, 'DEBIAN', 'control');
  writeFileSync(
    control,
    readFileSync(control, 'utf8').replace(
      /^(Version: .*-)(\d+)$/m,
      (_, before: string, revision: string) => `${before}${Number(revision) + 1}`,
    ),
  );
  execFileSync('dpkg-deb', ['-Zgzip', '-z1', '--root-owner-group', '--build', folder, next], { stdio: 'ignore' });
  rmSync(folder, { recursive: true });
}

async function bootGuest(guest: Guest): Promise<string | undefined> {
  const installed = guest.run('apt-get install -y --no-install-recommends systemd dbus rsyslog');
  return installed.code === 0 ? guest.boot() : `apt-get: ${installed.out.slice(-500)}`;
}
