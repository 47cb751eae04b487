// A folder for one scenario, removed when it is done, failed, or stopped with Ctrl-C.
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

const open = new Set<string>();
process.on('exit', () => {
  for (const folder of open) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

export async function inScratchFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  // Short: sockets lie in it.
  const folder = await mkdtemp(join(parent, 'atl-bench-'));
  open.add(folder);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    open.delete(folder);
  }
}
