// Imported into the programs of a soak: each writes its own heap figures down, which nobody outside can see.
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const folder = process.env.ATALAIA_SOAK_FIGURES;
if (folder && isMainThread) {
  setInterval(() => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    const file = `${folder}/${process.pid}.json`;
    writeFileSync(`${file}.new`, JSON.stringify({ heapUsed, external, arrayBuffers }));
    renameSync(`${file}.new`, file);
  }, 2_000).unref();
}
