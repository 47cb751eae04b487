// Rounds on sites, audited now and then: what was lost and duplicated in all of them together, and by kind of fault.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { audit } from './audit.ts';
import { CrashSite } from './crash-site.ts';
import { beginFiles } from './keep-writing.ts';
import { StoreReader } from './read-store.ts';
import { kindOf, planRound, tellStrike, type Card } from './round-plan.ts';
import { runRound } from './run-round.ts';
import { WrittenLines } from './written-lines.ts';

export interface CrashTestWish {
  readonly rounds: number;
  readonly seed: number;
  /** The first round; earlier ones are left out. */
  readonly from: number;
  /** From `dist` instead of the source. */
  readonly isBuilt: boolean;
  readonly roundsPerAudit: number;
  readonly roundsPerSite: number;
  readonly cards?: readonly Card[];
  readonly tell: (text: string) => void;
}

interface KindSum {
  rounds: number;
  /** Rounds in which nobody was struck as planned. */
  missed: number;
  ms: number;
}

export interface CrashTestResult {
  readonly rounds: number;
  readonly lines: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly toldLost: number;
  readonly unpromised: number;
  readonly byKind: ReadonlyMap<string, Readonly<KindSum>>;
  readonly bySource: ReadonlyMap<string, number>;
  readonly skipped: readonly string[];
  readonly problems: readonly string[];
}

interface Sums {
  rounds: number;
  lines: number;
  lost: number;
  duplicated: number;
  toldLost: number;
  unpromised: number;
  failedSites: number;
  readonly byKind: Map<string, KindSum>;
  readonly bySource: Map<string, number>;
  readonly skipped: Set<string>;
  readonly problems: string[];
}

/** A campaign goes on with a new site after a failure, but not for ever. */
const failedSitesMax = 3;

export async function runRounds(wish: CrashTestWish): Promise<CrashTestResult> {
  const sums: Sums = {
    rounds: 0,
    lines: 0,
    lost: 0,
    duplicated: 0,
    toldLost: 0,
    unpromised: 0,
    failedSites: 0,
    byKind: new Map(),
    bySource: new Map(),
    skipped: new Set(),
    problems: [],
  };
  while (sums.rounds < wish.rounds && sums.failedSites < failedSitesMax) await runSite(wish, sums);
  return { ...sums, skipped: [...sums.skipped] };
}

/** The folder of a site that failed stays, to be looked at. */
async function runSite(wish: CrashTestWish, sums: Sums): Promise<void> {
  const { tell, seed, isBuilt } = wish;
  const first = wish.from + sums.rounds;
  const folder = await mkdtemp(join(tmpdir(), 'atalaia-crash-'));
  // Every other site, by the seed: what is on its agent's disk is sealed.
  const isSealed = seededRandom(seed ^ first).unit() < 0.5;
  const site = await CrashSite.open(folder, { isBuilt, isSealed });
  if (isSealed) tell("the agent's buffer is sealed");
  for (const reason of site.skipped.filter((one) => !sums.skipped.has(one))) {
    sums.skipped.add(reason);
    tell(reason);
  }
  const written = new WrittenLines(join(folder, 'log'), seededRandom(seed + first));
  const run = { ...wish, site, written, store: new StoreReader(site), first };
  const problems: string[] = [];
  try {
    await runRoundsOn(run, sums, problems);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    tell(`  ${problems.at(-1)}`);
  } finally {
    sums.lines += written.lines.length;
    for (const { source } of written.lines) sums.bySource.set(source, (sums.bySource.get(source) ?? 0) + 1);
    sums.problems.push(...problems);
    const hasFailed = problems.length > 0;
    await site.close({ isKept: hasFailed });
    if (!hasFailed) await rm(folder, { recursive: true, force: true });
    else {
      sums.failedSites++;
      const rounds = wish.from + sums.rounds - first;
      tell(`the site's folder is kept: ${folder}`);
      const cards = wish.cards ? ` --cards ${wish.cards.join(',')}` : '';
      tell(`again with: npm run crash-test -- --seed ${seed} --from ${first} --rounds ${Math.max(1, rounds)}${cards}`);
    }
  }
}

interface SiteRun extends CrashTestWish {
  readonly site: CrashSite;
  readonly written: WrittenLines;
  readonly store: StoreReader;
  /** The site's first round. */
  readonly first: number;
}

async function runRoundsOn(run: SiteRun, sums: Sums, problems: string[]): Promise<void> {
  const { tell, seed, rounds, roundsPerSite, roundsPerAudit, site, written, cards, from } = run;
  const seen = { hasDamage: false, mayAlertAgain: false };
  await beginFiles(site, written);
  let sinceAudit = 0;
  for (let done = 0; done < roundsPerSite && sums.rounds < rounds && problems.length === 0; done++) {
    const plan = planRound(seed, from + sums.rounds, cards);
    const isLast = done + 1 === roundsPerSite || sums.rounds + 1 === rounds;
    const isAudited = isLast || sinceAudit + 1 >= roundsPerAudit;
    // Everything has to be up for an audit.
    const next = isAudited ? undefined : planRound(seed, from + sums.rounds + 1, cards);
    const begunMs = Date.now();
    // Counted before it runs: the round that fails is one too.
    sums.rounds++;
    const outcome = await runRound({ site, written, plan, next });
    const ms = Date.now() - begunMs;
    seen.hasDamage ||= outcome.hasDamaged;
    seen.mayAlertAgain ||= plan.strike.is === 'jump' && plan.strike.victim === 'hub';
    noteKind(sums, kindOf(plan.strike), outcome.hasStruck, ms);
    tell(`round ${plan.round}: ${tellStrike(plan.strike)}${outcome.hasStruck ? '' : ' (not met)'}, ${ms} ms`);
    sinceAudit = isAudited ? 0 : sinceAudit + 1;
    if (isAudited) problems.push(...(await auditSite(run, sums, { ...seen, isLast })));
  }
}

function noteKind({ byKind }: Sums, kind: string, hasStruck: boolean, ms: number): void {
  const sum = byKind.get(kind) ?? { rounds: 0, missed: 0, ms: 0 };
  sum.rounds++;
  sum.missed += hasStruck ? 0 : 1;
  sum.ms += ms;
  byKind.set(kind, sum);
}

async function auditSite(
  { site, written, store, tell }: SiteRun,
  sums: Sums,
  seen: { readonly hasDamage: boolean; readonly mayAlertAgain: boolean; readonly isLast: boolean },
): Promise<readonly string[]> {
  const begunMs = Date.now();
  const { lost, duplicated, toldLost, unpromised, problems } = await audit({ site, written, live: site.live.book, store, ...seen });
  if (seen.isLast || problems.length > 0) {
    sums.lost += lost;
    sums.duplicated += duplicated;
    sums.toldLost += toldLost;
    sums.unpromised += unpromised;
  }
  tell(
    `audit after ${sums.rounds} rounds: ${written.lines.length} lines on this site, ${lost} lost, ${duplicated} duplicated, ${toldLost} told as lost, ${unpromised} died with their process, ${Date.now() - begunMs} ms`,
  );
  for (const problem of problems) tell(`  ${problem}`);
  // What failed is to be looked at.
  if (problems.length === 0) written.removeRotated();
  return problems;
}
