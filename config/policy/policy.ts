// The policy: what a group of agents reads, keeps and ships. One document form, in agent.yaml and on the wire.
// Promises: a value of type Policy has been checked whole: conditions compile, field paths parse, references name sources
// that exist, and sources that share a lane agree on what happens when it is full (one drop policy per lane: DELIVERY.md 5).
import * as z from 'zod';
import { nearest } from '../explain-issue.ts';
import { filterRule, type FilterRule, kindOf } from './filter-rules.ts';
import { firstRule, type FirstRule } from './first-rules.ts';
import { policyTests } from './policy-tests.ts';
import { policyLimits } from './rule-limits.ts';
import { source } from './sources/sources.ts';
import { trimRule } from './trim/trim-rules.ts';

export const policySchema = z
  .strictObject({
    kind: z.literal('Policy'),
    version: z.literal(1),
    sources: z.array(source).max(policyLimits.sourcesMax).default([]),
    filter: z.array(filterRule).max(policyLimits.rulesMax).default([]),
    trim: z.array(trimRule).max(policyLimits.rulesMax).default([]),
    first: z.array(firstRule).max(policyLimits.rulesMax).default([]),
    tests: policyTests.default([]),
  })
  .superRefine((policy, context) =>
    checkReferences(policy, (path, message) => context.addIssue({ code: 'custom', path: [...path], message })),
  );

export type Policy = z.output<typeof policySchema>;

interface Checked {
  readonly sources: readonly { readonly id: string; readonly lane: string; readonly whenFull: string }[];
  readonly filter: readonly FilterRule[];
  readonly trim: readonly { readonly source: string }[];
  readonly first: readonly FirstRule[];
  readonly tests: readonly { readonly source?: string | undefined }[];
}

/** Tells everything that a policy says of sources it does not have, and sources of one lane that disagree. */
export function checkReferences(policy: Checked, complain: (path: readonly (string | number)[], message: string) => void): void {
  const ids = policy.sources.map(({ id }) => id);
  const firstOfLane = new Map<string, Checked['sources'][number]>();
  for (const [index, source] of policy.sources.entries()) {
    if (ids.indexOf(source.id) !== index) complain(['sources', index, 'id'], `another source has the id ${source.id}; give each its own`);
    const first = firstOfLane.get(source.lane) ?? source;
    firstOfLane.set(source.lane, first);
    if (first.whenFull !== source.whenFull) {
      const said = `source ${first.id} of lane ${source.lane} says ${first.whenFull}, and a lane has one answer`;
      complain(['sources', index, 'whenFull'], `${said}; use that or another lane`);
    }
  }
  const checkSource = (id: string | undefined, path: (string | number)[]): void => {
    if (id === undefined || ids.includes(id)) return;
    const near = nearest(id, ids);
    complain(path, `there is no source ${id}; ${near ? `did you mean ${near}?` : `known: ${ids.join(', ') || 'none'}`}`);
  };
  for (const [index, rule] of policy.filter.entries()) {
    const { kind, source } = kindOf(rule);
    checkSource(source, ['filter', index, kind, 'source']);
  }
  for (const [index, rule] of policy.trim.entries()) checkSource(rule.source, ['trim', index, 'source']);
  for (const [index, { source }] of policy.first.entries()) {
    checkSource(source, ['first', index, 'source']);
    if (policy.sources.some(({ id, lane }) => id === source && lane === 'first'))
      complain(['first', index, 'source'], `source ${source} travels in lane first whole; leave the rule or its lane away`);
    const whole = policy.sources.find(({ lane }) => lane === 'first');
    const other = policy.sources.find(
      ({ id, lane, whenFull }) => lane === 'normal' && (source ?? id) === id && whenFull !== (whole?.whenFull ?? whenFull),
    );
    if (whole && other)
      complain(
        ['first', index],
        `lines of ${other.id} (whenFull: ${other.whenFull}) would travel with source ${whole.id} (${whole.whenFull}), and a lane has one answer; use the same`,
      );
  }
  for (const [index, { source }] of policy.tests.entries()) {
    checkSource(source, ['tests', index, 'source']);
    if (source === undefined && ids.length !== 1) complain(['tests', index], `say which \`source\`; known: ${ids.join(', ') || 'none'}`);
  }
}
