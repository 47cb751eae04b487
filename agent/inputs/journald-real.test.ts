// The real journalctl on real journal files, which systemd-journal-remote makes of journald's export format.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { journalInput, readEntries } from './testing/journal-reading.ts';

const writer = '/lib/systemd/systemd-journal-remote';
const isThere = existsSync(writer) && spawnSync('journalctl', ['--version']).status === 0;

let folder: string;
let program: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'real-journal-'));
  program = join(folder, 'journalctl');
  warnings = [];
  mkdirSync(join(folder, 'journal'));
  writeFileSync(program, `#!/bin/sh\nexec journalctl --directory='${join(folder, 'journal')}' "$@"\n`);
  chmodSync(program, 0o700);
});
afterEach(() => rmSync(folder, { recursive: true }));

type Field = readonly [name: string, value: string | Buffer];

/** An entry in the export format; values with line feeds or bytes that are no text go with their length. */
function exported(i: number, fields: readonly Field[]): Buffer {
  const common: Field[] = [
    ['__REALTIME_TIMESTAMP', String(1_795_514_400_000_000 + i * 1_000_000)],
    ['__MONOTONIC_TIMESTAMP', String(i * 1_000_000)],
    ['_BOOT_ID', 'fedcba9876543210fedcba9876543210'],
    ['_PID', '811'],
    ['SYSLOG_IDENTIFIER', 'sshd'],
  ];
  const parts = [...common, ...fields].map(([name, value]) => {
    const bytes = Buffer.from(value);
    if (/^[\x20-\x7e]*$/.test(bytes.toString('latin1'))) return Buffer.from(`${name}=${bytes.toString()}\n`);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
  });
  return Buffer.concat([...parts, Buffer.from('\n')]);
}

function keep(name: string, entries: readonly Buffer[]): void {
  const output = join(folder, 'journal', `${name}.journal`);
  execFileSync(writer, [`--output=${output}`, '-'], { input: Buffer.concat(entries), stdio: ['pipe', 'ignore', 'ignore'] });
}

const plain = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from + 1 }, (_, n) => exported(from + n, [['MESSAGE', `message ${from + n}`]]));
const vacuum = (name: string): void => rmSync(join(folder, 'journal', `${name}.journal`));
const messages = (texts: readonly string[]): unknown[] => texts.map((text) => (JSON.parse(text) as { MESSAGE: unknown }).MESSAGE);
const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, n) => `message ${from + n}`);

describe.skipIf(!isThere)('the real journalctl (skipped without it: apt-get install systemd-journal-remote)', () => {
  test('a restart goes on behind the last entry, in a file that was rotated away meanwhile', async () => {
    keep('a', plain(1, 10));
    const first = await readEntries(journalInput(program, { warnings }), [], 10);
    keep('b', plain(11, 20));

    const second = await readEntries(journalInput(program, { warnings }), [first.position], 10);

    expect(messages([...first.texts, ...second.texts])).toEqual(range(1, 20));
    expect(warnings).toEqual([]);
  });

  test('when the place was vacuumed it goes on with the oldest entry there is, that one included', async () => {
    keep('a', plain(1, 10));
    const first = await readEntries(journalInput(program, { warnings }), [], 10);
    keep('b', plain(11, 20));
    keep('c', plain(21, 30));
    vacuum('a');
    vacuum('b');

    const second = await readEntries(journalInput(program, { warnings }), [first.position], 10);

    expect(messages(second.texts)).toEqual(range(21, 30));
    expect(warnings).toEqual([expect.stringMatching(/journald removed an unknown number of entries before they were read/)]);
  });

  const odd: readonly (readonly [string, string | Buffer, unknown])[] = [
    ['a line feed', 'two\nlines', 'two\nlines'],
    ['bytes that are no UTF-8', Buffer.from([0x62, 0xff, 0xfe]), [0x62, 0xff, 0xfe]],
    ['a NUL', Buffer.from('a\0b'), [0x61, 0, 0x62]],
    ['an escape sequence', 'red \u001b[31m', [...Buffer.from('red \u001b[31m')]],
    ['letters of other languages', 'olá, мир', 'olá, мир'],
    ['what looks like a cursor', '"__CURSOR":"s=1;i=1"', '"__CURSOR":"s=1;i=1"'],
    ['nothing', '', ''],
  ];
  test.each(odd)('a message with %s is one line of JSON, and the one behind it comes once', async (_, message, seen) => {
    keep('a', [
      exported(1, [
        ['MESSAGE', message],
        ['BINARY', Buffer.from([0, 10, 255])],
      ]),
      ...plain(2, 2),
    ]);
    const first = await readEntries(journalInput(program, { warnings }), [], 1);
    const all = first.texts.length === 2 ? first : await readEntries(journalInput(program, { warnings }), [first.position], 1);

    expect(messages([...new Set([...first.texts, ...all.texts])])).toEqual([seen, 'message 2']);
  });

  test('a message of three megabytes hides neither who wrote it nor what comes behind it', async () => {
    keep('a', [
      exported(1, [
        ['MESSAGE', 'x'.repeat(3 * limits.lineBytesMax)],
        ['COREDUMP', Buffer.alloc(600_000, 0xff)],
      ]),
      ...plain(2, 3),
    ]);

    const { texts, cut } = await readEntries(journalInput(program, { warnings }), [], 3);

    expect(JSON.parse(texts[0] ?? '')).toMatchObject({ _PID: '811', SYSLOG_IDENTIFIER: 'sshd', __CURSOR: expect.stringContaining(';x=') });
    expect(messages(texts.slice(1))).toEqual(range(2, 3));
    expect(cut).toBe(1);
  });

  test('a journalctl that ends in the middle of an entry is started again, and no entry is missing or doubled', async () => {
    keep('a', plain(1, 10));
    const mortal = join(folder, 'mortal');
    // Does not follow, and each run of it ends in the middle of an entry until the journal is behind it.
    writeFileSync(mortal, `#!/bin/sh\nshift\n${program} "$@" | head -c 1500\n`);
    chmodSync(mortal, 0o700);

    const { texts } = await readEntries(journalInput(mortal, { warnings }), [], 10);

    expect(messages(texts)).toEqual(range(1, 10));
  });
});
