// The real logrotate on a log that is written all the while. Skipped where it is not installed: `apt-get install logrotate`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

const logrotate = ['/usr/sbin/logrotate', '/usr/bin/logrotate'].find((path) => spawnSync(path, ['--version']).status === 0);

let app: FollowedFolder;
let own: string;
beforeEach(() => {
  app = new FollowedFolder();
  own = mkdtempSync(join(tmpdir(), 'logrotate-'));
});
afterEach(async () => {
  await app.remove();
  rmSync(own, { recursive: true });
});

async function rotate(options: readonly string[]): Promise<void> {
  const config = join(own, 'config');
  writeFileSync(
    config,
    [`${app.path('app.log')} {`, '  su root root', '  rotate 12', ...options.map((option) => `  ${option}`), '}', ''].join('\n'),
  );
  chmodSync(config, 0o644);
  const child = spawn(logrotate ?? '', ['--force', '--state', join(own, 'state'), config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(Buffer.concat(errors).toString());
}

const canRun = logrotate !== undefined && process.getuid?.() === 0;

test.skipIf(!canRun).each([
  ['create', ['create 0644']],
  ['create, compressed at once', ['create 0644', 'compress']],
  ['create, compressed one later', ['create 0644', 'compress', 'delaycompress']],
  ['dates in names, compressed', ['create 0644', 'dateext', 'dateformat -%Y%m%d-%s', 'compress']],
  ['copytruncate', ['copytruncate']],
  ['copytruncate, compressed', ['copytruncate', 'compress']],
])(
  'eight rotations with %s, a stop in the middle: every line exactly once (as root, with logrotate installed)',
  async (_, options) => {
    let written = 0;
    const write = (count: number): void => {
      const lines = Array.from(
        { length: count },
        () => `2026-11-24T10:00:00Z web1 app[811]: request ${String(written++).padStart(6, '0')} answered\n`,
      );
      appendFileSync(app.path('app.log'), lines.join(''));
    };
    app.start(['app.log']);
    for (let turn = 0; turn < 8; turn++) {
      const before = app.lines.length;
      write(500);
      if (turn === 4) await app.stop();
      // Copied and truncated twice between two looks, a file leaves nothing to know it by.
      else if (turn !== 5 && (turn === 0 || options.includes('copytruncate')))
        await app.until(() => app.lines.length > before, 'any line of these');
      await rotate(options);
      // In names by the second each rotation needs one of its own.
      if (options.includes('dateext')) await app.pass(60_000);
      if (turn === 5) app.start(['app.log']);
    }
    write(10);

    await app.untilLines(written);
    await app.pass(20_000);
    expect(app.texts().sort()).toEqual(
      Array.from({ length: written }, (_, i) => expect.stringContaining(`request ${String(i).padStart(6, '0')} `)),
    );
    expect(app.warnings).toEqual([]);
  },
  30_000,
);
