// Rounds on sites, audited now and then: what was lost and duplicated in all of them together.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { audit } from './audit.ts';
import { CrashSite } from './crash-site.ts';
import { planRound, tellStrike, type Card } from './round-plan.ts';
import { runRound } from './run-round.ts';
import { WrittenLines } from './written-lines.ts';

export interface CrashTestWish {
  readonly rounds: number;
  readonly seed: number;
  /** From `dist` instead of the source. */
  readonly isBuilt: boolean;
  readonly roundsPerAudit: number;
  readonly roundsPerSite: number;
  readonly cards?: readonly Card[];
  readonly tell: (text: string) => void;
}

export interface CrashTestResult {
  readonly rounds: number;
  readonly lines: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly toldLost: number;
  /** Rounds in which nobody died as planned. */
  readonly missed: readonly string[];
  readonly problems: readonly string[];
}

interface Sums {
  rounds: number;
  lines: number;
  lost: number;
  duplicated: number;
  toldLost: number;
  readonly missed: string[];
  readonly problems: string[];
}

export async function runRounds(wish: CrashTestWish): Promise<CrashTestResult> {
  const sums: Sums = { rounds: 0, lines: 0, lost: 0, duplicated: 0, toldLost: 0, missed: [], problems: [] };
  while (sums.rounds < wish.rounds && sums.problems.length === 0) await runSite(wish, sums);
  return sums;
}

/** The folder of a site that failed stays, to be looked at. */
async function runSite(wish: CrashTestWish, sums: Sums): Promise<void> {
  const { tell, seed, rounds, roundsPerSite, roundsPerAudit, isBuilt } = wish;
  const folder = await mkdtemp(join(tmpdir(), 'atalaia-crash-'));
  const site = await CrashSite.open(folder, { isBuilt });
  const written = new WrittenLines(join(folder, 'log'), seededRandom(seed + sums.rounds));
  let hasDamage = false;
  let sinceAudit = 0;
  let toldLost = 0;
  try {
    for (let done = 0; done < roundsPerSite && sums.rounds < rounds && sums.problems.length === 0; done++) {
      const plan = planRound(seed, sums.rounds, wish.cards);
      const begunMs = Date.now();
      const isLast = done + 1 === roundsPerSite || sums.rounds + 1 === rounds;
      const isAudited = isLast || sinceAudit + 1 >= roundsPerAudit;
      // Everything has to be up for an audit.
      const next = isAudited ? undefined : planRound(seed, sums.rounds + 1, wish.cards);
      const outcome = await runRound({ site, written, plan, next });
      sums.rounds++;
      sinceAudit++;
      hasDamage ||= outcome.hasDamaged;
      if (!outcome.hasStruck) sums.missed.push(tellStrike(plan.strike));
      tell(`round ${plan.round}: ${tellStrike(plan.strike)}${outcome.hasStruck ? '' : ' (not met)'}, ${Date.now() - begunMs} ms`);
      if (isAudited) {
        toldLost = await auditSite({ site, written, hasDamage, sums, tell });
        sinceAudit = 0;
      }
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    sums.problems.push(problem);
    tell(`  ${problem}`);
  } finally {
    sums.lines += written.lines.length;
    sums.toldLost += toldLost;
    await site.close();
    if (sums.problems.length === 0) await rm(folder, { recursive: true, force: true });
    else tell(`the site's folder is kept: ${folder}`);
  }
}

interface AuditWish {
  readonly site: CrashSite;
  readonly written: WrittenLines;
  readonly hasDamage: boolean;
  readonly sums: Sums;
  readonly tell: (text: string) => void;
}

async function auditSite({ site, written, hasDamage, sums, tell }: AuditWish): Promise<number> {
  const begunMs = Date.now();
  const { lost, duplicated, toldLost, problems } = await audit(site, written, hasDamage);
  sums.lost += lost;
  sums.duplicated += duplicated;
  sums.problems.push(...problems);
  tell(
    `audit after ${sums.rounds} rounds: ${written.lines.length} lines, ${lost} lost, ${duplicated} duplicated, ${toldLost} told as lost, ${Date.now() - begunMs} ms`,
  );
  for (const problem of problems) tell(`  ${problem}`);
  written.removeRotated();
  return toldLost;
}
