// What must be kept of a match, per rule: the fields that tell one group from another, and whether its times matter.
import type { Ruleset } from '../engine/ruleset.ts';
import { holds } from '../correlate/counting.ts';

export interface RuleReads {
  readonly keyFields: readonly string[];
  /** Only the agent and the source tell its groups apart: the fold of the last event is the fold of this one. */
  readonly isOfPlaceOnly: boolean;
  /** Matches closer than this may be one moment: more than 0 where only silence is looked for, which is about gaps. */
  readonly joinMs: number;
}

export const defaultGroup = ['source.ip', 'user.name', 'host.name'] as const;
const placeFields = new Set(['agent.id', 'atalaia.source.id']);

export function ruleReads(ruleset: Ruleset): RuleReads[] {
  return ruleset.rules.map((rule) => {
    const keyFields = new Set<string>(rule.alerts ? (rule.alertGroupBy ?? defaultGroup) : []);
    const readers = ruleset.correlations.filter(({ inputs }) => inputs.includes(rule.id));
    for (const { inputs, groupFields, fields } of readers) {
      for (const field of groupFields[inputs.indexOf(rule.id)] ?? []) keyFields.add(field);
      for (const field of fields) keyFields.add(field);
    }
    const isOfSilence =
      readers.length > 0 && readers.every(({ type, condition }) => type === 'event_count' && holds(condition, 0) && !holds(condition, 1));
    const joinMs = rule.alerts || !isOfSilence ? 0 : Math.min(...readers.map(({ timespanMs }) => timespanMs)) / 64;
    return { keyFields: [...keyFields], isOfPlaceOnly: [...keyFields].every((field) => placeFields.has(field)), joinMs };
  });
}
