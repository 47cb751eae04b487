// What rotation takes away while nobody reads: it is read where it can be, and told where it is gone for good.
import { truncateSync, unlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';
import { LogFolder } from './testing/log-folder.ts';

const line = (i: number): string => `2026-11-24T10:00:00Z web1 app[811]: request ${String(i).padStart(6, '0')} was answered in good time`;
const lineBytes = line(0).length + 1;

let app: FollowedFolder;
let log: LogFolder;
beforeEach(() => {
  app = new FollowedFolder();
  log = new LogFolder(app, line);
});
afterEach(() => app.remove());

/** As with a full buffer: what was read is out, and nothing more is taken. */
async function hold(): Promise<void> {
  log.write(5);
  app.start(['app.log']);
  await app.untilLines(5);
  app.isHeld = true;
  log.write(1);
  await app.until(() => app.lines.length === log.written.length, 'the line at which it is held');
}

test('a file that is renamed and deleted while the buffer is full is held open, and read to its end when there is room', async () => {
  await hold();
  log.write(50);
  log.rename();
  log.write(30);
  await app.until(() => app.input?.status().lagBytes === 80 * lineBytes, 'the new file');
  unlinkSync(log.path('app.log.1'));
  await app.pass(120_000);
  app.isHeld = false;

  await app.untilLines(log.written.length);

  expect(app.texts().sort()).toEqual([...log.written].sort());
  expect(app.warnings).toEqual([]);
});

test('a file truncated with bytes that were not read is told with how many they were, once, and read from its start', async () => {
  await hold();
  const before = log.written.length;
  log.write(50);
  await app.until(() => app.input?.status().lagBytes === 50 * lineBytes, 'how far the reader is behind');
  truncateSync(log.path('app.log'));
  log.write(3);
  await app.pass(5_000);
  app.isHeld = false;

  await app.untilLines(before + 3);
  await app.pass(60_000);
  expect(app.texts()).toEqual([...log.written.slice(0, before), ...log.written.slice(-3)]);
  expect(app.warnings).toEqual([
    expect.stringMatching(
      /"unreadBytes":\d+\} file was truncated or rewritten with bytes that were not read, and no copy of them is found/,
    ),
  ]);
  expect(app.warnings[0]).toContain(`"unreadBytes":${50 * lineBytes}`);
});

test('a file that was replaced while the agent was away, and is nowhere any more, is told with the place behind which it is lost', async () => {
  log.write(5);
  app.start(['app.log']);
  await app.untilLines(5);
  await app.stop();
  log.write(7);
  unlinkSync(log.path('app.log'));
  log.write(3);
  app.start(['app.log']);

  await app.untilLines(8);
  await app.pass(30_000);

  expect(app.texts()).toEqual([...log.written.slice(0, 5), ...log.written.slice(-3)]);
  expect(app.warnings).toEqual([
    expect.stringMatching(/"offset":\d+\} file was replaced while away and is not found any more; what was written to it behind this/),
  ]);
  expect(app.warnings[0]).toContain(`"offset":${5 * lineBytes}`);
});
