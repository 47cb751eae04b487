// A Debian of its own to install packages in: a folder made by debootstrap, entered by chroot or booted by its systemd.
// Promises: nothing of this host is changed but what lies in the folder; what was mounted and started is ended by close.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Ran {
  readonly code: number;
  readonly out: string;
}

const release = 'bookworm';
/** What of this host may reach the guest: nothing but this. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
const bootMsMax = 60_000;

export class Guest {
  readonly folder: string;
  #booted: ChildProcess | undefined;
  #isMounted = false;
  readonly #started = new Set<ChildProcess>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A minute or two, and the network. */
  static make(folder: string): Guest {
    const { status, stderr } = spawnSync('debootstrap', ['--variant=minbase', release, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`debootstrap failed: ${stderr}`);
    // The hub listens on this host's loopback, which the guest shares.
    writeFileSync(join(folder, 'etc', 'hosts'), '127.0.0.1 localhost\n');
    copyFileSync('/etc/resolv.conf', join(folder, 'etc', 'resolv.conf'));
    return new Guest(folder);
  }

  /** In the guest, by its shell; `more` is added to the environment. */
  run(script: string, more: Readonly<Record<string, string>> = {}): Ran {
    const [program = '', ...args] = this.#entering();
    const { status, stdout } = spawnSync(program, [...args, 'sh', '-c', `exec 2>&1; ${script}`], {
      env: { ...environment, ...more },
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    });
    return { code: status ?? -1, out: stdout.trim() };
  }

  /** Goes on beside us, until close at the latest; what it writes to standard error is at hand as it comes. */
  start(command: readonly string[], onSaid: (text: string) => void): ChildProcess {
    const [program = '', ...args] = [...this.#entering(), ...command];
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', onSaid);
    this.#started.add(child);
    child.once('exit', () => this.#started.delete(child));
    return child;
  }

  /** How a command gets in: through the running system, else by chroot. */
  #entering(): string[] {
    if (this.#booted) return ['nsenter', '--target', String(this.#init()), '--all', '--'];
    if (!this.#isMounted) this.#mount();
    return ['chroot', this.folder];
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  write(path: string, text: string, mode = 0o644): void {
    writeFileSync(join(this.folder, path), text, { mode });
  }

  /** Why it could not be booted; undefined when its systemd runs. */
  async boot(): Promise<string | undefined> {
    this.#unmount();
    const args = ['--pid', '--mount', '--uts', '--ipc', '--cgroup', '--fork', '--', join(import.meta.dirname, 'boot.sh'), this.folder];
    const child = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint = (complaint + chunk).slice(-2_000)));
    this.#booted = child;
    for (const untilMs = Date.now() + bootMsMax; Date.now() < untilMs; await delay(500)) {
      if (child.exitCode !== null) break;
      if (/^(?:running|degraded)$/m.test(this.run('systemctl is-system-running').out)) return undefined;
    }
    this.#end();
    return complaint.trim() || `its systemd did not come up within ${bootMsMax / 1_000} s`;
  }

  close(): void {
    for (const child of this.#started) child.kill('SIGKILL');
    this.#end();
    this.#unmount();
  }

  /** The first process of the guest, as this host numbers it. */
  #init(): number {
    const children = readFileSync(`/proc/${this.#booted?.pid}/task/${this.#booted?.pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0]);
  }

  #end(): void {
    if (!this.#booted) return;
    // With its first process a whole process namespace ends.
    if (this.#booted.exitCode === null) process.kill(this.#init(), 'SIGKILL');
    this.#booted = undefined;
  }

  #mount(): void {
    spawnSync('mount', ['-t', 'proc', 'proc', join(this.folder, 'proc')]);
    this.#isMounted = true;
  }

  #unmount(): void {
    if (this.#isMounted) spawnSync('umount', [join(this.folder, 'proc')]);
    this.#isMounted = false;
  }
}
