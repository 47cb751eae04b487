// Findings for the tests of this folder, in the shape that detection hands over.
import { createHash } from 'node:crypto';
import type { Finding } from '../ports.ts';

export function finding(parts: Partial<Finding> & { readonly at?: number; readonly from?: string; readonly raw?: string } = {}): Finding {
  const { at = 1_000, from = '203.0.113.7', raw = `Failed password for root from ${from}`, ...rest } = parts;
  return {
    id: `${from}-${at}`,
    ruleId: 'ssh-guessing',
    ruleVersion: '1',
    title: 'SSH password guessing',
    level: 'high',
    tags: ['attack.t1110'],
    group: [{ field: 'source.ip', value: from }],
    firstMs: at,
    lastMs: at,
    count: 1,
    evidence: [
      {
        eventId: `${'a'.repeat(32)}:${'b'.repeat(32)}:normal:1:${at % 1_000_000}`,
        timeMs: at,
        agentId: 'a'.repeat(32),
        sourceId: 'auth',
        raw,
        sha256: createHash('sha256').update(raw).digest('hex'),
      },
    ],
    fields: { 'source.ip': from, 'user.name': 'root' },
    ...rest,
  };
}
