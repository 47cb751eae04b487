// The console's pages where a hub that runs from source finds them (config/shipped.ts): built when absent or older than
// what they are made of. Promises: they are swapped in whole, so that who builds at the same time disturbs nobody.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildWeb } from '../../hub/console/web/build.ts';
import { errorCode } from '../../proto/runtime/errors.ts';

const root = join(import.meta.dirname, '..', '..');
const built = join(root, 'dist', 'web');
/** The pages share shapes, roles and words with the server. */
const sources = ['hub/console', 'hub/ports.ts', 'proto/runtime', 'package-lock.json'];

export async function buildPagesWhenStale(): Promise<void> {
  if (isFresh()) return;
  const fresh = join(root, 'dist', `web-${process.pid}`);
  await mkdir(join(root, 'dist'), { recursive: true });
  await buildWeb(fresh);
  await rm(built, { recursive: true, force: true });
  try {
    await rename(fresh, built);
  } catch (error) {
    // Somebody else's swap was in between; theirs is of the same sources.
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    await rm(fresh, { recursive: true, force: true });
  }
}

function isFresh(): boolean {
  const page = join(built, 'index.html');
  if (!existsSync(page)) return false;
  const builtMs = statSync(page).mtimeMs;
  return sources.every((source) => newestMs(join(root, source)) <= builtMs);
}

function newestMs(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => (name.includes('.test.') ? 0 : newestMs(join(path, name)))));
}
