// `atalaia-agent validate FILE`: would this agent take the file? A configuration or a policy alone, told by its `kind`.
import { hashPolicy } from '../../config/policy/hash-policy.ts';
import { policySchema, type Policy } from '../../config/policy/policy.ts';
import { agentConfigSchema } from '../../config/agent-config.ts';
import { policyFor } from '../../config/other-hubs.ts';
import { loadYamlFile } from '../../config/load-yaml.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import * as z from 'zod';
import { runPolicyTests } from '../run-policy-tests.ts';
import { readOptions, writeJson, type Command } from './read-options.ts';

const usage = 'validate FILE';

export const validate: Command = {
  summary: 'validate FILE                         check a configuration or a policy',
  help: `atalaia-agent ${usage}

Checks an agent.yaml, or a policy document (kind: Policy), with the code that a running agent uses. Prints one JSON object
when it is right; else one message with file, line, column and the remedy, and exits with 2. Runs the tests of the policy,
and those of \`otherHubs\`, too: when one fails, \`ok\` is false and it exits with 1; \`atalaia-agent test FILE\` shows how.
`,
  async run(args, io) {
    const { positionals } = readOptions(args, {}, usage);
    const [file, more] = positionals;
    if (file === undefined || more !== undefined) throw new UsageError(`name one file; usage: ${usage}`);
    const { kind, policies } = loadDocument(file);
    const [{ policy }, ...others] = policies;
    const failing = policies.flatMap(({ policy: one }) => runPolicyTests(one).filter(({ isPassed }) => !isPassed));
    const tests = { count: policies.reduce((sum, one) => sum + one.policy.tests.length, 0), failed: failing.map(({ name }) => name) };
    const ok = failing.length === 0;
    const otherHubs = others.map((other) => ({ name: other.hub, ...told(other.policy) }));
    await writeJson(io.output, { ok, file, kind, tests, ...told(policy), ...(otherHubs.length > 0 ? { otherHubs } : {}) });
    return ok ? 0 : 1;
  },
};

function told(policy: Policy): object {
  const sources = policy.sources.map(({ id, type }) => ({ id, type }));
  return { sources, policyHash: Buffer.from(hashPolicy(policy)).toString('hex') };
}

export interface PlacedPolicy {
  readonly policy: Policy;
  /** Whose policy it is, among `otherHubs`. */
  readonly hub: string | undefined;
  /** Where its tests stand in the document. */
  readonly testsAt: readonly (string | number)[];
}

export interface LoadedDocument {
  readonly kind: 'policy' | 'configuration';
  /** The document's own first. */
  readonly policies: readonly [PlacedPolicy, ...PlacedPolicy[]];
}

/** Either document; the message is about the kind that the file says it is. */
export function loadDocument(file: string): LoadedDocument {
  const { kind } = loadYamlFile(file, z.looseObject({ kind: z.unknown().optional() }), 'the document');
  if (kind !== undefined) {
    const policy = loadYamlFile(file, policySchema, 'the policy');
    return { kind: 'policy', policies: [{ policy, hub: undefined, testsAt: ['tests'] }] };
  }
  const config = loadYamlFile(file, agentConfigSchema, "the agent's configuration");
  const others = config.otherHubs.map((other, index): PlacedPolicy => ({
    policy: policyFor(other, config.policy),
    hub: other.name,
    testsAt: ['otherHubs', index, 'tests'],
  }));
  return { kind: 'configuration', policies: [{ policy: config.policy, hub: undefined, testsAt: ['policy', 'tests'] }, ...others] };
}
