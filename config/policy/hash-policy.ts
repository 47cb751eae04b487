// A policy's identity: SHA-256 over its canonical form. Two documents that mean the same (order of keys, comments,
// defaults written out or not) have one hash; agent and hub compute it with this code. Its tests are no part of what is in
// force (DECISION-policy-tests.md).
import { createHash } from 'node:crypto';
import type { Policy } from './policy.ts';

export function hashPolicy(policy: Policy): Uint8Array {
  const inForce = Object.fromEntries(Object.entries(policy).filter(([part]) => part !== 'tests'));
  return new Uint8Array(createHash('sha256').update(canonicalText(inForce)).digest());
}

/** The same for everything that means the same. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Pairs, not an object: an object would put keys that look like numbers first.
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
