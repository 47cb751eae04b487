// What the journal holds: its size on disk, and of its newest entries how many bytes each unit writes, as JSON, which is
// what would be collected. Promises: runs journalctl alone, with fixed arguments, a time limit and bounded output.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import type { HostRoot } from './host-root.ts';

const entriesMax = 5_000;
const outputBytesMax = 16 * 1024 * 1024;
const journalctlMsMax = 10_000;
const spanMsMin = 10_000;
const noEntries = { lines: [], problem: 'no journal file is there' };

export interface UnitSeen {
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
}

export interface JournalMeasure {
  readonly bytesOnDisk: number;
  /** Of the entries looked at. */
  readonly entries: number;
  readonly bytes: number;
  /** Between the first and the last of them. */
  readonly seconds: number;
  readonly units: readonly UnitSeen[];
  readonly sample: readonly string[];
  /** Why nothing was read; empty when something was. */
  readonly problem: string;
}

const entry = z.looseObject({
  __REALTIME_TIMESTAMP: z.string().optional(),
  _SYSTEMD_UNIT: z.unknown().optional(),
  SYSLOG_IDENTIFIER: z.unknown().optional(),
  _TRANSPORT: z.unknown().optional(),
});

/** `sinceSeconds`: the entries of the last so many seconds only, whose span that is. */
export function measureJournal(host: HostRoot, { sinceSeconds }: { readonly sinceSeconds?: number } = {}): JournalMeasure {
  const folders = ['/var/log/journal', '/run/log/journal'].flatMap((folder) => host.look(folder)?.path ?? []);
  const files = folders.flatMap((folder) => host.matches(`${folder}/*/*.journal`));
  const bytesOnDisk = files.reduce((all, path) => all + (host.look(path)?.stats.size ?? 0), 0);
  const where = host.isThisHost ? [] : files.map((path) => `--file=${join(host.root, host.look(path)?.path ?? path)}`).slice(0, 256);
  const { lines, problem } =
    files.length === 0 ? noEntries : newestEntries([...where, ...(sinceSeconds === undefined ? [] : [`--since=-${sinceSeconds}s`])]);
  const units = new Map<string, { entries: number; bytes: number }>();
  let [firstMs, lastMs, bytes] = [Infinity, 0, 0];
  for (const line of lines) {
    const read = entry.safeParse(parsed(line));
    if (!read.success) continue;
    const time = Number(read.data.__REALTIME_TIMESTAMP ?? 0) / 1_000;
    [firstMs, lastMs] = [Math.min(firstMs, time), Math.max(lastMs, time)];
    const name =
      [read.data._SYSTEMD_UNIT, read.data.SYSLOG_IDENTIFIER, read.data._TRANSPORT].find((one) => typeof one === 'string') ?? 'unnamed';
    const unit = units.get(name) ?? { entries: 0, bytes: 0 };
    const lineBytes = Buffer.byteLength(line) + 1;
    units.set(name, { entries: unit.entries + 1, bytes: unit.bytes + lineBytes });
    bytes += lineBytes;
  }
  const seconds = sinceSeconds ?? (lastMs - firstMs >= spanMsMin ? (lastMs - firstMs) / 1_000 : 0);
  const heaviest = [...units].map(([name, seen]) => ({ name, ...seen })).sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return { bytesOnDisk, entries: lines.length, bytes, seconds, units: heaviest, sample: lines.slice(-500), problem };
}

function newestEntries(where: readonly string[]): { lines: readonly string[]; problem: string } {
  const args = ['--no-pager', '--quiet', '--all', '--output=json', `--lines=${entriesMax}`, ...where];
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
  const { stdout, stderr, error } = spawnSync('journalctl', args, {
    encoding: 'utf8',
    timeout: journalctlMsMax,
    maxBuffer: outputBytesMax,
    env,
  });
  // Cut short by a limit, the last line is not whole.
  const lines = (stdout ?? '').split('\n').slice(0, -1);
  if (lines.length > 0) return { lines, problem: '' };
  return { lines, problem: error ? `journalctl could not be asked (${error.message})` : (stderr.trim().split('\n')[0] ?? '') };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
