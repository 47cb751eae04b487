// One round on a site: lines are written and files rotated, somebody is killed, and everybody is up again at its end.
// The point "after the part is written and before it is renamed" lies inside of the engine. Its child is not traced: it is
// killed with kill -9 at moments counted from when a block's file appears, which is when its insert begins.
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unreachable } from '../../proto/runtime/errors.ts';
import type { ArmedPoint, CrashSite } from './crash-site.ts';
import { sideOf, type RoundPlan, type Strike, type Victim } from './round-plan.ts';
import { fillDisk, jumpClock, leaveHub, missHub, stopAndStart } from './faults.ts';
import { keepWriting, rotate } from './keep-writing.ts';
import { laneOf } from './sources.ts';
import type { WrittenLines } from './written-lines.ts';

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

const pointMsMax = 15_000;
const insertMsMax = 5_000;
const backlogMs = 600;
const restMs = 150;

export async function runRound(wish: RoundWish): Promise<RoundOutcome> {
  const end = new AbortController();
  const writing = keepWriting(wish, end.signal);
  const rotating = rotate(wish, end.signal);
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
    case 'stop':
      await delay(plan.strike.afterMs);
      await stopAndStart(round.site, plan.strike.victim, plan.downMs);
      return { hasStruck: true, hasDamaged: false };
    case 'full':
      return { hasStruck: await fillDisk(round.site, plan.strike), hasDamaged: false };
    case 'jump':
      return { hasStruck: await jumpClock(round.site, plan.strike), hasDamaged: false };
    case 'away':
      await leaveHub(round.site, plan.strike);
      return { hasStruck: true, hasDamaged: false };
    case 'absence':
      await missHub(round.site, plan.strike, plan.unit);
      return { hasStruck: true, hasDamaged: false };
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
  const canGo = isSourceGone && (await isAllBuffered(site, written.folder));
  await site.kill('agent');
  if (canGo) written.removeFiles(site.live.book.streams);
  // What a live source had sent cannot come again: its lane is damaged too, and then told.
  const lane = isSourceGone || plan.unit() < 0.7 ? laneOf('auth') : laneOf('tcp');
  const hasDamaged = damageOneFile(join(site.agentData, 'buffer', lane), how, plan.unit);
  await pause(false);
  await Promise.all([site.start('hub'), site.start('agent')]);
  return hasDamaged;
}

/** Every file is buffered to its end. False when the buffer is near to full, which holds reading and buffering back. */
async function isAllBuffered(site: CrashSite, logs: string): Promise<boolean> {
  for (let looks = 0; looks < 20; looks++) {
    await delay(300);
    const status = await site.agentStatus();
    const lane = status?.lanes.find((one) => one.lane === laneOf('auth'));
    if (!status || !lane || lane.bytes > lane.bytesMax / 2) return false;
    // The agent's own lag is what it has seen: on a busy machine it may not have looked yet.
    const ends = new Set(status.positions.map(({ offset }) => offset));
    const plain = readdirSync(logs).filter((name) => !name.endsWith('.gz'));
    if (status.lagBytes === 0 && plain.every((name) => hasEnded(statSync(join(logs, name)).size, ends))) return true;
  }
  return false;
}

function hasEnded(size: number, ends: ReadonlySet<number>): boolean {
  return size === 0 || ends.has(size);
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
