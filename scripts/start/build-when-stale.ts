// Builds dist/ when it is absent or older than any source file or the lock file.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const sources = ['agent', 'hub', 'proto', 'config', 'scripts/build.ts', 'scripts/launcher.mjs', 'package-lock.json'];
const built = join(root, 'dist', 'hub-main.js');

export async function buildWhenStale(tell: (text: string) => void): Promise<void> {
  const builtMs = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (builtMs > 0 && sources.every((source) => newestMs(join(root, source)) <= builtMs)) return;
  tell('Building (a few seconds) …');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the build failed (see above); `npm test` says more');
}

function newestMs(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}
