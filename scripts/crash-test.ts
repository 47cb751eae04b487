// npm run crash-test -- --rounds N [--seed S] [--source]: real processes, kill -9, nothing lost and nothing twice.
import { parseArgs } from 'node:util';
import { cardNamed } from './crash-test/round-plan.ts';
import { runRounds, type CrashTestResult } from './crash-test/run-rounds.ts';
import { buildWhenStale } from './start/build-when-stale.ts';

const help = `npm run crash-test -- [OPTIONS]

A hub and an agent as real processes; a writer that numbers its lines into every kind of source: rotated files (UTF-8,
latin-1, UTF-16, records of several lines, Zeek, auditd, compressed), a journal, the kernel's log, syslog over UDP, TCP and
TLS, a Unix socket, standard input, a command. Each round strikes: kill -9 at random or at a named kill point, a stop, a
damaged file of the agent's buffer, a disk without room, a wall clock at another hour, a hub that is away. Afterwards every
line that can be read again is in the store exactly once or told as lost; of live sources everything that was buffered, in order, once; the ledger of
every source balances to the line; alerts, tickets and webhook ids are as many as without.

  --rounds N     200
  --seed S       rounds of an earlier run again; without it the clock's
  --from N       begin with this round of the seed (0)
  --per-audit N  rounds between two looks at everything (13)
  --per-site N   rounds on one hub and agent before new ones are made (52)
  --cards LIST   these strikes in turn and no others: damage, away, full-agent, agent, hub, a kill point's name
  --source       the programs from source instead of building them

Full disks need root, other hours libfaketime, journals systemd-journal-remote, the kernel's log kernel.printk_devkmsg=on;
what cannot be tried here is told.
A site that fails keeps its folder, with lines.tsv, which says what became of each line, and tells how to run its rounds
again; two more sites may fail before all ends.
The last line: N rounds, L lost, D duplicated. Exit 1 when anything was wrong.
`;

const text = { type: 'string' } as const;
const options = {
  rounds: text,
  seed: text,
  from: text,
  'per-audit': text,
  'per-site': text,
  cards: text,
  source: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
const { values } = parseArgs({ options, strict: true });

if (values.help) process.stdout.write(help);
else process.exitCode = await run();

async function run(): Promise<number> {
  const isBuilt = values.source !== true;
  if (isBuilt) await buildWhenStale((told) => console.log(told));
  const seed = numberOf(values.seed, Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const result = await runRounds({
    rounds: numberOf(values.rounds, 200),
    seed,
    from: numberOf(values.from, 0),
    isBuilt,
    roundsPerAudit: numberOf(values['per-audit'], 13),
    roundsPerSite: numberOf(values['per-site'], 52),
    ...(values.cards === undefined ? {} : { cards: values.cards.split(',').map(cardNamed) }),
    tell: (told) => console.log(told),
  });
  tellResult(result);
  return result.problems.length === 0 ? 0 : 1;
}

function tellResult({ rounds, lines, lost, duplicated, toldLost, unpromised, byKind, bySource, skipped }: CrashTestResult): void {
  for (const [kind, sum] of [...byKind].sort(byName))
    console.log(
      `${String(sum.rounds).padStart(6)} rounds  ${kind}${sum.missed > 0 ? ` (${sum.missed} not met)` : ''}, ${Math.round(sum.ms / sum.rounds)} ms each`,
    );
  console.log(
    `lines: ${[...bySource]
      .sort(byName)
      .map(([source, count]) => `${source} ${count}`)
      .join(', ')}`,
  );
  console.log(`${lines} lines; ${toldLost} were destroyed and told as lost; ${unpromised} of live sources died with the agent's process`);
  for (const reason of skipped) console.log(reason);
  console.log(`${rounds} rounds, ${lost} lost, ${duplicated} duplicated`);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function numberOf(written: string | undefined, usual: number): number {
  const number = written === undefined ? usual : Number(written);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${written}: expected a whole number`);
  return number;
}
