// The rules of a policy's `filter`, as people write them. drop and keep decide; sample, limit and collapse let a line go on
// to the next rule or drop it for that reason (`sampled`, `limited`, `collapsed` in the ledger).
import * as z from 'zod';
import { parseDuration } from '../quantities.ts';
import { compileCondition, type Condition } from './conditions/compile-condition.ts';
import { fieldFinder } from './conditions/find-field.ts';
import { sourceId } from './sources/every-source.ts';
import { text } from './text.ts';

export const condition = z.json().transform((value, context): Condition => {
  const compiled = compileCondition(value);
  if (!compiled.ok) context.addIssue({ code: 'custom', message: compiled.reason, path: [...compiled.path] });
  return value;
});

const durationMsMin = 100;
const durationMsMax = 24 * 60 * 60 * 1_000;
/** Stays as it was written: the document is hashed and sent in this form. */
const duration = z.string().refine((written) => {
  const ms = parseDuration(written);
  return ms !== undefined && ms >= durationMsMin && ms <= durationMsMax;
}, 'expected a duration such as 500ms, 10s or 1h, from 100ms to 24h');

const fieldsMax = 16;
const field = text(1_024).superRefine((name, context) => {
  const named = fieldFinder(name);
  if (!named.ok) context.addIssue({ code: 'custom', message: named.reason });
});
const lines = { source: sourceId.optional(), where: condition.optional() };
const alike = { ...lines, by: z.array(field).min(1).max(fieldsMax).optional() };

const choice = z.strictObject({ source: sourceId.optional(), where: condition });
const sample = z
  .strictObject({ ...alike, oneIn: z.int().min(2).max(1_000_000_000).optional(), percent: z.number().gt(0).lt(100).optional() })
  .refine(({ oneIn, percent }) => (oneIn === undefined) !== (percent === undefined), 'expected either `oneIn` or `percent`');
const limit = z.strictObject({ ...alike, lines: z.int().min(1).max(1_000_000_000), per: duration });
const collapse = z.strictObject({ ...alike, within: duration });

export const filterRule = z.union([
  z.strictObject({ drop: choice }),
  z.strictObject({ keep: choice }),
  z.strictObject({ sample }),
  z.strictObject({ limit }),
  z.strictObject({ collapse }),
]);

export type FilterRule = z.output<typeof filterRule>;
export type FilterKind = 'drop' | 'keep' | 'sample' | 'limit' | 'collapse';

/** What a rule does, and the source it is for; undefined: for all. */
export function kindOf(rule: FilterRule): { readonly kind: FilterKind; readonly source: string | undefined } {
  if ('drop' in rule) return { kind: 'drop', source: rule.drop.source };
  if ('keep' in rule) return { kind: 'keep', source: rule.keep.source };
  if ('sample' in rule) return { kind: 'sample', source: rule.sample.source };
  if ('limit' in rule) return { kind: 'limit', source: rule.limit.source };
  return { kind: 'collapse', source: rule.collapse.source };
}
