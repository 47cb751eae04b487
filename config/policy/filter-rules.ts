// The rules of a policy's `filter`, as people write them.
import * as z from 'zod';
import { compileCondition } from './conditions/compile-condition.ts';
import { policyLimits } from './rule-limits.ts';
import { sourceId } from './sources/every-source.ts';
import { text } from './text.ts';

const conditionValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const selection = z.record(text(1_024), z.union([conditionValue, z.array(conditionValue)]));
const condition = z.union([selection, z.array(selection).min(1).max(policyLimits.rulesMax)]).superRefine((value, context) => {
  const compiled = compileCondition(value);
  if (!compiled.ok) context.addIssue({ code: 'custom', message: compiled.reason, path: [...compiled.path] });
});
const choice = z.strictObject({ source: sourceId.optional(), where: condition });
export const filterRule = z.union([z.strictObject({ drop: choice }), z.strictObject({ keep: choice })]);

export type FilterRule = z.output<typeof filterRule>;
