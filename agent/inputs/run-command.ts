// One run of a command whose lines are collected: no shell, fixed arguments, a process group of its own.
// Promises: resolves when the command and every process that stayed in its group are gone; what it printed by then was
// handed on or counted as dropped (`output-limit` beyond `outputBytesMax`, `ended` when memory is full while it is being
// ended); a slow pipeline makes it wait on its pipe. It gets a small environment of its own, so that nothing of the
// agent's is in it. It is ended after `timeoutMs`, beyond `outputBytesMax`, and when the source stops.
// After a kill -9 of the agent the command lives on until it writes: its pipe is broken then.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { limits } from '../../proto/delivery.ts';
import { SyslogFraming, type MessageSink } from '../../proto/framing/syslog-framing.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { LiveStream } from './live-streams.ts';
import type { ReceivedLines } from './received-lines.ts';

export interface CommandRun {
  readonly command: readonly string[];
  readonly lines: ReceivedLines;
  readonly clock: Clock;
  /** Undefined: for ever. */
  readonly timeoutMs: number | undefined;
  readonly outputBytesMax: number | undefined;
  readonly output: () => LiveStream;
  /** Undefined: what it complains of is only told. */
  readonly complaints: (() => LiveStream) | undefined;
  readonly signal: AbortSignal;
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
const graceMs = 2_000;
const complaintBytesMax = 4_096;

/** Resolves with what is wrong, empty when it ended well. */
export async function runCommand(run: CommandRun): Promise<string> {
  const [program = '', ...args] = run.command;
  const child = spawn(program, args, { cwd: '/', env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  return new RunningCommand(run, child).ended();
}

class RunningCommand {
  readonly #run: CommandRun;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #isOver = new AbortController();
  #complaint = '';
  #reason = '';
  #isEnding = false;

  constructor(run: CommandRun, child: ChildProcessByStdio<null, Readable, Readable>) {
    this.#run = run;
    this.#child = child;
  }

  async ended(): Promise<string> {
    const { signal, timeoutMs } = this.#run;
    const exited = this.#exited();
    const over = this.#isOver.signal;
    const stopping = this.#stopAt(AbortSignal.any([signal, over]));
    const printing = this.#collect(this.#child.stdout, this.#run.output);
    const complaining = this.#complaints();
    if (timeoutMs !== undefined) void this.#after(timeoutMs, () => this.#end('ran longer than timeout'));
    const failure = await exited;
    // Whoever it started and left behind in its group goes with it.
    this.#kill('SIGKILL');
    void this.#after(graceMs, () => this.#closePipes());
    await Promise.all([printing, complaining]);
    this.#isOver.abort();
    await stopping;
    return signal.aborted ? '' : this.#reason || failure;
  }

  #exited(): Promise<string> {
    return new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#closePipes();
        resolve(notStarted(this.#run.command[0] ?? '', error));
      });
      this.#child.once('exit', (code, killedBy) => {
        const said = this.#complaint.trim().split('\n')[0] ?? '';
        resolve(code === 0 ? '' : `ended with ${killedBy ?? `code ${code}`}${said === '' ? '' : `: ${said}`}`);
      });
    });
  }

  #collect(pipe: Readable, stream: () => LiveStream): Promise<void> {
    const { lines, outputBytesMax = Number.POSITIVE_INFINITY } = this.#run;
    let outputBytes = 0;
    const take: MessageSink = (bytes, start, end, isCut) => {
      outputBytes += end - start + 1;
      if (outputBytes > outputBytesMax) {
        lines.drop(stream(), 'output-limit', 1);
        this.#end(`printed more than maxOutputBytes ${outputBytesMax}`);
      } else if (this.#isEnding && lines.isFull) lines.drop(stream(), 'ended', 1);
      else lines.add(stream(), bytes.subarray(start, end), isCut);
    };
    const framing = new SyslogFraming({ messageBytesMax: limits.lineBytesMax, octetCounting: false }, take);
    lines.attach(pipe);
    return new Promise((resolve) => {
      pipe.on('data', (chunk: Buffer) => framing.take(chunk));
      pipe.on('error', () => undefined);
      pipe.once('close', () => {
        lines.detach(pipe);
        framing.end(true);
        resolve();
      });
    });
  }

  #complaints(): Promise<void> {
    const { complaints } = this.#run;
    const pipe = this.#child.stderr;
    pipe.on('data', (chunk: Buffer) => {
      if (this.#complaint.length < complaintBytesMax) this.#complaint += chunk.toString('utf8', 0, complaintBytesMax);
    });
    if (complaints) return this.#collect(pipe, complaints);
    pipe.on('error', () => undefined);
    return new Promise((resolve) => pipe.once('close', () => resolve()));
  }

  async #stopAt(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (!this.#isOver.signal.aborted) this.#end('');
  }

  /** Asks, and after a while does not ask any more. What it still prints is read, so that it can end. */
  #end(reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#reason = reason;
    const { lines } = this.#run;
    for (const pipe of [this.#child.stdout, this.#child.stderr]) {
      lines.detach(pipe);
      pipe.resume();
    }
    this.#kill('SIGTERM');
    void this.#after(graceMs, () => this.#kill('SIGKILL'));
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // ESRCH: the group is gone.
      if (errorCode(error) !== 'ESRCH') this.#reason ||= `could not be ended (${errorCode(error)})`;
    }
  }

  #closePipes(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  async #after(ms: number, act: () => void): Promise<void> {
    await this.#run.clock.sleep(ms, this.#isOver.signal).then(act, () => undefined);
  }
}

function notStarted(program: string, error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return `${program} does not exist; install it or take the source out of the policy`;
  if (code === 'EACCES') return `${program} must not be run by the agent's user; allow it or take the source out of the policy`;
  return `${program} could not be started (${code ?? String(error)})`;
}
