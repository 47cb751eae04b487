// What goes on while somebody is struck: lines into every source, attacks among them, files rotated.
import { setTimeout as delay } from 'node:timers/promises';
import { idsAttack, sshAttack, sudoAttack } from './attacks.ts';
import type { CrashSite } from './crash-site.ts';
import type { RoundPlan } from './round-plan.ts';
import { fileNames, liveNames, type FileName } from './sources.ts';
import type { WrittenLines } from './written-lines.ts';

export interface WritingWish {
  readonly site: CrashSite;
  readonly written: WrittenLines;
  readonly plan: RoundPlan;
  /** So many lines at most; else what a round of this kind takes. */
  readonly linesMax?: number;
}

const everyMs = 8;
const metMsMax = 60_000;
/** Few: the kernel's log is small, and what is overwritten there before an agent is back is gone. */
const kernelShare = 0.12;
/** More would only make a round longer: this fills generations, and the buffers of both lanes while the hub is away. */
const linesMax = { usual: 1_000, busy: 4_000, away: 12_000 } as const;
const linesWhenBusy = 8;
/** Attack groups are used again in later rounds; a hub lets one rule have a thousand. */
const groupsMax = 150;

export function keepWriting(
  wish: WritingWish,
  end: AbortSignal,
): { readonly done: Promise<void>; readonly pause: (isPaused: boolean) => Promise<void> } {
  const { plan, written } = wish;
  const most = wish.linesMax ?? usualMax(plan);
  let isPaused = false;
  let resting: Promise<void> = Promise.resolve();
  const done = (async () => {
    let attackMs = Date.now();
    const before = written.lines.length;
    while (!end.aborted) {
      if (!isPaused && written.lines.length - before < most) {
        resting = writeSome(wish, Date.now() - attackMs >= plan.attackEveryMs);
        if (Date.now() - attackMs >= plan.attackEveryMs) attackMs = Date.now();
        await resting;
      }
      await delay(everyMs);
    }
  })();
  return {
    done,
    pause: async (wanted) => {
      isPaused = wanted;
      await resting;
    },
  };
}

function usualMax({ strike, isBusy }: RoundPlan): number {
  if (strike.is === 'away' || strike.is === 'absence') return linesMax.away;
  return isBusy ? linesMax.busy : linesMax.usual;
}

async function writeSome({ site, written, plan }: WritingWish, withAttack: boolean): Promise<void> {
  const { unit, isBusy } = plan;
  await written.hold(async () => {
    for (let count = isBusy ? linesWhenBusy : 1; count > 0; count--) await writeOne(site, written, unit);
    if (!withAttack) return;
    const group = Math.floor(unit() * groupsMax);
    await written.attack(idsAttack(group));
    await written.attack(sudoAttack(group));
    // An address guesses once: a second success after guessing would be the same alert or another, by the clock.
    if (unit() < 0.3) await written.attack(sshAttack(written.lines.length));
  });
}

async function writeOne(site: CrashSite, written: WrittenLines, unit: () => number): Promise<void> {
  const kind = unit();
  if (kind < 0.1 && site.journal) site.journal.write(written);
  else if (kind >= 0.1 && kind < kernelShare && site.kernel) site.kernel.write(written);
  else if (kind < 0.5) site.live.write(liveNames[Math.floor(unit() * liveNames.length)] ?? 'tcp', written);
  else {
    const source = kind < 0.6 ? 'auth' : pick(unit);
    const half = unit() < 0.02 ? (): Promise<void> => delay(20) : undefined;
    await written.write(source, { isNoise: source === 'auth' && unit() < 0.2, ...(half ? { half } : {}) });
  }
}

/** A line into every file, and the agent has met it. */
export async function beginFiles(site: CrashSite, written: WrittenLines): Promise<void> {
  for (const source of fileNames) await written.hold(() => written.write(source));
  const untilMs = Date.now() + metMsMax;
  for (;;) {
    written.meet((await site.agentStatus())?.positions ?? []);
    const unmet = fileNames.filter((source) => !written.isMet(source));
    if (unmet.length === 0) return;
    if (Date.now() > untilMs) throw new Error(`not read within ${metMsMax / 1_000} s: ${unmet.join(', ')}`);
    await delay(100);
  }
}

export async function rotate({ site, written, plan }: WritingWish, end: AbortSignal): Promise<void> {
  const { rotations, unit } = plan;
  const started = Date.now();
  for (const { afterMs, how } of rotations.toSorted((a, b) => a.afterMs - b.afterMs)) {
    await delay(Math.max(0, started + afterMs - Date.now()), undefined, { signal: end }).catch(() => undefined);
    if (end.aborted) return;
    const source = pick(unit);
    written.meet((await site.agentStatus())?.positions ?? []);
    if (written.isMet(source)) await written.hold(async () => written.rotate(source, how));
  }
}

function pick(unit: () => number): FileName {
  return fileNames[Math.floor(unit() * fileNames.length)] ?? 'auth';
}
