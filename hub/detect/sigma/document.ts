// What single rules and correlations share when they are read from YAML: the head, and the border from unknown values.
import { RuleRefusal } from './rule.ts';
import type { SigmaRule } from './rule.ts';

export type Head = Omit<SigmaRule, 'is' | 'logsource' | 'expr'>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field name or a list of them. */
export function namesOf(written: unknown, place: string): string[] {
  const list = Array.isArray(written) ? written : [written];
  if (list.length > 16 || list.some((name) => typeof name !== 'string' || name === ''))
    throw new RuleRefusal(place, 'it is not a list of at most 16 field names', 'write one name a line with `- `');
  return list.map(String);
}
