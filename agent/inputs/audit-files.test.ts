// The audit daemon's log as a file source follows it: events that overlap, kills between their records, silence.
import { appendFileSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let audit: FollowedFolder;
beforeEach(() => {
  audit = new FollowedFolder();
});
afterEach(() => audit.remove());

const record = (type: string, serial: number): string => `type=${type} msg=audit(1795514400.123:${serial}): x=1`;
const append = (...records: readonly string[]): void => appendFileSync(audit.path('audit.log'), records.map((one) => `${one}\n`).join(''));
const event = (serial: number): string => [record('SYSCALL', serial), record('PATH', serial), record('PROCTITLE', serial)].join('\n');

test('an event is one line as soon as it ends, and what is open waits for its end or for silence', async () => {
  append(record('SYSCALL', 1), record('PATH', 1));
  audit.start(['audit.log'], { records: 'audit' });
  await audit.pass(1_000);
  expect(audit.texts()).toEqual([]);
  append(record('PROCTITLE', 1), record('SYSCALL', 2));

  expect(await audit.untilLines(2)).toEqual([event(1), record('SYSCALL', 2)]);
});

test('killed while events overlap, at every place: each comes once and whole', async () => {
  const records = [
    record('SYSCALL', 1),
    record('SYSCALL', 2),
    record('PATH', 2),
    record('PATH', 1),
    record('PROCTITLE', 2),
    record('PROCTITLE', 1),
    record('SYSCALL', 3),
    record('PATH', 3),
    record('PROCTITLE', 3),
  ];
  for (const one of records) {
    append(one);
    audit.start(['audit.log'], { records: 'audit' });
    await audit.pass(500);
    audit.makeDurable();
    await audit.kill();
  }

  audit.start(['audit.log'], { records: 'audit' });
  expect(await audit.untilLines(3)).toEqual([event(1), event(2), event(3)]);
});

test('an event that ended with its file is whole', async () => {
  append(record('SYSCALL', 1), record('PATH', 1));
  audit.start(['audit.log'], { records: 'audit' });
  await audit.until(() => audit.told.some((text) => text.startsWith('file followed')), 'the file followed');
  renameSync(audit.path('audit.log'), audit.path('audit.log.1'));
  append(record('SYSCALL', 2), record('PATH', 2), record('PROCTITLE', 2));

  expect((await audit.untilLines(2)).sort()).toEqual([[record('SYSCALL', 1), record('PATH', 1)].join('\n'), event(2)].sort());
});
