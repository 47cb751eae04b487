// Keeps the result of a soak in a dated file, as the bench keeps its own: with machine, Node, commit and load.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from './judge-soak.ts';
import type { SoakOutcome, SoakWish } from './run-soak.ts';

const folder = join(import.meta.dirname, 'results');

export function recordSoak(wish: SoakWish, outcome: SoakOutcome, verdicts: readonly Verdict[]): string {
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const { hours, secondsPerHour, seed, isBuilt } = wish;
  const { lost, duplicated, problems } = outcome.audit;
  const kept = {
    date,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 1e9) },
    system: `${platform()} ${release()}`,
    node: process.version,
    commit: spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: folder, encoding: 'utf8' }).stdout?.trim() || 'unknown',
    loadAfter: loadavg().map((load) => Math.round(load * 100) / 100),
    hours,
    secondsPerHour,
    seed,
    isBuilt,
    happened: outcome.happened,
    result: { lines: outcome.lines, lost, duplicated, problems, verdicts: verdicts.map(({ text, isFlat }) => ({ isFlat, text })) },
    atRest: outcome.quiet.map(({ part, hour, rssMb, heapMb, externalMb, descriptors, logFiles, threads, foldersMb, files }) => ({
      part,
      hour: round(hour),
      rssMb: round(rssMb),
      heapMb: round(heapMb),
      externalMb: round(externalMb),
      descriptors,
      logFiles,
      threads,
      foldersMb: round(foldersMb),
      files,
    })),
  };
  const file = join(folder, `${date.slice(0, 10)}-soak.json`);
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  return file;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
