// Files that were rotated away and rest: nobody holds them open, so their inode may be given to another file at any time.
// A file that is truncated and written anew keeps its inode too, which is how these tests make it happen.
import { appendFileSync, readdirSync, readFileSync, readlinkSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let app: FollowedFolder;
beforeEach(() => {
  app = new FollowedFolder();
});
afterEach(() => app.remove());

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `line ${from + i} of a log that is long enough to be told from others`);
const write = (name: string, lines: readonly string[]): void => appendFileSync(app.path(name), lines.map((line) => `${line}\n`).join(''));

/** After ten seconds of silence its descriptor is given back. */
async function untilAtRest(name: string): Promise<void> {
  await app.until(() => !isHeldOpen(app.path(name)), `${name} at rest`);
}

function isHeldOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((descriptor) => targetOf(descriptor) === path);
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since it was listed.
    return '';
  }
}

async function rotateToRest(): Promise<void> {
  write('app.log', numbered(0, 20));
  app.start(['app.log']);
  await app.untilLines(20);
  renameSync(app.path('app.log'), app.path('app.log.1'));
  write('app.log', numbered(20, 5));
  await app.untilLines(25);
  await untilAtRest('app.log.1');
}

test('a file of another log that was given the inode of one at rest is not read', async () => {
  await rotateToRest();

  truncateSync(app.path('app.log.1'));
  write('app.log.1', Array(40).fill('what another program wrote into its own log, which no glob of this source names'));
  renameSync(app.path('app.log.1'), app.path('other.log'));
  await app.pass(30_000);

  expect((await app.untilLines(25)).sort()).toEqual(numbered(0, 25).sort());
});

test('a copy of the log that was given the inode of a generation at rest is not read again', async () => {
  await rotateToRest();

  writeFileSync(app.path('app.log.1'), readFileSync(app.path('app.log')));
  await app.pass(30_000);

  expect((await app.untilLines(25)).sort()).toEqual(numbered(0, 25).sort());
});

test('a generation at rest is followed under its next name, and what is written to it late is read', async () => {
  await rotateToRest();

  renameSync(app.path('app.log.1'), app.path('app.log.2'));
  await app.pass(2_000);
  write('app.log.2', numbered(25, 2));

  expect((await app.untilLines(27)).sort()).toEqual(numbered(0, 27).sort());
});

test('a generation that was empty when it came to rest is read once something is written to it', async () => {
  write('app.log', numbered(0, 20));
  app.start(['app.log']);
  await app.untilLines(20);
  truncateSync(app.path('app.log'));
  await app.pass(1_000);
  renameSync(app.path('app.log'), app.path('app.log.1'));
  write('app.log', numbered(20, 5));
  await app.untilLines(25);
  await untilAtRest('app.log.1');

  write('app.log.1', numbered(25, 2));

  expect((await app.untilLines(27)).sort()).toEqual(numbered(0, 27).sort());
});
