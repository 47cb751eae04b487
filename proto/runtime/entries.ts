// Where the code of a worker thread or child process lies. One function decides, because the bundler rewrites no URLs:
// from source it is the .ts file, from a bundle `dist/<name>.js` beside the bundle that asks.
// Promises: an absolute path. Does not check that the file exists. A new worker or child is one more row here and one
// more entry of the build.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Name of the built file to the source file, from the top of the project. */
export const entries = {
  'engine-child': 'hub/store/engine/child.ts',
  'hub-worker': 'hub/worker.ts',
} as const;
export type EntryName = keyof typeof entries;

export function entryPath(name: EntryName, here: string = import.meta.url): string {
  const file = fileURLToPath(here);
  return file.endsWith('.ts') ? join(dirname(file), '..', '..', entries[name]) : join(dirname(file), `${name}.js`);
}
