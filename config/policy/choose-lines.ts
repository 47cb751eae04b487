// The filter list of a policy as one predicate per source: keep this line or not?
// The first rule whose condition matches decides; without a match a line is kept.
import { compileCondition, type LinePredicate } from './conditions/compile-condition.ts';
import type { FilterRule } from './filter-rules.ts';

/** Undefined when every line of the source is kept. */
export function chooseLines(rules: readonly FilterRule[], sourceId: string): LinePredicate | undefined {
  const steps = rules.flatMap((rule) => {
    const choice = 'drop' in rule ? rule.drop : rule.keep;
    if (choice.source !== undefined && choice.source !== sourceId) return [];
    const compiled = compileCondition(choice.where);
    if (!compiled.ok) throw new Error(`broken invariant: a checked condition does not compile: ${compiled.reason}`);
    return [{ matches: compiled.matches, keeps: 'keep' in rule }];
  });
  if (!steps.some(({ keeps }) => !keeps)) return undefined;
  return (bytes, start, end) => {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i];
      if (step?.matches(bytes, start, end)) return step.keeps;
    }
    return true;
  };
}
