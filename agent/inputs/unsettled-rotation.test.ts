import { appendFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let app: FollowedFolder;
beforeEach(() => {
  app = new FollowedFolder();
});
afterEach(() => app.remove());

test('a generation that is still being compressed at the first look is read when that is done', async () => {
  appendFileSync(app.path('app.log'), `first ${'x'.repeat(80)}\n`);
  app.start(['app.log']);
  await app.untilLines(1);
  await app.stop();
  renameSync(app.path('app.log'), app.path('app.log.2'));
  utimesSync(app.path('app.log.2'), 1_764_000_000, 1_764_000_000);
  writeFileSync(app.path('app.log.1.gz'), gzipSync(`second ${'y'.repeat(80)}\n`));
  writeFileSync(app.path('app.log.1'), '');
  appendFileSync(app.path('app.log'), `third ${'z'.repeat(80)}\n`);

  app.start(['app.log']);
  await app.untilLines(2);
  rmSync(app.path('app.log.1'));

  expect((await app.untilLines(3)).map((text) => text.slice(0, 5)).sort()).toEqual(['first', 'secon', 'third']);
});
