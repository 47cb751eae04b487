// `otherHubs` of agent.yaml: further hubs, each independent of the first one and of the others, with its own enrolment, its
// own buffer and its own share of what the policy reads.
// Promises: what a hub of these gets is a policy like any other, checked whole: rules that it inherits and that speak of
// sources it does not get are left out, rules of its own that do so are errors.
import * as z from 'zod';
import { nearest } from './explain-issue.ts';
import { filterRule, kindOf } from './policy/filter-rules.ts';
import { firstRule } from './policy/first-rules.ts';
import { policyTests } from './policy/policy-tests.ts';
import { checkReferences, type Policy } from './policy/policy.ts';
import { policyLimits } from './policy/rule-limits.ts';
import { whenFull } from './policy/sources/every-source.ts';
import { trimRule } from './policy/trim/trim-rules.ts';
import { sizeSchema } from './quantities.ts';
import { bandwidthSchema, hubClusterSchema, pinSchema, proxySchema } from './uplink-config.ts';

/** Names a folder, a metric's label and an argument. */
const hubName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected a name of small letters, digits and -, such as partner');

export const otherHubSchema = z.strictObject({
  name: hubName,
  /** Absent: where the agent enrolled for it. */
  hub: hubClusterSchema.optional(),
  pin: pinSchema.default([]),
  proxy: proxySchema.optional(),
  bandwidth: bandwidthSchema.prefault({}),
  /** Per lane; absent: as much as for the first hub. */
  maxBytes: sizeSchema({ min: '1MiB', max: '16TiB' }).optional(),
  /** Ids of sources of the policy; absent: all. */
  sources: z.array(z.string()).max(policyLimits.sourcesMax).optional(),
  /** Instead of what each source says. */
  whenFull: whenFull.optional(),
  /** Instead of the policy's. */
  filter: z.array(filterRule).max(policyLimits.rulesMax).optional(),
  trim: z.array(trimRule).max(policyLimits.rulesMax).optional(),
  first: z.array(firstRule).max(policyLimits.rulesMax).optional(),
  tests: policyTests.default([]),
});

export type OtherHub = z.output<typeof otherHubSchema>;

export const otherHubsSchema = z.array(otherHubSchema).max(8);

/** What is read, kept and shipped for one of the other hubs. */
export function policyFor(hub: OtherHub, policy: Policy): Policy {
  const wanted = hub.sources;
  const sources = policy.sources
    .filter(({ id }) => wanted?.includes(id) ?? true)
    .map((source) => ({ ...source, whenFull: hub.whenFull ?? source.whenFull }));
  const isThere = (id: string | undefined): boolean => id === undefined || sources.some((source) => source.id === id);
  return {
    ...policy,
    sources,
    filter: hub.filter ?? policy.filter.filter((rule) => isThere(kindOf(rule).source)),
    trim: hub.trim ?? policy.trim.filter(({ source }) => isThere(source)),
    first: hub.first ?? policy.first.filter(({ source }) => isThere(source)),
    tests: hub.tests,
  };
}

interface Checked {
  readonly otherHubs: readonly OtherHub[];
  readonly policy: Policy;
}

/** Faults are told at their place in the document. */
export function checkOtherHubs({ otherHubs, policy }: Checked, context: z.RefinementCtx): void {
  const ids = policy.sources.map(({ id }) => id);
  for (const [index, hub] of otherHubs.entries()) {
    const complain = (path: readonly (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path: ['otherHubs', index, ...path], message });
    if (otherHubs.findIndex(({ name }) => name === hub.name) !== index)
      complain(['name'], `another hub has the name ${hub.name}; give each its own`);
    for (const [at, id] of (hub.sources ?? []).entries()) {
      if (ids.includes(id)) continue;
      const near = nearest(id, ids);
      complain(['sources', at], `there is no source ${id}; ${near ? `did you mean ${near}?` : `known: ${ids.join(', ') || 'none'}`}`);
    }
    checkReferences(policyFor(hub, policy), complain);
  }
}
