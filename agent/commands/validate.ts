// `atalaia-agent validate FILE`: would this agent take the file? A configuration or a policy alone, told by its `kind`.
import { hashPolicy } from '../../config/policy/hash-policy.ts';
import { policySchema, type Policy } from '../../config/policy/policy.ts';
import { agentConfigSchema } from '../../config/agent-config.ts';
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
when it is right; else one message with file, line, column and the remedy, and exits with 2. Runs the tests of the policy
too: when one fails, \`ok\` is false and it exits with 1; \`atalaia-agent test FILE\` shows how.
`,
  async run(args, io) {
    const { positionals } = readOptions(args, {}, usage);
    const [file, more] = positionals;
    if (file === undefined || more !== undefined) throw new UsageError(`name one file; usage: ${usage}`);
    const { kind, policy } = loadDocument(file);
    const sources = policy.sources.map(({ id, type }) => ({ id, type }));
    const failing = runPolicyTests(policy).filter(({ isPassed }) => !isPassed);
    const tests = { count: policy.tests.length, failed: failing.map(({ name }) => name) };
    const ok = failing.length === 0;
    await writeJson(io.output, { ok, file, kind, sources, tests, policyHash: Buffer.from(hashPolicy(policy)).toString('hex') });
    return ok ? 0 : 1;
  },
};

/** Either document; the message is about the kind that the file says it is. */
export function loadDocument(file: string): { readonly kind: 'policy' | 'configuration'; readonly policy: Policy } {
  const { kind } = loadYamlFile(file, z.looseObject({ kind: z.unknown().optional() }), 'the document');
  if (kind !== undefined) return { kind: 'policy', policy: loadYamlFile(file, policySchema, 'the policy') };
  return { kind: 'configuration', policy: loadYamlFile(file, agentConfigSchema, "the agent's configuration").policy };
}
