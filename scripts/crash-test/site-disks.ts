// Small file systems under the data folders of hub and agent, to be filled in the middle of everything.
// Promises: what is mounted goes when the test's process goes; where mounting is not allowed the reason is told and the
// rounds that need it are dealt as plain kills.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { openSmallDisk, smallDiskRemedy, type SmallDisk } from '../programs/small-disk.ts';

/** An agent's disk holds both lanes' buffers and their reserves; a hub's its journal, its store and merges of it. */
const sizes = { agent: '48m', hub: '600m' } as const;

export interface SiteDisks {
  readonly agent: SmallDisk;
  readonly hub: SmallDisk;
  /** `isKept`: what they held is copied to their place. */
  close(isKept: boolean): void;
}

export function openSiteDisks(folders: { readonly agent: string; readonly hub: string }): SiteDisks | string {
  const agent = openSmallDisk(folders.agent, sizes.agent);
  if (!agent.ok) return `full disks: skipped, ${agent.reason}; ${smallDiskRemedy}`;
  const hub = openSmallDisk(folders.hub, sizes.hub);
  if (!hub.ok) {
    agent.disk.close();
    return `full disks: skipped, ${hub.reason}; ${smallDiskRemedy}`;
  }
  let isClosed = false;
  const unmount = (): void => {
    if (isClosed) return;
    isClosed = true;
    // Lazily: the kernel lets go when the last of our processes is gone.
    for (const folder of [folders.agent, folders.hub]) spawnSync('umount', ['--lazy', folder]);
  };
  process.once('exit', unmount);
  return {
    agent: agent.disk,
    hub: hub.disk,
    close: (isKept) => {
      const copies = [folders.agent, folders.hub].map((folder) => ({ folder, copy: `${folder}.copy` }));
      if (isKept)
        for (const { folder, copy } of copies) cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
      unmount();
      process.off('exit', unmount);
      if (!isKept) return;
      for (const { folder, copy } of copies) {
        cpSync(copy, folder, { recursive: true });
        rmSync(copy, { recursive: true });
      }
    },
  };
}
