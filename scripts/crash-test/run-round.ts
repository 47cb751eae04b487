// One round on a site: lines are written and files rotated, somebody is killed, and everybody is up again at its end.
// The point "after the part is written and before it is renamed" lies inside of the engine. Its child is not traced: it is
// killed with kill -9 at moments counted from when a block's file appears, which is when its insert begins.
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unreachable } from '../../proto/runtime/errors.ts';
import { idsAttack, sshAttack, sudoAttack } from './attacks.ts';
import type { ArmedPoint, CrashSite } from './crash-site.ts';
import { sideOf, type RoundPlan, type Strike, type Victim } from './round-plan.ts';
import type { SourceName, WrittenLines } from './written-lines.ts';

export interface RoundOutcome {
  /** A kill point that was not passed in time, or an engine that was not up: nobody died as planned. */
  readonly hasStruck: boolean;
  readonly hasDamaged: boolean;
}

export interface RoundWish {
  readonly site: CrashSite;
  readonly written: WrittenLines;
  readonly plan: RoundPlan;
  /** What is started again in this round is armed for the next. */
  readonly next: RoundPlan | undefined;
}

const lineEveryMs = 4;
const pointMsMax = 15_000;
const insertMsMax = 5_000;
const backlogMs = 600;
const restMs = 250;
/** Attack groups are used again in later rounds; a hub lets one rule have a thousand. */
const groupsMax = 150;

export async function runRound(wish: RoundWish): Promise<RoundOutcome> {
  const { written, plan } = wish;
  const end = new AbortController();
  const writing = keepWriting(written, plan, end.signal);
  const rotating = rotate(written, plan, end.signal);
  try {
    const outcome = await strike({ ...wish, pause: writing.pause });
    await delay(restMs);
    return outcome;
  } finally {
    end.abort();
    await Promise.all([writing.done, rotating]);
  }
}

interface Round extends RoundWish {
  readonly pause: (isPaused: boolean) => Promise<void>;
}

async function strike(round: Round): Promise<RoundOutcome> {
  const { plan } = round;
  switch (plan.strike.is) {
    case 'kill':
      return { hasStruck: await killAtRandom(round, plan.strike), hasDamaged: false };
    case 'point':
      return { hasStruck: await dieAtPoint(round, plan.strike), hasDamaged: false };
    case 'damage':
      return { hasStruck: true, hasDamaged: await damageBuffer(round, plan.strike) };
    default:
      return unreachable(plan.strike);
  }
}

async function killAtRandom(round: Round, { victim, afterMs, atInsert }: Extract<Strike, { is: 'kill' }>): Promise<boolean> {
  if (atInsert) await nextInsert(round.site);
  await delay(afterMs);
  return kill(round, victim);
}

async function kill({ site, plan, next }: Round, victim: Victim): Promise<boolean> {
  // The hub starts its engine again by itself.
  if (victim === 'engine') return site.killEngine();
  await site.kill(victim);
  await delay(plan.downMs);
  await site.start(victim, armedFor(victim, next));
  return true;
}

/** It may be met while the program recovers: then it is dead already. */
async function dieAtPoint({ site, plan, next }: Round, armed: Extract<Strike, { is: 'point' }>): Promise<boolean> {
  const side = sideOf(armed.point);
  if (!site.isArmedWith(side, armed)) {
    await site.kill(side);
    await site.start(side, armed);
  }
  const hasDied = await site.untilDead(side, pointMsMax);
  if (!hasDied) await site.kill(side);
  await delay(plan.downMs);
  await site.start(side, armedFor(side, next));
  return hasDied;
}

/** The point of the next round, when that is for this side. */
function armedFor(side: Victim, next: RoundPlan | undefined): ArmedPoint | undefined {
  return next?.strike.is === 'point' && sideOf(next.strike.point) === side ? next.strike : undefined;
}

async function nextInsert(site: CrashSite): Promise<void> {
  const watcher = watch(site.blocks);
  try {
    await Promise.race([new Promise<void>((resolve) => void watcher.once('change', () => resolve())), delay(insertMsMax)]);
  } finally {
    watcher.close();
  }
}

/** The hub dies, the agent goes on and then dies too; one file of its buffer is damaged before both come back. */
async function damageBuffer(
  { site, written, plan, pause }: Round,
  { how, isSourceGone }: Extract<Strike, { is: 'damage' }>,
): Promise<boolean> {
  await delay(plan.unit() * 300);
  await site.kill('hub');
  await delay(backlogMs);
  if (isSourceGone) await pause(true);
  // What was not read yet is nobody's promise when its file goes.
  const canGo = isSourceGone && (await isAllBuffered(site));
  await site.kill('agent');
  if (canGo) written.removeFiles();
  const hasDamaged = damageOneFile(join(site.agentData, 'buffer', 'normal'), how, plan.unit);
  await pause(false);
  await Promise.all([site.start('hub'), site.start('agent')]);
  return hasDamaged;
}

/** False when the buffer is near to full, which holds reading and buffering back. */
async function isAllBuffered(site: CrashSite): Promise<boolean> {
  let before = -1;
  for (let looks = 0; looks < 20; looks++) {
    await delay(300);
    const status = await site.agentStatus();
    const [lane] = status?.lanes ?? [];
    if (!lane || lane.bytes > lane.bytesMax / 2) return false;
    if (status?.lagBytes === 0 && lane.buffered.lines === before) return true;
    before = lane.buffered.lines;
  }
  return false;
}

function damageOneFile(folder: string, how: 'overwrite' | 'cut' | 'remove', unit: () => number): boolean {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'LOCK')
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > 0)
    .sort();
  // Records are in logs and tables: they are hit most often.
  const records = files.filter((path) => /\.(?:log|ldb)$/.test(path));
  const chosen = unit() < 0.7 && records.length > 0 ? records : files;
  const path = chosen[Math.floor(unit() * chosen.length)];
  if (path === undefined) return false;
  const { size } = statSync(path);
  const at = Math.floor(unit() * size);
  if (how === 'remove') rmSync(path);
  else if (how === 'cut') truncateSync(path, at);
  else {
    const bytes = readFileSync(path);
    bytes.fill(0x55, at, Math.min(size, at + 64));
    writeFileSync(path, bytes);
  }
  return true;
}

function keepWriting(
  written: WrittenLines,
  plan: RoundPlan,
  end: AbortSignal,
): { readonly done: Promise<void>; readonly pause: (isPaused: boolean) => Promise<void> } {
  let isPaused = false;
  let resting: Promise<void> = Promise.resolve();
  const done = (async () => {
    let attackMs = Date.now();
    while (!end.aborted) {
      if (!isPaused) {
        resting = writeSome(written, plan, Date.now() - attackMs >= plan.attackEveryMs);
        if (Date.now() - attackMs >= plan.attackEveryMs) attackMs = Date.now();
        await resting;
      }
      await delay(lineEveryMs);
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

async function writeSome(written: WrittenLines, plan: RoundPlan, withAttack: boolean): Promise<void> {
  const source: SourceName = plan.unit() < 0.5 ? 'auth' : 'eve';
  const half = plan.unit() < 0.02 ? () => delay(20) : undefined;
  await written.hold(async () => {
    await written.write(source, half);
    if (!withAttack) return;
    const group = Math.floor(plan.unit() * groupsMax);
    await written.attack(idsAttack(group));
    await written.attack(sudoAttack(group));
    // An address guesses once: a second success after guessing would be the same alert or another, by the clock.
    if (plan.unit() < 0.3) await written.attack(sshAttack(written.lines.length));
  });
}

async function rotate(written: WrittenLines, { rotations, unit }: RoundPlan, end: AbortSignal): Promise<void> {
  const started = Date.now();
  for (const { afterMs, how } of rotations.toSorted((a, b) => a.afterMs - b.afterMs)) {
    await delay(Math.max(0, started + afterMs - Date.now()), undefined, { signal: end }).catch(() => undefined);
    if (end.aborted) return;
    const source: SourceName = unit() < 0.5 ? 'auth' : 'eve';
    await written.hold(async () => (how === 'rename' ? written.rename(source) : written.copyTruncate(source)));
  }
}
