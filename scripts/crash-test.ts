// npm run crash-test -- --rounds N [--seed S] [--source]: real processes, kill -9, nothing lost and nothing twice.
import { parseArgs } from 'node:util';
import { runRounds } from './crash-test/run-rounds.ts';
import { buildWhenStale } from './start/build-when-stale.ts';

const help = `npm run crash-test -- [OPTIONS]

A hub and an agent as real processes, a writer that numbers its lines into files that are rotated meanwhile; each round
kills one of them with kill -9, at random or at a named kill point, or damages a file of the agent's buffer. Afterwards
every line is in the store exactly once or told as lost, and alerts, tickets and webhook ids are as many as without kills.

  --rounds N     200
  --seed S       rounds of an earlier run again; without it the clock's
  --per-audit N  rounds between two looks at everything (10)
  --per-site N   rounds on one hub and agent before new ones are made (50)
  --source       the programs from source instead of building them

The last line: N rounds, L lost, D duplicated. Exit 1 when anything was wrong.
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { rounds: text, seed: text, 'per-audit': text, 'per-site': text, source: { type: 'boolean' }, help: { type: 'boolean' } },
  strict: true,
});

if (values.help) process.stdout.write(help);
else process.exitCode = await run();

async function run(): Promise<number> {
  const isBuilt = values.source !== true;
  if (isBuilt) await buildWhenStale((told) => console.log(told));
  const seed = numberOf(values.seed, Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const { rounds, lines, lost, duplicated, toldLost, missed, problems } = await runRounds({
    rounds: numberOf(values.rounds, 200),
    seed,
    isBuilt,
    roundsPerAudit: numberOf(values['per-audit'], 10),
    roundsPerSite: numberOf(values['per-site'], 50),
    tell: (told) => console.log(told),
  });
  console.log(`${lines} lines; ${toldLost} were destroyed and told as lost; ${missed.length} rounds in which nobody died as planned`);
  for (const one of missed) console.log(`  not met: ${one}`);
  if (problems.length > 0) console.log(`Again with: npm run crash-test -- --seed ${seed} --rounds ${rounds}`);
  console.log(`${rounds} rounds, ${lost} lost, ${duplicated} duplicated`);
  return problems.length === 0 ? 0 : 1;
}

function numberOf(written: string | undefined, usual: number): number {
  const number = written === undefined ? usual : Number(written);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${written}: expected a whole number`);
  return number;
}
