// Prepares a checkout for any Node from 20 on: installs the locked dependencies (the project's own Node 26 is one of
// them) when the lock file changed since the last time. Plain JavaScript on purpose: it runs before anything is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.atalaia-setup');
const major = Number(process.versions.node.split('.')[0]);

if (major < 20) {
  console.error(`Atalaia needs Node 20 or newer to set itself up; this is ${process.version}. Install a newer Node and try again.`);
  process.exit(2);
}

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(readFileSync(join(root, 'package.json')))
  .digest('hex');
const present = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';

if (present !== wanted) {
  console.error('Installing the locked dependencies (once, about a minute) …');
  // `npm install`, not `npm ci`: a lock written where other platforms' optional packages were absent is refused by ci.
  const npm = spawnSync('npm', ['install', '--no-save', '--no-progress', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0) {
    console.error('npm install failed (see above). Check that the npm registry can be reached, then run the same command again.');
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}
