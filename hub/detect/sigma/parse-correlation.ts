// Correlation documents (SIGMA.md 2.6), as far as the correlator goes: event_count, value_count, temporal and
// temporal_ordered. The other types, and boolean conditions over rule names, are refused with the reason.
import { RuleRefusal } from './rule.ts';
import type { CorrelationType, CountCondition, SigmaCorrelation } from './rule.ts';
import { isRecord, namesOf } from './document.ts';
import type { Head } from './document.ts';

const place = 'correlation';
const types: readonly CorrelationType[] = ['event_count', 'value_count', 'temporal', 'temporal_ordered'];
const laterTypes = ['value_sum', 'value_avg', 'value_percentile', 'value_median'];
const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const timespanMsMax = 31 * 86_400_000;
const thresholdMax = 10_000;
const comparisons = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;

export function parseCorrelation(written: Record<string, unknown>, head: Head): SigmaCorrelation {
  const body = written['correlation'];
  if (!isRecord(body)) throw new RuleRefusal(place, 'it is not a map', 'write `type:`, `rules:`, `timespan:`, `condition:`');
  const type = parseType(body['type']);
  const rules = body['rules'] === undefined ? [] : namesOf(body['rules'], `${place}.rules`);
  if (rules.length === 0) throw new RuleRefusal(`${place}.rules`, 'it is missing', 'name the rules whose matches count');
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  const { condition, field } = parseCondition(body['condition'], isTemporal, rules.length);
  const fields = body['field'] ?? field;
  if (type === 'value_count' && fields === undefined)
    throw new RuleRefusal(`${place}.condition.field`, 'value_count needs a field', 'name the field whose distinct values count');
  return {
    is: 'correlation',
    ...head,
    type,
    rules,
    timespanMs: parseTimespan(body['timespan']),
    groupBy: body['group-by'] === undefined ? [] : namesOf(body['group-by'], `${place}.group-by`),
    condition,
    fields: type === 'value_count' ? namesOf(fields, `${place}.condition.field`) : [],
    aliases: parseAliases(body['aliases']),
    generate: (written['generate'] ?? body['generate']) === true,
  };
}

function parseType(written: unknown): CorrelationType {
  const type = types.find((one) => one === written);
  if (type) return type;
  const known = typeof written === 'string' && laterTypes.includes(written);
  throw new RuleRefusal(
    `${place}.type`,
    known ? `${written} is not built yet` : `\`${String(written)}\` is no type`,
    `use one of ${types.join(', ')}`,
  );
}

function parseTimespan(written: unknown): number {
  const match = typeof written === 'string' ? /^(\d{1,9})([smhdw])$/.exec(written) : null;
  const spanMs = match ? Number(match[1]) * (unitsMs[match[2] ?? ''] ?? 0) : 0;
  if (spanMs > 0 && spanMs <= timespanMsMax) return spanMs;
  throw new RuleRefusal(`${place}.timespan`, `\`${String(written)}\` is no time between 1s and 31d`, 'write a number and s, m, h or d');
}

function parseCondition(written: unknown, isTemporal: boolean, ruleCount: number): { condition: CountCondition; field?: unknown } {
  if (written === undefined && isTemporal) return { condition: { gte: ruleCount } };
  if (typeof written === 'string')
    throw new RuleRefusal(
      `${place}.condition`,
      'conditions over rule names are not built yet',
      'leave it out: then all rules must be seen',
    );
  if (!isRecord(written)) throw new RuleRefusal(`${place}.condition`, 'it is missing', 'write for example `gte: 10`');
  const condition: Record<string, number> = {};
  for (const [key, value] of Object.entries(written)) {
    if (key === 'field') continue;
    if (!comparisons.some((one) => one === key))
      throw new RuleRefusal(`${place}.condition.${key}`, 'it is no comparison', `use ${comparisons.join(', ')}`);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > thresholdMax)
      throw new RuleRefusal(
        `${place}.condition.${key}`,
        `\`${String(value)}\` is no whole number from 0 to ${thresholdMax}`,
        'give such a number',
      );
    condition[key] = value;
  }
  const given = Object.keys(condition).length;
  if (given < 1 || given > 2) throw new RuleRefusal(`${place}.condition`, `it has ${given} comparisons`, 'give one, or two for a range');
  if (isTemporal && !(given === 1 && (condition['gte'] === ruleCount || condition['eq'] === ruleCount)))
    throw new RuleRefusal(`${place}.condition`, 'only "all rules" is built for temporal correlations', 'leave the condition out');
  return { condition, field: written['field'] };
}

function parseAliases(written: unknown): Record<string, Record<string, string>> {
  if (written === undefined) return {};
  const aliases: Record<string, Record<string, string>> = {};
  if (!isRecord(written)) throw new RuleRefusal(`${place}.aliases`, 'they are not a map', 'write alias → rule name → field');
  for (const [alias, byRule] of Object.entries(written)) {
    if (!isRecord(byRule) || !Object.values(byRule).every((field) => typeof field === 'string'))
      throw new RuleRefusal(`${place}.aliases.${alias}`, 'it is not a map of rule names to fields', 'write `rule_name: field.name`');
    aliases[alias] = Object.fromEntries(Object.entries(byRule).map(([rule, field]) => [rule, String(field)]));
  }
  return aliases;
}
