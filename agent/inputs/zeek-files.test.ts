// Zeek's own logs as a file source follows them: headers, rotation, kills. The decoder is hub/normalise's to test.
import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let zeek: FollowedFolder;
beforeEach(() => {
  zeek = new FollowedFolder();
});
afterEach(() => zeek.remove());

const header = (path: string, fields: string, types: string): string =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${path}\n#open\t2026-11-24-10-00-00\n#fields\t${fields}\n#types\t${types}\n`;
const conn = header('conn', 'ts\tuid', 'time\tstring');
const newer = header('conn', 'ts\tadded\tuid', 'time\tcount\tstring');
const close = '#close\t2026-11-24-11-00-00\n';

const append = (text: string, name = 'conn.log'): void => appendFileSync(zeek.path(name), text);
const row = (uid: string, more = ''): string => `{"_path":"conn","ts":1,${more}"uid":"${uid}"}`;

test('rows come as JSON with their own place in the file, headers do not come', async () => {
  append(`${conn}1\tCa\n1\tCb\n`);
  zeek.start(['conn.log'], { records: 'zeek' });

  expect(await zeek.untilLines(2)).toEqual([row('Ca'), row('Cb')]);
  expect(zeek.lines.map(({ offset }) => offset)).toEqual([conn.length, conn.length + 5]);
  expect(zeek.warnings).toEqual([]);
});

test('a header alone is waited on, and read once its rows come', async () => {
  append(conn);
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.pass(2_000);
  append('1\tCa\n');

  expect(await zeek.untilLines(1)).toEqual([row('Ca')]);
});

test('after a kill in the middle the header is read again from the file', async () => {
  append(`${conn}1\tCa\n`);
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.untilLines(1);
  zeek.makeDurable();
  await zeek.kill();
  append('1\tCb\n');
  zeek.start(['conn.log'], { records: 'zeek' });

  expect(await zeek.untilLines(2)).toEqual([row('Ca'), row('Cb')]);
});

test('and of several headers in one file the one that governs the place', async () => {
  append(`${conn}1\tCa\n${close}${newer}1\t7\tCb\n`);
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.untilLines(2);
  zeek.makeDurable();
  await zeek.kill();
  append('1\t8\tCc\n');
  zeek.start(['conn.log'], { records: 'zeek' });

  expect(await zeek.untilLines(3)).toEqual([row('Ca'), row('Cb', '"added":7,'), row('Cc', '"added":8,')]);
  expect([...zeek.positions.values()].map(({ cursor }) => cursor)).toEqual([`header=${conn.length + 5 + close.length}`]);
});

test('a source that starts at the end knows the columns too', async () => {
  append(`${conn}1\tCa\n`);
  zeek.start(['conn.log'], { records: 'zeek', startAt: 'end' });
  await zeek.until(() => zeek.told.some((text) => text.startsWith('file followed')), 'the file followed');
  append('1\tCb\n');

  expect(await zeek.untilLines(1)).toEqual([row('Cb')]);
});

test('rotated every hour with another header, compressed, while nobody reads: each row once, under its own header', async () => {
  append(`${conn}1\tCa\n`);
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.untilLines(1);
  zeek.makeDurable();
  await zeek.kill();
  append(`1\tCb\n${close}`);
  renameSync(zeek.path('conn.log'), zeek.path('conn.log.1'));
  execFileSync('gzip', [zeek.path('conn.log.1')]);
  append(`${newer}1\t7\tCc\n`);
  zeek.start(['conn.log'], { records: 'zeek' });

  expect((await zeek.untilLines(3)).sort()).toEqual([row('Cc', '"added":7,'), row('Ca'), row('Cb')].sort());
});

test('a file cut short and written anew begins with its own header', async () => {
  append(`${conn}1\tCa\n1\tCb\n`);
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.untilLines(2);
  truncateSync(zeek.path('conn.log'));
  append(`${newer}1\t7\tCc\n`);

  expect(await zeek.untilLines(3)).toEqual([row('Ca'), row('Cb'), row('Cc', '"added":7,')]);
});

test('nor is the header of a file that was cut short taken for what is written anew', async () => {
  append(`${conn}1\tCa\n1\tCb\n`);
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.untilLines(2);
  truncateSync(zeek.path('conn.log'));
  append('1\tCc\n');

  expect(await zeek.untilLines(3)).toEqual([row('Ca'), row('Cb'), '1\tCc']);
});

test('rows before any header go as they are; that is told once, and gone when a header comes', async () => {
  writeFileSync(zeek.path('conn.log'), '1\tCa\n');
  zeek.start(['conn.log'], { records: 'zeek' });
  await zeek.untilLines(1);
  append('1\tCb\n');
  await zeek.untilLines(2);
  const problem = zeek.input?.status().problem;
  append(`${conn}1\tCc\n`);

  expect(await zeek.untilLines(3)).toEqual(['1\tCa', '1\tCb', row('Cc')]);
  expect(zeek.warnings).toEqual([expect.stringMatching(/rows of Zeek go as they are: no header stands before them/)]);
  expect(problem).toMatch(/no header/);
  expect(zeek.input?.status().problem).toBe('');
});

test('two logs at once keep their headers apart', async () => {
  append(`${conn}1\tCa\n`);
  append(`${header('dns', 'ts\tquery', 'time\tstring')}1\ta.example\n`, 'dns.log');
  zeek.start(['*.log'], { records: 'zeek' });
  await zeek.untilLines(2);
  append('1\tCb\n');
  append('1\tb.example\n', 'dns.log');

  expect((await zeek.untilLines(4)).sort()).toEqual(
    [row('Ca'), row('Cb'), '{"_path":"dns","ts":1,"query":"a.example"}', '{"_path":"dns","ts":1,"query":"b.example"}'].sort(),
  );
});
