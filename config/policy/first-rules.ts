// The rules of a policy's `first`: lines of any source that match one travel in the lane `first`, ahead of the backlog.
// A line's lane follows from its bytes and nothing else: `limit` and `collapse` count from memory, and a line that is read
// again must go where it went before (agent/first/DECISION-first-lines.md).
import * as z from 'zod';
import { compileCondition, type Condition } from './conditions/compile-condition.ts';
import { type LineTest, LineView } from './conditions/line-view.ts';
import { condition } from './filter-rules.ts';
import { sourceId } from './sources/every-source.ts';

export const firstRule = z.strictObject({ source: sourceId.optional(), where: condition });

export type FirstRule = z.output<typeof firstRule>;

/** Whether the line bytes[start, end) travels first. */
export type TravelsFirst = (bytes: Buffer, start: number, end: number) => boolean;

/** The conditions that concern a source, in the form that is remembered over a change of policy. */
export function firstConditions(rules: readonly FirstRule[], id: string): readonly Condition[] {
  return rules.filter(({ source }) => (source ?? id) === id).map(({ where }) => where);
}

/** Throws when one of them does not compile: a policy's were checked, remembered ones may be of another version. */
export function compileFirst(conditions: readonly Condition[]): TravelsFirst {
  const tests = conditions.map((where): LineTest => {
    const result = compileCondition(where);
    if (!result.ok) throw new Error(`a condition of \`first\` does not compile: ${result.reason}`);
    return result.matches;
  });
  const line = new LineView();
  return (bytes, start, end) => {
    if (tests.length === 0) return false;
    line.show(bytes, start, end);
    for (let i = 0; i < tests.length; i++) if (tests[i]?.(line) === true) return true;
    return false;
  };
}
