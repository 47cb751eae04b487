// The faulty disk as one process sees it: every write waits for its turn, so that kills and power loss fall between any
// two of them, and what waited is torn, whole or absent afterwards.
import type { FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import type { Disk, KvFolder } from '../../proto/durable/ports.ts';
import { answerTo, type Life, type World } from './turns.ts';

/** Reads are seldom delayed: a kill there leaves what a kill at the next write leaves. */
const slowReads = 0.06;

type Run = <T>(what: string, isWrite: boolean, work: () => Promise<T>) => Promise<T>;

export function processDisk(world: World, life: Life, whole: FaultyDisk): Disk {
  const disk = whole.attach();
  const run: Run = async (what, isWrite, work) => {
    const begin = isWrite ? () => void work().catch(() => undefined) : undefined;
    if (isWrite || world.chance(slowReads)) await world.park(life, what, begin);
    return answerTo(life, work());
  };
  const folderOf = (path: string, kv: KvFolder): KvFolder => ({
    write: (puts, options) => run(`write ${path}`, true, () => kv.write(puts, options)),
    get: (key) => run(`get ${path}`, false, () => kv.get(key)),
    range: (bounds) => run(`range ${path}`, false, () => kv.range(bounds)),
    close: () => run(`close ${path}`, false, () => kv.close()),
  });
  return {
    openKv: (path) => run(`open ${path}`, false, async () => folderOf(path, await disk.openKv(path))),
    repairKv: (path) => run(`repair ${path}`, true, () => disk.repairKv(path)),
    destroyKv: (path) => run(`destroy ${path}`, true, () => disk.destroyKv(path)),
    quarantine: (path) => run(`quarantine ${path}`, true, () => disk.quarantine(path)),
    list: (path) => run(`list ${path}`, false, () => disk.list(path)),
    readFile: (path) => run(`read ${path}`, false, () => disk.readFile(path)),
    writeAt: (path, offset, bytes) => run(`write at ${offset} of ${path}`, true, () => disk.writeAt(path, offset, bytes)),
    replaceFile: (path, bytes) => run(`replace ${path}`, true, () => disk.replaceFile(path, bytes)),
    remove: (path) => run(`remove ${path}`, true, () => disk.remove(path)),
    sizeOf: (path) => run(`size of ${path}`, false, () => disk.sizeOf(path)),
    freeBytes: (path) => run(`free at ${path}`, false, () => disk.freeBytes(path)),
  };
}
