import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../proto/runtime/clock.ts';
import { commandFenceOf } from './command-fence.ts';
import { execInput } from './exec-input.ts';
import { hastyClock } from './testing/followed-folder.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

let folder: string;
const readings: LiveReading[] = [];
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'exec-'))));
afterEach(async () => {
  for (const reading of readings.splice(0)) await reading.stop();
  rmSync(folder, { recursive: true });
});

/** A script of the host's: the policy names it, the fence allows it. */
function script(text: string): string[] {
  const path = join(folder, 'script.sh');
  writeFileSync(path, `cd ${folder}\n${text}\n`);
  return ['/bin/sh', path];
}

function run(
  command: readonly string[],
  written: Record<string, unknown> = {},
  { allowed = [command], clock = systemClock } = {},
): LiveReading {
  const source = sourceOf('exec', { command, ...written });
  const reading = new LiveReading((around) => execInput({ source, fence: commandFenceOf(allowed), ...around }), clock);
  readings.push(reading);
  return reading;
}

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

test('a command is followed for as long as it runs, and started again when it ends', async () => {
  const reading = run(script('echo begun; echo "last"; exit 3'), {}, { clock: hastyClock() });

  await reading.untilLines(4);

  expect(reading.texts.slice(0, 4)).toEqual(['begun', 'last', 'begun', 'last']);
  expect(reading.lines[0]?.path).toBe('/bin/sh');
  await reading.untilTold(/\/bin\/sh ended with code 3; it is started again/);
});

test('a command with an interval is run again and again, whole each time, and never twice at once', async () => {
  const reading = run(
    script('mkdir running || echo overlap; echo one; echo two; rmdir running'),
    { every: '10s' },
    { clock: hastyClock() },
  );

  await reading.untilLines(6);

  expect(reading.texts.slice(0, 6)).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
  expect(reading.warnings).toEqual([]);
});

test('arguments reach the program as they stand; no shell looks at them', async () => {
  const reading = run(['/bin/echo', '$HOME; id > x', '*', '`id`'], { every: '1h' });

  await reading.untilLines(1);

  expect(reading.texts).toEqual(['$HOME; id > x * `id`']);
});

test('a command gets nothing of the environment of the agent', async () => {
  const reading = run(['/usr/bin/env'], { every: '1h' });

  await reading.untilLines(2);

  expect(new Set(reading.texts.map((text) => text.split('=')[0]))).toEqual(new Set(['LC_ALL', 'PATH']));
});

test.each([
  ['another program', ['/bin/echo']],
  ['another argument', ['/bin/echo', 'two']],
  ['one argument more', ['/bin/echo', 'one', 'two']],
])('what does not stand in the fence word for word is not run: %s', async (_, allowed) => {
  const reading = run(['/bin/echo', 'one'], {}, { allowed: [allowed] });

  await reading.untilTold(/\/bin\/echo is not run: the local fence does not allow this command; add it as it stands to fence\.commands/);
  await reading.stop();

  expect(reading.texts).toEqual([]);
});

test('a command that takes too long is ended with all it started, and what it printed is kept', async () => {
  const reading = run(script('echo begun; sleep 1000 & echo $!; trap "" TERM; while :; do sleep 1; done'), { every: '1h', timeout: '3s' });

  await reading.untilTold(/\/bin\/sh ran longer than timeout/);

  expect(reading.texts[0]).toBe('begun');
  await expect.poll(() => isAlive(Number(reading.texts[1])), { timeout: 30_000 }).toBe(false);
});

test('a command that prints without end is ended at its limit, and what it printed beyond is counted', async () => {
  const reading = run(['/usr/bin/yes'], { every: '1h', maxOutputBytes: '64KiB' });

  await reading.untilTold(/\/usr\/bin\/yes printed more than maxOutputBytes 65536/);
  await reading.stop();

  expect(reading.lines).toHaveLength(32 * 1024);
  expect(reading.dropped['output-limit']).toBeGreaterThan(0);
});

test('stopping ends the whole process group, and its last words are handed out', async () => {
  const reading = run(script('trap "echo bye; exit" TERM; sleep 1000 & echo $!; while :; do sleep 0.01; done'));
  await reading.untilLines(1);

  await reading.stop();

  expect(reading.texts[1]).toBe('bye');
  await expect.poll(() => isAlive(Number(reading.texts[0])), { timeout: 30_000 }).toBe(false);
});

test('what a command complains of is told, or collected as a stream of its own', async () => {
  const command = script('echo "cannot open the table" >&2; echo fine; exit 1');
  const told = run(command, { every: '1h' });
  const collected = run(command, { every: '1h', stderr: 'collect' });

  await told.untilTold(/\/bin\/sh ended with code 1: cannot open the table/);
  await collected.untilLines(2);

  expect(told.texts).toEqual(['fine']);
  expect(Object.fromEntries(collected.lines.map(({ path, text }) => [path, text]))).toEqual({
    '/bin/sh': 'fine',
    '/bin/sh stderr': 'cannot open the table',
  });
});

test('a program that is not there is told with the remedy', async () => {
  const reading = run([join(folder, 'absent')], { every: '1h' });

  await reading.untilTold(/absent does not exist; install it or take the source out of the policy/);
});
