// Keeps results in a dated file, with what a later reader needs to compare: machine, Node, commit, load before the run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { BenchWish, ScenarioResult } from './scenario.ts';

const folder = join(import.meta.dirname, 'results');
/** Before the bench itself began to load the machine. */
const loadBefore = loadNow();

/** One file for each scenario: `YYYY-MM-DD-<scenario>.json`; a second run of the day replaces the first. */
export function recordResults(results: readonly ScenarioResult[], asked: readonly string[], wish: BenchWish): string[] {
  mkdirSync(folder, { recursive: true });
  const now = new Date();
  const surroundings = {
    date: now.toISOString(),
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 1e9) },
    system: `${platform()} ${release()}`,
    node: process.version,
    commit: commit(),
    // Averages over 1, 5 and 15 minutes. A quiet machine is below 0.5 before; with more, rates say little.
    loadBefore,
    loadAfter: loadNow(),
    asked,
    ...sizesOf(wish),
  };
  return results.map((result) => {
    const file = join(folder, `${now.toISOString().slice(0, 10)}-${result.scenario}.json`);
    writeFileSync(file, `${JSON.stringify({ ...surroundings, result }, undefined, 2)}\n`);
    return file;
  });
}

/** Without paths: they are of the machine's owner. */
function sizesOf({ megabytes, backlogMegabytes, events, seconds, agents, seed, corpus, rules }: BenchWish): object {
  return { megabytes, backlogMegabytes, events, seconds, agents, seed, hasOwnLines: corpus.length > 0, hasMoreRules: rules !== undefined };
}

function loadNow(): number[] {
  return loadavg().map((load) => Math.round(load * 100) / 100);
}

function commit(): string {
  const git = (...args: string[]): string => spawnSync('git', args, { cwd: folder, encoding: 'utf8' }).stdout?.trim() ?? '';
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${isChanged ? ' and uncommitted changes' : ''}`;
}
