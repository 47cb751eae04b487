// What the hub's scenarios share: a hub in a folder of its own, and a load for it.
import { join } from 'node:path';
import { figuresOf } from './process-figures.ts';
import { MeasuredHub } from './measured-hub.ts';
import { openLoad, type Load } from './run-load.ts';
import type { BenchWish } from './scenario.ts';
import type { LoadWish } from './prepare-load.ts';
import { inScratchFolder } from './scratch-folder.ts';

export interface HubRun {
  readonly hub: MeasuredHub;
  readonly folder: string;
  readonly wish: BenchWish;
  readonly rules: number;
}

export function inHub<T>(wish: BenchWish, work: (run: HubRun) => Promise<T>): Promise<T> {
  return inScratchFolder(wish.folder, async (folder) => {
    const hub = await MeasuredHub.start(folder, wish);
    try {
      const { rules } = await hub.status();
      return await work({ hub, folder, wish, rules: rules.loaded });
    } finally {
      await hub.stop();
    }
  });
}

export interface MeasuredLoad extends Load {
  /** Since everything was prepared. */
  readonly cpuSeconds: () => number;
}

export async function openLoadOn(
  { hub, folder, wish }: HubRun,
  more: Partial<LoadWish> & { readonly events: number },
): Promise<MeasuredLoad> {
  wish.tell(`preparing ${more.events} events for ${wish.agents} agents …`);
  const { agents, seed, corpus } = wish;
  const tokens = await hub.tokens(agents);
  const defaults = { agents, seed, corpus, stepMs: 0.02, batchLines: 0, needle: '', needleEvery: 1 };
  const load = await openLoad({ ...defaults, ...more, folder: join(folder, 'load'), hub: hub.url, tokens });
  const before = figuresOf(load.pid)?.cpuSeconds ?? 0;
  return { ...load, cpuSeconds: () => (figuresOf(load.pid)?.cpuSeconds ?? 0) - before };
}
