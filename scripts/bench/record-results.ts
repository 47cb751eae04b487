// Keeps results in a dated file, with what a later reader needs to compare: machine, Node, commit, load before the run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { ScenarioResult } from './scenario.ts';

const folder = join(import.meta.dirname, 'results');
/** Before the bench itself began to load the machine. */
const loadBefore = loadavg().map((load) => Math.round(load * 100) / 100);

/** One file for each scenario: `YYYY-MM-DD-<scenario>.json`; a second run of the day replaces the first. */
export function recordResults(results: readonly ScenarioResult[], asked: readonly string[]): string[] {
  mkdirSync(folder, { recursive: true });
  const now = new Date();
  const surroundings = {
    date: now.toISOString(),
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 1e9) },
    system: `${platform()} ${release()}`,
    node: process.version,
    commit: commit(),
    loadBefore,
    command: `npm run bench -- ${asked.join(' ')}`,
  };
  return results.map((result) => {
    const file = join(folder, `${now.toISOString().slice(0, 10)}-${result.scenario}.json`);
    writeFileSync(file, `${JSON.stringify({ ...surroundings, result }, undefined, 2)}\n`);
    return file;
  });
}

function commit(): string {
  const git = (...args: string[]): string => spawnSync('git', args, { cwd: folder, encoding: 'utf8' }).stdout?.trim() ?? '';
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${isChanged ? ' and uncommitted changes' : ''}`;
}
