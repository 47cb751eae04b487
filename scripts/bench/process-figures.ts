// What a process has used, from /proc: CPU of all its threads, resident memory now and at its highest.
// Promises: figures are the kernel's own; a process that is gone gives undefined. Linux only: `figuresOf` says so
// elsewhere. CPU comes in ticks of 10 ms, so measure seconds, not milliseconds.
import { readFileSync } from 'node:fs';

export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
}

/** USER_HZ: what the kernel shows to programs is 100 on every platform that we run on. */
const ticksPerSecond = 100;

export function figuresOf(pid: number): ProcessFigures | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const status = read(`/proc/${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  // The name of the program stands in brackets and may hold spaces: the numbers begin behind the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuSeconds: ticks / ticksPerSecond, rssMb: megabytes(status, 'VmRSS'), peakRssMb: megabytes(status, 'VmHWM') };
}

function megabytes(status: string, name: string): number {
  const kibibytes = Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return kibibytes / 1_024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
