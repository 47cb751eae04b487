// What a program of a soak holds at one moment: memory, descriptors, threads, and what its LevelDB folders take.
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { figuresOf } from '../bench/process-figures.ts';

export type Part = 'agent' | 'hub' | 'engine';

export interface Sample {
  readonly part: Part;
  readonly pid: number;
  /** Hours of the day that is compressed, from 0. */
  readonly hour: number;
  readonly rssMb: number;
  /** 0 until the program has told it. */
  readonly heapMb: number;
  readonly externalMb: number;
  readonly descriptors: number;
  /** Those of them that are log files: as many as there are to be followed. */
  readonly logFiles: number;
  readonly threads: number;
  /** Megabytes and number of files, of buffer, journal and state. */
  readonly foldersMb: number;
  readonly files: number;
}

export interface Sampled {
  readonly part: Part;
  readonly pid: number;
  readonly folders: readonly string[];
  /** Where log files are. */
  readonly logs: string;
  /** Where programs write their own figures. */
  readonly figures: string;
}

/** Undefined when it is gone. */
export function sampleProcess({ part, pid, folders, logs, figures }: Sampled, hour: number): Sample | undefined {
  try {
    const found = figuresOf(pid);
    if (!found) return undefined;
    const own = ownFigures(join(figures, `${pid}.json`));
    const descriptors = descriptorsOf(pid);
    const threads = readdirSync(`/proc/${pid}/task`).length;
    const files = folders.flatMap(sizesIn);
    return {
      part,
      pid,
      hour,
      rssMb: found.rssMb,
      heapMb: own.heapUsed / 1_048_576,
      externalMb: own.external / 1_048_576,
      descriptors: descriptors.length,
      logFiles: descriptors.filter((target) => target.startsWith(logs)).length,
      threads,
      foldersMb: files.reduce((sum, size) => sum + size, 0) / 1_048_576,
      files: files.length,
    };
  } catch {
    // It ended between two of these looks.
    return undefined;
  }
}

function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch {
      return [];
    }
  });
}

function sizesIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    try {
      return entry.isFile() ? [statSync(join(entry.parentPath, entry.name)).size] : [];
    } catch {
      return [];
    }
  });
}

function ownFigures(file: string): { readonly heapUsed: number; readonly external: number } {
  if (!existsSync(file)) return { heapUsed: 0, external: 0 };
  // Our own preload wrote it.
  return JSON.parse(readFileSync(file, 'utf8')) as { heapUsed: number; external: number };
}
