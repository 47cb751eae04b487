import { expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import type { AuditEntry } from '../ports.ts';
import { auditLog } from './audit.ts';
import { memoryState } from './memory-state.ts';

const actor = { id: 'u1', name: 'Ana', role: 'tier1', address: '192.0.2.7' };
const at = (atMs: number): AuditEntry => ({ atMs, actor, action: 'ticket.assign', object: 'ticket/1', before: '', after: String(atMs) });

test('the audit log lists the newest change first and pages on', async () => {
  const log = auditLog({ state: memoryState(), random: systemRandom });
  for (const time of [1_000, 3_000, 2_000]) await log.record(at(time));

  const first = await log.list({ limit: 2 });
  const second = await log.list({ limit: 2, after: first.next ?? '' });

  expect(first.entries.map(({ atMs }) => atMs)).toEqual([3_000, 2_000]);
  expect(second.entries.map(({ atMs }) => atMs)).toEqual([1_000]);
  expect(second.next).toBeUndefined();
});

test('a change that is recorded twice under its key is one entry, two changes of one millisecond are two', async () => {
  const log = auditLog({ state: memoryState(), random: systemRandom });

  await log.record(at(1_000), 'ticket/1:7');
  await log.record(at(1_000), 'ticket/1:7');
  await log.record(at(1_000));

  expect((await log.list()).entries).toHaveLength(2);
});

test('old entries are removed by age, the others stay', async () => {
  const log = auditLog({ state: memoryState(), random: systemRandom });
  for (const time of [1_000, 1_999, 2_000, 3_000]) await log.record(at(time));

  expect(await log.expireBefore(2_000)).toBe(2);

  expect((await log.list()).entries.map(({ atMs }) => atMs)).toEqual([3_000, 2_000]);
});

test('endless summaries are cut instead of refused', async () => {
  const log = auditLog({ state: memoryState(), random: systemRandom });

  await log.record({ ...at(1_000), after: 'x'.repeat(1_000_000) });

  expect((await log.list()).entries[0]?.after).toHaveLength(2_000);
});
