// A host that stands still (overload, a hung disk, a suspended machine) makes a look for files take its time.
import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { FollowedFolder, hastyClock } from './testing/followed-folder.ts';

let app: FollowedFolder;
afterEach(() => app.remove());

test('after a look that was held up for an hour the next one comes within half a minute', async () => {
  app = new FollowedFolder();
  const hasty = hastyClock();
  let calls = 0;
  Object.assign(app.clock, { monotonicMs: () => hasty.monotonicMs() + 3_600_000 * calls++ });
  writeFileSync(app.path('app.log'), 'there from the first\n');
  app.start(['*.log']);
  await app.until(() => app.lines.length > 0, 'the first file');

  for (const name of ['second.log', 'third.log']) {
    writeFileSync(app.path(name), `${name} appears\n`);
    await app.until(() => app.texts().includes(`${name} appears`), name);
  }

  expect(app.warnings).toEqual([]);
});
