import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import type { JournaldInput } from './journald-input.ts';
import { eagerClock, journalInput, readEntries } from './testing/journal-reading.ts';

// journalctl speaks to the journal of the machine, which a test must not need: a script answers the same calls in the
// same format. It prints the entries of a file from the cursor it is given, or from the next one there is, and waits.
// journald-real.test.ts asks the real one.
const script = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
case "$*" in
  *--show-cursor*) tail -n 1 entries | sed -n 's/.*"__CURSOR":"\\([^"]*\\)".*/-- cursor: \\1/p'; [ -f later ] && cat later >> entries; exit 0 ;;
esac
[ -f complaint ] && { cat complaint >&2; exit 1; }
at=0
for arg in "$@"; do case "$arg" in --cursor=*) at=$(echo "$arg" | sed 's/.*;i=\\([0-9]*\\).*/\\1/') ;; esac; done
line=$(sed -n 's/.*;i=\\([0-9]*\\).*/\\1/p' entries | awk -v at="$at" '$1 >= at { print NR; exit }')
case "$*" in *--lines=1*) tail -n "+\${line:-1}" entries | head -n 1; exit 0 ;; esac
[ -f followed ] && exec tail -n +1 -f followed
exec tail -n "+\${line:-1}" -f entries
`;

let folder: string;
let program: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  program = join(folder, 'journalctl');
  warnings = [];
  writeFileSync(program, script);
  chmodSync(program, 0o700);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Numbers below 10 are the same in hexadecimal. */
const cursor = (i: number, run = 'aa'): string => `s=${run};i=${i};b=bb;m=${i};t=${i};x=${i}`;
const entry = (i: number, message = `message ${i}`, run = 'aa'): string =>
  `{"__CURSOR":"${cursor(i, run)}","_COMM":"sshd","MESSAGE":${JSON.stringify(message)}}\n`;
const holds = (...entries: readonly string[]): void => writeFileSync(join(folder, 'entries'), entries.join(''));
const entries = (...numbers: readonly number[]): string[] => numbers.map((i) => entry(i));
const lines = (...numbers: readonly number[]): string[] => numbers.map((i) => entry(i).trimEnd());
const journal = (startAt: 'start' | 'end' = 'start'): JournaldInput => journalInput(program, { startAt, warnings });

test('the journal is read as raw JSON lines and goes on behind the last cursor after a restart', async () => {
  holds(...entries(1, 2, 3));
  const first = await readEntries(journal(), [], 3);
  holds(...entries(1, 2, 3, 4, 5));

  const second = await readEntries(journal(), [first.position], 2);

  expect([...first.texts, ...second.texts]).toEqual(lines(1, 2, 3, 4, 5));
  expect(first.position.cursor).toBe(cursor(3));
  expect(second.position.stream.streamId).toBe(first.position.stream.streamId);
  expect(second.position).toMatchObject({ lineNumber: 5, offset: entry(1).length * 5 });
  expect(warnings).toEqual([]);
});

test('a source that starts at the end begins behind the newest entry', async () => {
  holds(...entries(1, 2, 3));
  writeFileSync(join(folder, 'later'), entry(4));

  const { texts } = await readEntries(journal('end'), [], 1);

  expect(texts).toEqual(lines(4));
});

test('an entry beyond the line limit comes as JSON that is whole, marked as cut, and those behind it come whole', async () => {
  const long = 'x'.repeat(3 * limits.lineBytesMax);
  holds(entry(1), `{"MESSAGE":"${long}","_PID":"811","__CURSOR":"${cursor(2)}"}\n`, entry(3));

  const { texts, cut, position } = await readEntries(journal(), [], 3);

  expect([texts[0], texts[2]]).toEqual(lines(1, 3));
  expect(JSON.parse(texts[1] ?? '')).toMatchObject({ MESSAGE: expect.stringMatching(/^x{100000}/), _PID: '811', __CURSOR: cursor(2) });
  expect(cut).toBe(1);
  expect(position.offset).toBe(readFileSync(join(folder, 'entries')).length);
});

test('reading that stopped at an entry beyond the line limit does not bring it again', async () => {
  holds(entry(1), `{"MESSAGE":"${'x'.repeat(2 * limits.lineBytesMax)}","__CURSOR":"${cursor(2)}"}\n`);
  const first = await readEntries(journal(), [], 2);
  holds(readFileSync(join(folder, 'entries'), 'utf8'), entry(3));

  const second = await readEntries(journal(), [first.position], 1);

  expect(second.texts).toEqual(lines(3));
});

test('entries that journald removed before they were read are counted, told, and nothing else is missing or doubled', async () => {
  holds(...entries(1, 2));
  const first = await readEntries(journal(), [], 2);
  holds(...entries(6, 7));
  const input = journal();

  const second = await readEntries(input, [first.position], 2);

  expect(second.texts).toEqual(lines(6, 7));
  expect(second.dropped).toEqual({ vacuumed: 3 });
  expect(input.status().linesDropped).toEqual({ vacuumed: 3 });
  expect(warnings).toEqual([expect.stringMatching(/removed 3 entries before they were read; SystemMaxUse=/)]);
});

test('an entry that was read and then removed is no loss', async () => {
  holds(...entries(1, 2));
  const first = await readEntries(journal(), [], 2);
  holds(...entries(3, 4));

  const second = await readEntries(journal(), [first.position], 2);

  expect({ texts: second.texts, dropped: second.dropped, warnings }).toEqual({ texts: lines(3, 4), dropped: {}, warnings: [] });
});

test('where the numbers of a journal begin anew, what was removed is told without a number', async () => {
  holds(...entries(1, 2));
  const first = await readEntries(journal(), [], 2);
  holds(entry(7, 'other', 'cc'));

  const second = await readEntries(journal(), [first.position], 1);

  expect(second.texts).toEqual([entry(7, 'other', 'cc').trimEnd()]);
  expect(second.dropped).toEqual({});
  expect(warnings).toEqual([expect.stringContaining('removed an unknown number of entries')]);
});

test('an entry that stands in another file under another number is known again', async () => {
  holds(...entries(1, 2));
  const first = await readEntries(journal(), [], 2);
  const copied = entry(2).replace(cursor(2), 's=cc;i=9;b=bb;m=2;t=2;x=2');
  holds(copied, entry(3));

  // The script looks for the number alone.
  const second = await readEntries(journal(), [{ ...first.position, cursor: 's=aa;i=1;b=bb;m=2;t=2;x=2' }], 1);

  expect(second.texts).toEqual(lines(3));
  expect(warnings).toEqual([]);
});

test('a hole in the numbers while entries are followed is no loss as long as the entry before it is there', async () => {
  holds(...entries(1, 2));
  const first = await readEntries(journal(), [], 2);
  holds(...entries(1, 2, 8, 9));

  const second = await readEntries(journal(), [first.position], 2);

  expect({ texts: second.texts, dropped: second.dropped, warnings }).toEqual({ texts: lines(8, 9), dropped: {}, warnings: [] });
});

test('entries that were removed while the agent waited for room are counted too', async () => {
  const long = 'x'.repeat(200_000);
  writeFileSync(join(folder, 'followed'), [entry(1, long), entry(2, long), ...entries(8, 9)].join(''));
  holds(...entries(8, 9));

  const { texts, dropped } = await readEntries(journal(), [], 4);

  expect(texts.slice(2)).toEqual(lines(8, 9));
  expect(dropped).toEqual({ vacuumed: 5 });
});

test('a place that journalctl does not understand begins anew with the oldest entry, and that is told', async () => {
  holds(...entries(1, 2));
  const first = await readEntries(journal(), [], 2);
  const picky = join(folder, 'picky');
  writeFileSync(
    picky,
    `#!/bin/sh\ncase "$*" in *--cursor=*) echo 'Failed to seek to cursor: Invalid argument' >&2; exit 1;; esac\nexec ${program} "$@"\n`,
  );
  chmodSync(picky, 0o700);

  const second = await readEntries(journalInput(picky, { warnings }), [first.position], 2);

  expect(second.texts).toEqual(lines(1, 2));
  expect(warnings[0]).toMatch(/does not understand the place.*oldest entry/);
});

test.each([
  ['absent', undefined, /journalctl is not installed; install systemd/],
  [
    'forbidden',
    'No journal files were opened due to insufficient permissions.',
    /insufficient permissions\.; add the agent's user to the group systemd-journal/,
  ],
  [
    'older than what it is asked',
    "journalctl: unrecognized option '--cursor=x'",
    /unrecognized option .*older than systemd 206; update systemd/,
  ],
])('a journal that is %s is told once, with the remedy, however often it is tried again', async (_, complaint, message) => {
  if (complaint !== undefined) writeFileSync(join(folder, 'complaint'), `${complaint}\n`);
  const stop = new AbortController();
  const clock = eagerClock((times) => times === 7 && stop.abort());
  const input = journalInput(complaint === undefined ? join(folder, 'no-such-program') : program, { warnings, clock });

  for await (const block of input.read([], AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]))) expect(block).toBe('none');

  expect(warnings).toEqual([expect.stringMatching(message)]);
  expect(input.status().problem).toMatch(message);
});
