// npm run soak -- --hours-equivalent N: a day in minutes, and whether memory and descriptors stay flat.
import { parseArgs } from 'node:util';
import { judgeSoak } from './soak/judge-soak.ts';
import { recordSoak } from './soak/record-soak.ts';
import { runSoak } from './soak/run-soak.ts';
import { buildWhenStale } from './start/build-when-stale.ts';

const help = `npm run soak -- [OPTIONS]

A hub and an agent with every kind of source live through a day in minutes. Each hour brings eight rotations, three cut
connections, two changed policies (a source comes or goes), a renewed certificate, and ends in rest; twice the hub is
restarted. Memory, heap, descriptors and threads of agent, hub and the store's engine are sampled every three seconds.

  --hours-equivalent N   24
  --seconds-per-hour N   40: a day in 16 minutes
  --seed S               1
  --source               the programs from source instead of building them
  --record               keep the result in scripts/soak/results

Flat is: after a third of its life a process grows by no more than its bound over a day (linear regression); the agent holds
as many descriptors and threads at the end of every hour, log files aside, the hub no more later than before. Exit 1 when one
is not flat, or a line was lost or stored twice.
`;

const text = { type: 'string' } as const;
const options = {
  'hours-equivalent': text,
  'seconds-per-hour': text,
  seed: text,
  source: { type: 'boolean' },
  record: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
const { values } = parseArgs({ options, strict: true });

if (values.help) process.stdout.write(help);
else process.exitCode = await run();

async function run(): Promise<number> {
  const isBuilt = values.source !== true;
  if (isBuilt) await buildWhenStale((told) => console.log(told));
  const wish = {
    hours: numberOf(values['hours-equivalent'], 24),
    secondsPerHour: numberOf(values['seconds-per-hour'], 40),
    seed: numberOf(values.seed, 1),
    isBuilt,
    tell: (told: string) => console.log(told),
  };
  const outcome = await runSoak(wish);
  const verdicts = judgeSoak(outcome.samples, outcome.quiet, wish.hours);
  for (const { text: told, isFlat } of verdicts) console.log(`${isFlat ? 'flat   ' : 'GROWS  '} ${told}`);
  const { lost, duplicated, problems } = outcome.audit;
  for (const problem of problems) console.log(`  ${problem}`);
  console.log(`happened: ${JSON.stringify(outcome.happened)}; ${outcome.lines} lines, ${lost} lost, ${duplicated} duplicated`);
  if (values.record) console.log(`kept in ${recordSoak(wish, outcome, verdicts)}`);
  const grows = verdicts.filter(({ isFlat }) => !isFlat).length;
  console.log(`${wish.hours} hours, ${grows} figures grow`);
  return grows === 0 && problems.length === 0 ? 0 : 1;
}

function numberOf(written: string | undefined, usual: number): number {
  const number = written === undefined ? usual : Number(written);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${written}: expected a whole number`);
  return number;
}
