// A real journal below a root, which systemd-journal-remote makes of journald's export format.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { HostRoot } from './host-root.ts';
import { measureJournal } from './measure-journal.ts';
import { tellJournal } from './tell-measure.ts';
import { makeHost } from './testing/made-host.ts';

const writer = '/lib/systemd/systemd-journal-remote';
const isThere = existsSync(writer) && spawnSync('journalctl', ['--version']).status === 0;
const machine = '0123456789abcdef0123456789abcdef';

const made: string[] = [];
afterEach(() => made.splice(0).forEach((root) => rmSync(root, { recursive: true })));

function hostWithJournal(): HostRoot {
  const root = makeHost({ [`var/log/journal/${machine}/`]: '' });
  made.push(root);
  return new HostRoot(root);
}

function entry(i: number, unit: string, message: string): string {
  return `__REALTIME_TIMESTAMP=${1_795_514_400_000_000 + i * 1_000_000}
__MONOTONIC_TIMESTAMP=${i * 1_000_000}
_BOOT_ID=fedcba9876543210fedcba9876543210
_SYSTEMD_UNIT=${unit}
MESSAGE=${message}

`;
}

test.skipIf(!isThere)(
  'the units of a journal below a root are told by weight (skipped without it: apt-get install systemd-journal-remote)',
  () => {
    const host = hostWithJournal();
    const input = Array.from({ length: 100 }, (_, i) =>
      entry(i, i % 10 === 0 ? 'loud.service' : 'ssh.service', i % 10 === 0 ? 'x'.repeat(5_000) : 'short'),
    ).join('');
    execFileSync(writer, [`--output=${join(host.root, 'var/log/journal', machine, 'system.journal')}`, '-'], {
      input,
      stdio: ['pipe', 'ignore', 'ignore'],
    });

    const measure = measureJournal(host);

    expect(measure).toMatchObject({ entries: 100, seconds: 99, problem: '' });
    expect(measure.units.map(({ name, entries }) => [name, entries])).toEqual([
      ['loud.service', 10],
      ['ssh.service', 90],
    ]);
    expect(tellJournal(measure).join('\n')).toMatch(
      /MiB on disk, \d+ B\/s as JSON, 1\.0 lines\/s over the newest 100 entries\. By unit:\n {2}loud\.service: 10 entries/,
    );
  },
);

test('a host without journal files is not mistaken for the one that this runs on', () => {
  expect(measureJournal(hostWithJournal())).toMatchObject({ entries: 0, units: [], problem: 'no journal file is there' });
});
