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
