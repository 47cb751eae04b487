// npm run simulate -- --runs N [--seed S] [--workers W] [--without RULE] [--trace]: the real delivery modules of agent and
// hub on faulty fakes, under random schedules (DESIGN.md 11). Each schedule follows from its seed; schedule i of a call has
// seed S + i. A schedule that fails is printed with its seed: `--seed S --trace` runs that one again, step by step.
// `--without RULE` switches one rule of delivery off at the ports and expects schedules to fail: proof that it is needed
// (figures in scripts/simulate/DECISION-simulation.md). `--away`: the one misfortune is a hub that is away for hours. Last line: `N runs, F failed`. Exit 1 when any failed.
import { parseArgs } from 'node:util';
import { ruleNames, type RuleName } from './simulate/broken-rules.ts';
import { runSchedule, type ScheduleOutcome } from './simulate/run-schedule.ts';
import { shareOut } from './simulate/share-out.ts';

const usage = `usage: npm run simulate -- --runs N [--seed S] [--workers W] [--without ${ruleNames.join('|')}] [--away] [--trace]`;
const failuresShown = 20;

interface Wish {
  readonly runs: number;
  readonly seed: number;
  readonly workers: number;
  readonly without: RuleName | undefined;
  readonly isTraced: boolean;
  readonly isAway: boolean;
}

const wish = readWish();
if (!wish) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const beganMs = performance.now();
  const failed = wish.workers > 1 ? await shareOut(wish.workers, import.meta.filename, process.argv.slice(2), wish) : await runAll(wish);
  const seconds = (performance.now() - beganMs) / 1_000;
  const cpu = process.cpuUsage();
  const onCpu = wish.workers > 1 ? '' : `, ${(wish.runs / ((cpu.user + cpu.system) / 1e6)).toFixed(0)} a CPU second`;
  console.log(`seeds ${wish.seed} to ${wish.seed + wish.runs - 1}: ${(wish.runs / seconds).toFixed(1)} schedules a second${onCpu}`);
  console.log(`${wish.runs} runs, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function runAll({ runs, seed, without, isTraced, isAway }: Wish): Promise<number> {
  let failed = 0;
  for (let at = 0; at < runs; at++) {
    const tell = isTraced ? (text: string): void => console.log(text) : undefined;
    const outcome = await runSchedule(seed + at, { without, tell, isAway });
    if (outcome.problems.length === 0) continue;
    failed++;
    if (failed <= failuresShown) tellFailure(outcome);
  }
  return failed;
}

function tellFailure({ seed, special, turns, lines, stored, problems }: ScheduleOutcome): void {
  console.log(`seed ${seed} failed (${special}, ${turns} turns, ${lines} lines written, ${stored} rows):`);
  for (const problem of problems.slice(0, 4)) console.log(`  ${problem.slice(0, 500)}`);
  if (problems.length > 4) console.log(`  and ${problems.length - 4} more; run again with --seed ${seed} --trace`);
}

function readWish(): Wish | undefined {
  try {
    const options = {
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '1' },
      without: { type: 'string' },
      away: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ options });
    const isTraced = values.trace;
    const [runs, seed, workers] = [values.runs ?? (isTraced ? '1' : ''), values.seed, values.workers].map(Number);
    const without = ruleNames.find((name) => name === values.without);
    const isWhole = [runs, seed, workers].every((number) => number !== undefined && Number.isSafeInteger(number) && number > 0);
    if (!isWhole || (values.without !== undefined && !without)) return undefined;
    return { runs: runs ?? 1, seed: seed ?? 1, workers: Math.min(workers ?? 1, runs ?? 1), without, isTraced, isAway: values.away };
  } catch {
    return undefined;
  }
}
