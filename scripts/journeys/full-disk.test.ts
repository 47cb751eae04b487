// A disk that fills in the middle of traffic, for real: the data folder of one of both programs is a small file system.
// Both stay up and say what is wrong, nobody is told that a line is safe that is not, and when there is room again they go
// on by themselves: every line is stored once.
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { signInToConsole, type ConsoleSession } from '../programs/console-session.ts';
import { startLocalSite, type LocalSite } from '../programs/local-site.ts';
import { NumberedLines } from '../programs/numbered-lines.ts';
import { askHub } from '../programs/site.ts';
import { openSmallDisk, smallDiskRemedy, type SmallDisk } from '../programs/small-disk.ts';

const probe = await mkdtemp(join(tmpdir(), 'atalaia-probe-'));
const found = openSmallDisk(join(probe, 'disk'), '1m');
if (found.ok) found.disk.close();
await rm(probe, { recursive: true });
if (!found.ok) console.warn(`full disks: skipped, ${found.reason}; ${smallDiskRemedy}`);

const waitMsMax = 150_000;
const storedMsMax = 60_000;
/** Lines that are written while there is no room. */
const linesMeanwhile = 200;

const hubAgents = z.array(z.object({ bufferedBatches: z.number(), sources: z.array(z.object({ problem: z.string() })) }));
const hubFigures = z.object({ journal: z.object({ isFull: z.boolean() }), gateway: z.object({ credit: z.number() }) });
const health = z.object({ isWell: z.boolean(), problems: z.array(z.string()) });

describe.skipIf(!found.ok)('a disk that fills in the middle of traffic', { timeout: waitMsMax }, () => {
  let folder: string;
  let disk: SmallDisk | undefined;
  let site: LocalSite | undefined;
  let lines: NumberedLines;
  let warnings: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atalaia-full-'));
    await appendFile(join(folder, 'app.log'), '');
    lines = new NumberedLines(join(folder, 'app.log'), 'brimful');
    warnings = [];
  });

  afterEach(async () => {
    await lines.stop();
    await site?.stop();
    disk?.close();
    await rm(folder, { recursive: true, force: true });
  }, waitMsMax);

  async function startOn(program: 'agent' | 'hub', size: string): Promise<{ disk: SmallDisk; site: LocalSite }> {
    const opened = openSmallDisk(join(folder, program), size);
    if (!opened.ok) throw new Error(opened.reason);
    ({ disk } = opened);
    const files = [{ id: 'app', path: join(folder, 'app.log') }];
    site = await startLocalSite({
      folder,
      files,
      onLog: (from, line) => void (line.includes('"error"') && warnings.push(`${from}: ${line}`)),
    });
    return { disk, site };
  }

  /** Keeps what becomes free taken, while so many more lines are written. */
  async function stayFull(full: SmallDisk): Promise<void> {
    const until = lines.count + linesMeanwhile;
    while (lines.count < until) {
      full.fill();
      await delay(50);
    }
  }

  test('the agent’s: its sources wait and say so, at the hub too; with room again every line arrives once', async () => {
    const { disk, site } = await startOn('agent', '64m');
    lines.start();
    await until(async () => (await lines.stored(site.hubData, 0)).length > 0);

    disk.fill();
    await until(async () => (await problemAt(site)).includes("the agent's disk is full"));
    await stayFull(disk);
    disk.free();
    await until(async () => (await problemAt(site)) === '');
    const written = await lines.stop();

    expect(await lines.stored(site.hubData, storedMsMax)).toEqual(written);
    expect([site.agent.isRunning, site.hub.isRunning]).toEqual([true, true]);
    expect(warnings.filter((line) => line.includes('buffer full'))).toHaveLength(1);
  });

  test('the hub’s: agents get no credit and keep their lines, the console says why; with room again each is stored once', async () => {
    const { disk, site } = await startOn('hub', '128m');
    const session = await signInToConsole(site.status.console, site.firstPasswordFile);
    lines.start();
    await until(async () => (await lines.stored(site.hubData, 0)).length > 0);

    disk.fill();
    await until(async () => (await figuresOf(site)).journal.isFull);
    await stayFull(disk);
    const told = await healthOf(session);
    const figures = await figuresOf(site);
    const storedMeanwhile = (await lines.stored(site.hubData, 0)).length;
    disk.free();
    await until(async () => !(await figuresOf(site)).journal.isFull);
    const written = await lines.stop();

    expect(figures.gateway.credit).toBe(0);
    expect(told.problems.join()).toContain('Make room on the disk');
    expect(storedMeanwhile).toBeLessThan(written.length - linesMeanwhile / 2);
    expect(await lines.stored(site.hubData, storedMsMax)).toEqual(written);
    expect([site.agent.isRunning, site.hub.isRunning]).toEqual([true, true]);
    expect((await healthOf(session)).problems).toEqual([]);
  });
});

async function problemAt(site: LocalSite): Promise<string> {
  const [agent] = hubAgents.parse(await askHub(site.hubData, 'agents'));
  return agent?.sources[0]?.problem ?? '';
}

async function figuresOf(site: LocalSite): Promise<z.infer<typeof hubFigures>> {
  return hubFigures.parse(await askHub(site.hubData, 'status'));
}

async function healthOf({ console, cookie }: ConsoleSession): Promise<z.infer<typeof health>> {
  const answer = await fetch(new URL('/api/v1/health', console), { headers: { cookie } });
  return health.parse(await answer.json());
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(100);
}
