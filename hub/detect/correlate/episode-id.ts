// Ids of findings, derived so that a replay arrives at the same ones (DESIGN.md 7).
import { createHash } from 'node:crypto';

export function episodeId(rule: { readonly id: string; readonly version: string }, group: readonly string[], window: string): string {
  return findingId([rule.id, rule.version, ...group, window]);
}

export function findingId(parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['finding', ...parts]))
    .digest('hex')
    .slice(0, 32);
}
