// A finding of the hub about itself: a poison line, an engine that is down, a disk that is full. It takes the same way as
// any other finding, so it grows instead of repeating, opens a ticket when it is high, and reaches the same receivers.
import { createHash } from 'node:crypto';
import type { Evidence, Finding, Level } from '../ports.ts';

export interface Problem {
  /** Stable name: `poison-line`, `store-down`, `disk-full`. Becomes the rule id `atalaia-<name>`. */
  readonly name: string;
  readonly title: string;
  readonly level: Level;
  readonly atMs: number;
  /** What it is about: one alert for each. */
  readonly about: readonly { readonly field: string; readonly value: string }[];
  readonly detail: string;
  readonly evidence?: readonly Evidence[];
}

export function problemFinding({ name, title, level, atMs, about, detail, evidence = [] }: Problem): Finding {
  const ruleId = `atalaia-${name}`;
  const identity = JSON.stringify([ruleId, about, evidence.map(({ eventId }) => eventId), atMs]);
  return {
    id: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    ruleId,
    ruleVersion: '1',
    title,
    level,
    tags: ['atalaia.self'],
    group: about,
    firstMs: atMs,
    lastMs: atMs,
    count: 1,
    evidence,
    fields: { 'error.message': detail },
  };
}
