// journalctl as a child process: started with fixed arguments and no shell, ended with us, its complaint kept.
import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { errorCode } from '../../proto/runtime/errors.ts';

const complaintBytesMax = 4_096;
const newestTimeoutMs = 10_000;
/** Without --all journalctl leaves long values out. */
const entryBytesMax = 16 * 1024 * 1024;
const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
const always = ['--output=json', '--all', '--no-pager'];

export type Newest =
  | { readonly is: 'cursor'; readonly cursor: string }
  | { readonly is: 'empty' }
  | { readonly is: 'failed'; readonly reason: string };

/** The cursor of the newest entry, to begin behind it. */
export function newestCursor(program: string, signal: AbortSignal): Promise<Newest> {
  return new Promise((resolve) => {
    const options = { env: environment, signal, timeout: newestTimeoutMs, maxBuffer: 64 * 1024 };
    execFile(program, ['--quiet', '--lines=0', '--show-cursor', '--no-pager'], options, (error, stdout, stderr) => {
      const cursor = /^-- cursor: (\S{1,512})$/m.exec(stdout)?.[1];
      if (error) resolve({ is: 'failed', reason: reasonOf(error, stderr) });
      else resolve(cursor === undefined ? { is: 'empty' } : { is: 'cursor', cursor });
    });
  });
}

/** The entry at a cursor as JSON, or the next one where that is gone; undefined when there is none or it is not to be had. */
export function entryAt(program: string, cursor: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { env: environment, signal, timeout: newestTimeoutMs, maxBuffer: entryBytesMax };
    const args = ['--quiet', '--no-pager', '--output=json', '--lines=1', `--cursor=${cursor}`];
    execFile(program, args, options, (_, stdout) => resolve(stdout === '' ? undefined : stdout));
  });
}

export class JournalProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<void>;
  #complaint = '';
  #error: unknown;

  /**
   * The entry of the cursor, or the next one where that is gone, those behind it, and then what comes; all of them without a
   * cursor. Not --after-cursor: where the entry is gone, that passes over the next one too.
   */
  constructor(program: string, cursor: string, signal: AbortSignal) {
    const args = ['--follow', '--no-tail', ...always, ...(cursor === '' ? [] : [`--cursor=${cursor}`])];
    this.#child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGTERM' });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      if (this.#complaint.length < complaintBytesMax) this.#complaint += chunk.toString('utf8').slice(0, complaintBytesMax);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#error = error;
        resolve();
      });
      this.#child.once('close', () => resolve());
    });
  }

  /** Ends when the process does. */
  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#child.stdout) if (Buffer.isBuffer(chunk)) yield chunk;
    } catch (error) {
      this.#error ??= error;
    }
    await this.#ended;
  }

  end(): void {
    this.#child.kill('SIGTERM');
    this.#child.stdout.destroy();
  }

  reason(): string {
    return reasonOf(this.#error, this.#complaint);
  }
}

function reasonOf(error: unknown, complaint: string): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'journalctl is not installed; install systemd or take the source out of the policy';
  if (code === 'EACCES') return 'journalctl must not be run by this user; allow it or take the source out of the policy';
  const said = complaint.trim().split('\n')[0] ?? '';
  if (/(?:unrecognized|unknown|invalid) option/i.test(complaint)) return `${said}: journalctl is older than systemd 206; update systemd`;
  if (/permission|privilege/i.test(complaint)) return `${said}; add the agent's user to the group systemd-journal`;
  return said === '' ? 'journalctl ended' : said;
}
