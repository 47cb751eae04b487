// One of our programs as a child process: for `npm start`, the demo, the crash test and the benchmarks.
// Promises: what it wrote to standard error is at hand when it ends without being asked; stop asks it (SIGTERM), waits and
// kills it only when it does not go; a child never outlives this process.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

export interface ProgramOptions {
  /** `hub` or `agent`: from source, or what a build made. */
  readonly name: 'hub' | 'agent';
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** From `dist` instead of the source. */
  readonly isBuilt?: boolean;
  /** The program's own log, line by line (JSON); kept to itself without. */
  readonly onLog?: (line: string) => void;
  /** Its standard output goes through to ours, terminal or not. */
  readonly isShown?: boolean;
  /** Its standard input is a pipe, `input`; else it has none. */
  readonly hasInput?: boolean;
}

const root = join(import.meta.dirname, '..', '..');
const tailLinesMax = 40;
const stopMsMax = 30_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Program {
  readonly name: ProgramOptions['name'];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #tail: string[] = [];

  constructor({ name, args, env = {}, isBuilt = false, onLog, isShown = false, hasInput = false }: ProgramOptions) {
    this.name = name;
    const entry = isBuilt ? join(root, 'dist', `${name}.js`) : join(root, name, 'main.ts');
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, ...env },
      stdio: [hasInput ? 'pipe' : 'ignore', isShown ? 'inherit' : 'ignore', 'pipe'],
      // A Ctrl-C at the terminal reaches the whole group: who started the programs stops them in order.
      detached: true,
    });
    this.#child = child;
    running.add(child);
    this.exited = once(child, 'exit').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
      running.delete(child);
      return { code: typeof code === 'number' ? code : null, signal: typeof signal === 'string' ? signal : null };
    });
    this.#follow(child, onLog);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get input(): Writable | undefined {
    return this.#child.stdin ?? undefined;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines of its log. */
  get tail(): string {
    return this.#tail.join('\n');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopMsMax);
    await this.exited;
    clearTimeout(late);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #follow(child: ChildProcess, onLog: ProgramOptions['onLog']): void {
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.#tail.push(line);
        if (this.#tail.length > tailLinesMax) this.#tail.shift();
        onLog?.(line);
      }
    });
    child.stderr?.on('end', () => {
      if (rest !== '') this.#tail.push(rest);
    });
  }
}
