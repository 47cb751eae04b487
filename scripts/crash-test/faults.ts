// What strikes besides kill -9 and damage: being asked to stop, a disk without room, a clock at another hour, a hub that is
// away. Each leaves everybody up, with room and on time.
import { setTimeout as delay } from 'node:timers/promises';
import type { KillPointName } from '../../proto/runtime/kill-points.ts';
import type { CrashSite, Side } from './crash-site.ts';
import type { Strike } from './round-plan.ts';

/** What becomes free (a generation that goes, a merge) is taken again this often. */
const refillMs = 60;
/** Long enough for a buffer of 4 MiB to be full, and for an uplink to have learned patience. */
const awayMs = 20_000;
/** Of each life of an agent that misses its hub. */
const lifeMsMin = 1_000;
const lifeMsMore = 3_000;
const pointMsMax = 4_000;
const pointsWithoutHub: readonly KillPointName[] = ['agent.after-read', 'agent.after-buffer-write', 'agent.generation-change'];

export async function stopAndStart(site: CrashSite, victim: Side, downMs: number): Promise<void> {
  await site.stop(victim);
  await delay(downMs);
  await site.start(victim);
}

/** False where there are no small disks. */
export async function fillDisk(site: CrashSite, { victim, afterMs, holdMs, isKilled }: Extract<Strike, { is: 'full' }>): Promise<boolean> {
  const disk = site.disks?.[victim];
  await delay(afterMs);
  if (!disk) return false;
  const untilMs = Date.now() + holdMs;
  const full = (async (): Promise<void> => {
    while (Date.now() < untilMs) {
      disk.fill();
      await delay(refillMs);
    }
    disk.free();
  })();
  try {
    if (!isKilled) return true;
    await delay(holdMs / 3);
    await site.kill(victim);
    // An agent waits for room; a hub ends and is started again.
    if (victim === 'agent') await site.start('agent');
    else await site.startUntilUp('hub');
    return true;
  } finally {
    await full;
  }
}

/** False where clocks cannot be set. */
export async function jumpClock(site: CrashSite, { victim, byMs, holdMs, isKilled }: Extract<Strike, { is: 'jump' }>): Promise<boolean> {
  const { clocks } = site;
  if (!clocks) return false;
  site.allowJumps(victim, true);
  await site.kill(victim);
  await site.start(victim);
  try {
    clocks.set(victim, byMs);
    await delay(holdMs / 2);
    if (isKilled) {
      await site.kill(victim);
      await site.start(victim);
    }
    await delay(holdMs / 2);
  } finally {
    clocks.set(victim, 0);
    site.allowJumps(victim, false);
  }
  return true;
}

export async function leaveHub(site: CrashSite, { agentDeaths }: Extract<Strike, { is: 'away' }>): Promise<void> {
  await site.kill('hub');
  const partMs = awayMs / (agentDeaths + 1);
  await delay(partMs);
  for (let death = 0; death < agentDeaths; death++) {
    await site.kill('agent');
    await site.start('agent');
    await delay(partMs);
  }
  await site.start('hub');
}

/** As after an evening without a hub: the agent died, was stopped and met its kill points again and again. */
export async function missHub(site: CrashSite, { agentLives }: Extract<Strike, { is: 'absence' }>, unit: () => number): Promise<void> {
  await site.kill('hub');
  for (let life = 0; life < agentLives; life++) {
    await delay(lifeMsMin + unit() * lifeMsMore);
    await endLife(site, unit);
    await site.start('agent');
  }
  await site.start('hub');
}

async function endLife(site: CrashSite, unit: () => number): Promise<void> {
  const end = unit();
  const live = (await site.agentStatus())?.lanes.find(({ lane }) => lane === 'first');
  // What was received and finds no room until the stop is over is nobody's promise: a full buffer is only killed.
  if (end < 0.3 && live && live.bytes < live.bytesMax / 2) return site.stop('agent');
  await site.kill('agent');
  if (end < 0.7) return;
  const point = pointsWithoutHub[Math.floor(unit() * pointsWithoutHub.length)] ?? 'agent.after-read';
  await site.start('agent', { point, pass: 1 });
  // A buffer that is full passes few of them.
  if (!(await site.untilDead('agent', pointMsMax))) await site.kill('agent');
}
