// A real sshd for tests, with a log of its own: in mount and process namespaces with their own /dev and /run, so that nothing of
// this host's log is touched, and all of it ends with one process.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const journald = '/lib/systemd/systemd-journald';
const start = `set -e
for name in null zero random urandom; do touch dev/$name; mount --bind /dev/$name dev/$name; done
ln -s "$2" dev/log
mount --rbind dev /dev
mount --bind run /run
if [ "$1" = journald ]; then ${journald} & else rsyslogd -n -f rsyslog.conf -i NONE & fi
while [ ! -S /dev/log ]; do sleep 0.05; done
exec /usr/sbin/sshd -D -f "$PWD/sshd_config"
`;
const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Empty where one can be run here with this logger; else what is missing. */
export function missingFor(logger: 'rsyslogd' | 'journald'): string {
  if (process.getuid?.() !== 0 || spawnSync('unshare', [...namespaces, 'true']).status !== 0) return 'root that may make namespaces';
  const isThere = logger === 'journald' ? existsSync(journald) : spawnSync('rsyslogd', ['-v']).status === 0;
  if (!isThere) return logger === 'journald' ? 'apt-get install systemd' : 'apt-get install rsyslog';
  const has = existsSync('/usr/sbin/sshd') && ['ssh', 'sshpass'].every((name) => spawnSync(name, ['-V']).error === undefined);
  return has ? '' : 'apt-get install openssh-server openssh-client sshpass';
}

export class RealSshd {
  readonly folder = mkdtempSync(join(tmpdir(), 'real-sshd-'));
  readonly #port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, logger: 'rsyslogd' | 'journald') {
    this.#port = port;
    const { folder } = this;
    for (const name of ['dev', 'run/sshd', 'run/systemd/journal']) mkdirSync(join(folder, name), { recursive: true });
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host_key')]);
    const isJournal = logger === 'journald';
    const socket = isJournal ? '/run/systemd/journal/dev-log' : join(folder, 'log.sock');
    writeFileSync(
      join(folder, 'sshd_config'),
      `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${folder}/host_key\nUsePAM no\nKbdInteractiveAuthentication no\nPubkeyAuthentication no\nPidFile none\n`,
    );
    writeFileSync(
      join(folder, 'rsyslog.conf'),
      `module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="${socket}" CreatePath="on")\nauth,authpriv.* action(type="omfile" file="${folder}/auth.log")\n`,
    );
    writeFileSync(join(folder, 'start.sh'), start);
    this.#child = spawn('unshare', [...namespaces, 'sh', 'start.sh', logger, socket], { cwd: folder, stdio: 'ignore' });
  }

  /** Listening when its log says so. */
  static async start(logger: 'rsyslogd' | 'journald'): Promise<RealSshd> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    return new RealSshd(typeof address === 'object' && address ? address.port : 0, logger);
  }

  /** A login with a wrong password; resolves when it was refused. */
  async guess(user: string): Promise<void> {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'NumberOfPasswordPrompts=1',
      'PreferredAuthentications=password',
    ];
    const args = [
      '-p',
      'wrong',
      'ssh',
      '-F',
      'none',
      '-p',
      String(this.#port),
      ...options.flatMap((option) => ['-o', option]),
      `${user}@127.0.0.1`,
    ];
    const client = spawn('sshpass', args, { stdio: 'ignore' });
    await once(client, 'exit');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.folder, { recursive: true });
  }
}
