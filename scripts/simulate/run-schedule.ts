// One schedule from its seed: lines are written while misfortunes strike; then everything heals, the site drains, and the
// outcome is held against the promises.
// Promises: the same seed is the same schedule, turn for turn; a schedule that does not come to rest has failed.
import { BrokenRules, type RuleName } from './broken-rules.ts';
import { checkOutcome } from './check-outcome.ts';
import { LongAbsence } from './long-absence.ts';
import { Misfortunes } from './misfortunes.ts';
import { Site } from './site.ts';
import { World } from './turns.ts';

export interface ScheduleOptions {
  readonly without?: RuleName | undefined;
  readonly tell?: ((text: string) => void) | undefined;
  /** The one misfortune is a hub that is away for hours. */
  readonly isAway?: boolean | undefined;
}

export interface ScheduleOutcome {
  readonly seed: number;
  readonly special: string;
  readonly turns: number;
  readonly simulatedMs: number;
  readonly lines: number;
  readonly stored: number;
  readonly problems: readonly string[];
}

const strikingTurnsMax = 2_500;
const awayTurnsMax = 60_000;
const turnsMax = 20_000;
const drainMsMax = 3 * 3_600_000;
/** A site is at rest when it was drained for so long: what was read and not sealed shows within it. */
const restMs = 2_500;
/** A lane to which no line goes says only now and then where it stands. */
const sortedRestMs = 7_000;

let current: World | undefined;
process.on('unhandledRejection', (error) =>
  current?.blame(`a rejection that nobody handled: ${error instanceof Error ? error.stack : String(error)}`),
);

export async function runSchedule(seed: number, { without, tell, isAway = false }: ScheduleOptions = {}): Promise<ScheduleOutcome> {
  const world = new World(seed, tell);
  current = world;
  // Errors are made by the thousand, and only a person who follows a trace reads where.
  Error.stackTraceLimit = tell ? 20 : 0;
  const site = new Site(world, new BrokenRules(without));
  tell?.(`plan ${JSON.stringify(site.plan)}`);
  const misfortunes = isAway ? new LongAbsence(site) : new Misfortunes(site);
  const strikingTurns = isAway ? awayTurnsMax : strikingTurnsMax;
  site.start();
  while (!(site.isWritten && misfortunes.areOver) && world.turnCount < strikingTurns) {
    if (!(await world.turn())) break;
    misfortunes.strike();
  }
  await drain(site);
  if (world.problems.length === 0 || tell) await checkOutcome(site);
  const stored = site.hub.store.events.length;
  current = undefined;
  await world.close();
  Error.stackTraceLimit = 10;
  return {
    seed,
    special: site.plan.special,
    turns: world.turnCount,
    simulatedMs: world.monotonicMs,
    lines: site.book.byText.size,
    stored,
    problems: [...world.problems],
  };
}

async function drain(site: Site): Promise<void> {
  const { world } = site;
  world.tell?.('--- everything heals');
  site.heal();
  world.slowness = 0;
  // Waiting is not what this part tries; two machines with one identity take turns of a minute and more.
  world.grainMs = Math.max(world.grainMs, site.happened.clone ? 2_000 : 1_000);
  const untilMs = world.monotonicMs + drainMsMax;
  const untilTurn = world.turnCount + turnsMax;
  let restedSinceMs = -1;
  let isLast = false;
  while (world.monotonicMs < untilMs && world.turnCount < untilTurn) {
    if (!(await world.turn())) return world.blame('the site stands still: nothing waits for anything');
    site.revive();
    // Looking is dear, and rest lasts for more than a few turns.
    if (world.turnCount % 8 !== 0) continue;
    if (!site.isDrained) restedSinceMs = -1;
    else if (restedSinceMs < 0) restedSinceMs = world.monotonicMs;
    else if (world.monotonicMs - restedSinceMs >= (site.plan.sortsLines ? sortedRestMs : restMs)) {
      if (isLast) return;
      isLast = true;
      restedSinceMs = -1;
      site.writeLast();
    }
  }
  world.blame(`the site did not drain: ${stateOf(site)}`);
}

function stateOf({ machines, hub, isWritten }: Site): string {
  const agents = machines.map((machine) => `${machine.name} ${machine.isDrained ? 'drained' : machine.describe()}`);
  const { oldest, next } = hub.process?.journal.status() ?? { oldest: 0, next: 0 };
  return `${isWritten ? '' : 'lines are not written; '}${agents.join('; ')}; journal ${oldest}..${next}, alerts pending ${hub.process?.alerts.status().pending}`;
}
