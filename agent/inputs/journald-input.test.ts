import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { systemRandom } from '../../proto/runtime/clock.ts';
import type { StreamPosition } from '../ports.ts';
import { JournaldInput } from './journald-input.ts';
import { hastyClock } from './testing/followed-folder.ts';

// journalctl speaks to the journal of the machine, which a test must not need: a script answers the same calls in the
// same format. It prints the entries of a file behind the cursor it is given, and then waits.
const script = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
case "$*" in
  *--show-cursor*) echo "-- cursor: s=1;i=$(grep -c . entries)"; exit 0 ;;
esac
after=0
for arg in "$@"; do case "$arg" in --after-cursor=*) after="\${arg##*i=}" ;; esac; done
[ -f complaint ] && { cat complaint >&2; exit 1; }
exec tail -n "+$((after + 1))" -f entries
`;

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  warnings = [];
  writeFileSync(join(folder, 'journalctl'), script);
  chmodSync(join(folder, 'journalctl'), 0o700);
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (i: number, message = `message ${i}`): string =>
  `{"__CURSOR":"s=1;i=${i}","_COMM":"sshd","MESSAGE":${JSON.stringify(message)}}\n`;

function journald(program = join(folder, 'journalctl'), startAt: 'start' | 'end' = 'start'): JournaldInput {
  const log = { debug: () => undefined, info: () => undefined, warn: (_: object, text: string) => void warnings.push(text) };
  const source = {
    id: 'j',
    type: 'journald',
    typeHint: '',
    timeZone: 'UTC',
    startAt,
    whenFull: 'block',
    lane: 'normal',
    labels: {},
  } as const;
  return new JournaldInput({ source, clock: hastyClock(), random: systemRandom, log, program });
}

async function read(
  input: JournaldInput,
  resume: readonly StreamPosition[],
  count: number,
): Promise<{ texts: string[]; cut: number; position: StreamPosition }> {
  const stop = new AbortController();
  const texts: string[] = [];
  let cut = 0;
  let position: StreamPosition | undefined;
  for await (const block of input.read(resume, AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]))) {
    for (let i = 0; i < block.count; i++) texts.push(block.bytes.toString('utf8', block.starts[i], block.ends[i]));
    cut += block.cut.length;
    const { stream, endOffset: offset, endLineNumber: lineNumber, tailHash, tailBytes, cursor } = block;
    const counters = { linesRead: 0, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 0, bytesKept: 0, linesDropped: {} };
    position = { stream, offset, lineNumber, tailHash, tailBytes, cursor, counters };
    if (texts.length >= count) stop.abort();
  }
  return { texts, cut, position: position! };
}

test('the journal is read as raw JSON lines and goes on behind the last cursor after a restart', async () => {
  writeFileSync(join(folder, 'entries'), [1, 2, 3].map((i) => entry(i)).join(''));
  const first = await read(journald(), [], 3);
  writeFileSync(join(folder, 'entries'), [1, 2, 3, 4, 5].map((i) => entry(i)).join(''));

  const second = await read(journald(), [first.position], 2);

  expect([...first.texts, ...second.texts]).toEqual([1, 2, 3, 4, 5].map((i) => entry(i).trimEnd()));
  expect(first.position.cursor).toBe('s=1;i=3');
  expect(second.position.stream.streamId).toBe(first.position.stream.streamId);
  expect(second.position).toMatchObject({ lineNumber: 5, offset: entry(1).length * 5 });
});

test('a source that starts at the end begins behind the newest entry', async () => {
  writeFileSync(join(folder, 'entries'), [1, 2, 3].map((i) => entry(i)).join(''));
  const input = journald(undefined, 'end');
  const reading = read(input, [], 1);
  const calls = (): number => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').split('\n').length - 1 : 0);
  const clock = hastyClock();
  while (calls() < 2) await clock.sleep(100);
  appendFileSync(join(folder, 'entries'), entry(4));

  const { texts } = await reading;

  expect(texts).toEqual([entry(4).trimEnd()]);
});

test('an entry beyond the line limit is cut and marked, and those behind it come whole', async () => {
  const long = 'x'.repeat(3 * limits.lineBytesMax);
  writeFileSync(join(folder, 'entries'), [entry(1), entry(2, long), entry(3)].join(''));

  const { texts, cut, position } = await read(journald(), [], 3);

  expect(texts.map(({ length }) => length)).toEqual([entry(1).length - 1, limits.lineBytesMax, entry(3).length - 1]);
  expect(cut).toBe(1);
  expect(position.offset).toBe(entry(1).length * 2 + entry(2, long).length);
});

test('an absent or forbidden journal is told once, with the remedy', async () => {
  const absent = journald(join(folder, 'no-such-program'));
  const forbidden = journald();
  writeFileSync(join(folder, 'complaint'), 'No journal files were opened due to insufficient permissions.\n');
  const stop = new AbortController();
  const drain = async (input: JournaldInput): Promise<void> => {
    for await (const _ of input.read([], AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)])));
  };

  const draining = [drain(absent), drain(forbidden)];
  const clock = hastyClock();
  const end = clock.monotonicMs() + 20_000;
  while (clock.monotonicMs() < end) await clock.sleep(100);
  stop.abort();
  await Promise.all(draining);

  expect([...warnings].sort((a, b) => a.localeCompare(b))).toEqual([
    expect.stringMatching(/journalctl is not installed; install systemd/),
    expect.stringMatching(/insufficient permissions\.; add the agent's user to the group systemd-journal/),
  ]);
  expect(absent.status().problem).toMatch(/not installed/);
});
