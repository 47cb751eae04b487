// A Disk that only looks: what a log holds can be read with the log's own code, and nothing of it changes.
// Promises: no file is written, replaced or removed, nothing is repaired or moved aside; a folder that would need that is
// told as damaged. The reserve counts as lost, so that nothing is appended. (LevelDB itself arranges its files when it opens
// a folder: its records stay what they are.)
import { basename, dirname } from 'node:path';
import { AtalaiaError } from '../runtime/errors.ts';
import type { Disk } from './ports.ts';

export function lookingDisk(disk: Disk): Disk {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    openKv: async (folder) => {
      // Opening an absent folder would make it.
      if (!(await disk.list(dirname(folder))).includes(basename(folder))) throw new AtalaiaError('DAMAGED', `there is no ${folder}`);
      const kv = await disk.openKv(folder);
      return { ...kv, write: () => Promise.reject(new AtalaiaError('DISK_FAILED', `${folder} is only looked at`)) };
    },
    repairKv: (folder) => Promise.reject(new AtalaiaError('DAMAGED', `${folder} is damaged`)),
    destroyKv: nothing,
    quarantine: (folder) => Promise.resolve(folder),
    list: (folder) => disk.list(folder),
    readFile: (path) => disk.readFile(path),
    writeAt: nothing,
    replaceFile: nothing,
    remove: nothing,
    sizeOf: (folder) => disk.sizeOf(folder),
    freeBytes: () => Promise.resolve(0),
  };
}
