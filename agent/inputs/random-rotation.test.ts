// Rotations, stops and kills in random order, compressed or not, under both kinds of glob: each line exactly once.
// Generations of a line or two are shorter than what proves a file: their name and length decide (DECISION-file-identity.md).
// A rotation comes when something of the live file was begun: what rotation takes away within one look leaves no trace.
import { truncateSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';
import { LogFolder } from './testing/log-folder.ts';

const turn = fc.record({
  lines: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 400 })),
  pauseMs: fc.nat(200),
  next: fc.constantFrom('go on', 'go on', 'go on', 'stop', 'kill'),
  startsAgain: fc.boolean(),
});

const story = fc.record({
  glob: fc.constantFrom('app.log', 'app.log*'),
  how: fc.constantFrom('rename', 'copy and truncate'),
  compress: fc.constantFrom(undefined, 'gz', 'zst'),
  turns: fc.array(turn, { minLength: 3, maxLength: 8 }),
});

type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

const lineOf = (i: number): string => `2026-11-24T10:00:00Z web1 app[811]: request ${String(i).padStart(6, '0')} answered`;

async function rotate(log: LogFolder, { how, compress }: Story, pauseMs: number): Promise<void> {
  for (let i = 9; i >= 1; i--) {
    log.moveIfThere(`app.log.${i}`, `app.log.${i + 1}`);
    if (compress) log.moveIfThere(`app.log.${i}.${compress}`, `app.log.${i + 1}.${compress}`);
  }
  if (how === 'rename') {
    log.rename(1);
    writeFileSync(log.path('app.log'), '');
  } else {
    log.copy();
    await log.app.pass(pauseMs);
    truncateSync(log.path('app.log'));
  }
  await log.app.pass(pauseMs);
  if (compress) log.compress('app.log.1', compress);
}

async function play(told: Story): Promise<void> {
  const app = new FollowedFolder();
  try {
    const log = new LogFolder(app, lineOf);
    log.write(5);
    app.start([told.glob]);
    await app.untilLines(5);
    for (const { lines, pauseMs, next, startsAgain } of told.turns) {
      app.makeDurable();
      const before = app.lines.length;
      log.write(lines);
      if (app.isRunning) await app.until(() => app.lines.length > before, 'one of the new lines');
      await rotate(log, told, pauseMs);
      if (app.isRunning && next === 'stop') await app.stop();
      if (app.isRunning && next === 'kill') await app.kill();
      if (!app.isRunning && startsAgain) app.start([told.glob]);
    }
    if (!app.isRunning) app.start([told.glob]);
    log.write(3);

    await app.until(() => app.lines.length >= log.written.length, `${log.written.length} lines`);
    await app.pass(12_000);
    expect(app.texts().sort()).toEqual(log.written);
  } finally {
    await app.remove();
  }
}

test('whatever rotation, stops and kills do, each line is read exactly once', async () => {
  await fc.assert(fc.asyncProperty(story, play), { numRuns: 12, endOnFailure: true });
}, 120_000);
