import { appendFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let app: FollowedFolder;
beforeEach(() => {
  app = new FollowedFolder();
});
afterEach(() => app.remove());

const fileCount = 1_300;
const name = (i: number): string => `host-${String(i).padStart(4, '0')}.log`;

function openDescriptors(): number {
  const target = (fd: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  };
  return readdirSync('/proc/self/fd').filter((fd) => target(fd).startsWith(app.folder)).length;
}

test.skipIf(process.platform !== 'linux')(
  'of more files than descriptors are kept, each is read whole, whichever grows; descriptors stay bounded',
  async () => {
    let mostOpen = 0;
    for (let i = 0; i < fileCount; i++) writeFileSync(app.path(name(i)), `${i} first\n${i} second\n${i} half`);
    app.start(['*.log']);
    for (const count of [1, fileCount, 2 * fileCount]) {
      await app.until(() => app.lines.length >= count, `${count} lines`);
      mostOpen = Math.max(mostOpen, openDescriptors());
    }

    for (let i = 0; i < fileCount; i++) appendFileSync(app.path(name(i)), ` whole\n${i} last\n`);
    for (const count of [3 * fileCount, 4 * fileCount]) {
      await app.until(() => app.lines.length >= count, `${count} lines`);
      mostOpen = Math.max(mostOpen, openDescriptors());
    }

    await app.pass(5_000);
    expect(app.texts().sort()).toEqual(
      Array.from({ length: fileCount }, (_, i) => [`${i} first`, `${i} half whole`, `${i} last`, `${i} second`])
        .flat()
        .sort(),
    );
    expect(mostOpen).toBeLessThanOrEqual(1_100);
  },
  60_000,
);

test('a file that had given its descriptor back is read to its end when it is renamed or compressed out of sight', async () => {
  for (let i = 0; i < fileCount; i++)
    writeFileSync(app.path(name(i)), `${i} of a log that is a good deal longer than sixty-four bytes, first line\n`);
  app.start(['*.log']);
  await app.until(() => app.lines.length === fileCount, 'a line of each file');
  await app.pass(2_000);

  for (let i = 0; i < fileCount; i += 100) {
    appendFileSync(app.path(name(i)), `${i} last words\n`);
    renameSync(app.path(name(i)), app.path(`${name(i)}.1`));
  }
  rmSync(app.path(name(1)));

  await app.until(() => app.lines.length === fileCount + 13, 'the last words');
  await app.pass(20_000);
  expect(app.texts().filter((text) => text.endsWith('last words'))).toHaveLength(13);
  expect(app.lines).toHaveLength(fileCount + 13);
}, 60_000);

test('a writer that goes on in a renamed file for long after is still read', async () => {
  writeFileSync(app.path('app.log'), 'one\n');
  app.start(['app.log']);
  await app.untilLines(1);
  renameSync(app.path('app.log'), app.path('app.log.1'));
  writeFileSync(app.path('app.log'), 'new\n');
  await app.untilLines(2);

  for (let turn = 0; turn < 3; turn++) {
    await app.pass(20_000);
    if (turn === 1) renameSync(app.path('app.log.1'), app.path('app.log.2'));
    await app.pass(2_000);
    appendFileSync(app.path(turn === 0 ? 'app.log.1' : 'app.log.2'), `late ${turn}\n`);
    await app.untilLines(3 + turn);
  }

  expect(app.texts().sort()).toEqual(['late 0', 'late 1', 'late 2', 'new', 'one']);
});
