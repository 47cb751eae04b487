// A collector of somebody else as a process that is measured from outside.
// Promises: figures are those of the process and the children it started; stopped with SIGTERM, then SIGKILL; never outlives
// the bench; what it complained about is at hand when it ends by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { figuresOf } from '../process-figures.ts';

export interface PeerFigures {
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  /** Handed to the file system to be written to the disk. */
  readonly writtenMb: number;
}

export interface PeerProcess {
  readonly startedMs: number;
  readonly ended: AbortSignal;
  figures(): PeerFigures;
  stop(): Promise<void>;
}

const stopMsMax = 10_000;
const complaintBytesMax = 4_096;
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
});

export function startPeer(command: string, args: readonly string[]): PeerProcess {
  const startedMs = Date.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const pid = child.pid ?? 0;
  running.add(pid);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-complaintBytesMax)));
  const ended = new AbortController();
  const gone = (async () => {
    const [code, signal]: unknown[] = await once(child, 'exit');
    running.delete(pid);
    ended.abort(new Error(`${command} ended (${String(signal ?? code)}); it last said:\n${said}`));
  })();
  return {
    startedMs,
    ended: ended.signal,
    figures: () => sumOf([pid, ...childrenOf(pid)]),
    stop: async () => {
      signalGroup(pid, 'SIGTERM');
      const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), stopMsMax);
      await gone;
      clearTimeout(late);
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`);
  return text.split(' ').filter(Boolean).map(Number);
}

/** Of any process, ours too. */
export function sumOf(pids: readonly number[]): PeerFigures {
  const sum = { cpuSeconds: 0, peakRssMb: 0, writtenMb: 0 };
  for (const pid of pids) {
    const figures = figuresOf(pid);
    sum.cpuSeconds += figures?.cpuSeconds ?? 0;
    sum.peakRssMb += figures?.peakRssMb ?? 0;
    sum.writtenMb += Number(/^write_bytes: (\d+)/m.exec(read(`/proc/${pid}/io`))?.[1] ?? 0) / 1e6;
  }
  return sum;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
