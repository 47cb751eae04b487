import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { fileSources } from './sources.ts';
import { WrittenLines } from './written-lines.ts';

test('an audit record names its event at a whole second too, as auditd writes it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'written-lines-'));
  vi.useFakeTimers({ now: 1_795_567_141_000, toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  await new WrittenLines(folder, seededRandom(1)).write('audit');

  const records = readFileSync(join(folder, fileSources.audit.file), 'utf8').trimEnd().split('\n');
  expect(records.map((record) => /msg=audit\(.*?\):/.exec(record)?.[0])).toEqual(Array(2).fill('msg=audit(1795567141.000:1):'));
});

test('a file is met when the agent tells a stream of it that is not of those removed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'written-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const written = new WrittenLines(folder, seededRandom(1));
  const told = (stream: string): void => written.meet([{ source: 'zipped', stream, offset: 1, lineNumber: 1 }]);

  told('first');
  const before = written.isMet('zipped');
  written.removeFiles(['first']);
  told('first');
  const removed = written.isMet('zipped');
  told('second');

  expect([before, removed, written.isMet('zipped'), written.isMet('auth')]).toEqual([true, false, true, false]);
});
