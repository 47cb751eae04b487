// `atalaia-agent test FILE`: the tests in a policy, run with what a running agent makes of that policy.
import { yamlPlaces } from '../../config/load-yaml.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { runPolicyTests } from '../run-policy-tests.ts';
import { readOptions, write, type Command } from './read-options.ts';
import { asJson, asJunit, asText, type PlacedOutcome } from './test-report.ts';
import { loadDocument } from './validate.ts';

const usage = 'test FILE [--json|--junit]';

export const test: Command = {
  summary: 'test FILE [--json|--junit]            run the tests in a policy',
  help: `atalaia-agent ${usage}

Runs the \`tests\` of a policy (kind: Policy), or of the policy and the \`otherHubs\` in an agent.yaml, through the very
filters, trims and joiner that a running agent uses. Each test gives lines of one source and says for each record what becomes of it:

  tests:
    - name: card numbers stay here
      source: shop                      may be left out when the policy has only one
      given:
        - '{"user":"a","card":"4111"}'
        - { line: 'GET /healthz', at: 2s, times: 3, every: 1s }
      expect:
        - '{"user":"a"}'
        - { dropped: filtered, times: 3 }

given: \`at\` is when the line is read, counted from the first; without it, together with the one above it. A text with line
feeds is so many lines of a file, joined as \`multiline\` says. expect: a line exactly as it is shipped, with \`lane\` if that
matters; or dropped: filtered, sampled, limited or collapsed. Every record is expected, in order. Each test begins
with empty limits and collapses; every keyFile is taken as holding the text "atalaia policy tests use this key".

  --json    one JSON object per test
  --junit   JUnit's XML, as CI servers read it

Exits with 1 when a test fails, with 2 when the file is wrong.
`,
  async run(args, io) {
    const options = readOptions(args, { json: { type: 'boolean' }, junit: { type: 'boolean' } }, usage);
    const [file, more] = options.positionals;
    if (file === undefined || more !== undefined) throw new UsageError(`name one file; usage: ${usage}`);
    const { json, junit } = options.values;
    if (json === true && junit === true) throw new UsageError('--json and --junit are two answers; choose one');
    const { policies } = loadDocument(file);
    const placeOf = yamlPlaces(file, 'the policy');
    const placed = policies.flatMap(({ policy, hub, testsAt }) =>
      runPolicyTests(policy).map((outcome, index): PlacedOutcome => ({
        ...outcome,
        name: hub === undefined ? outcome.name : `${hub}: ${outcome.name}`,
        placeOf: (parts) => placeOf([...testsAt, index, ...parts]),
      })),
    );
    if (json === true) for (const outcome of placed) await write(io.output, asJson(outcome));
    else if (junit === true) await write(io.output, asJunit(file, placed));
    else for (const outcome of placed) await write(io.output, asText(outcome));
    const failed = placed.filter(({ isPassed }) => !isPassed).length;
    const none = placed.length === 0 ? `; ${file} holds no \`tests\`` : '';
    await write(io.errors, `${placed.length - failed} passed, ${failed} failed${none}\n`);
    return failed === 0 ? 0 : 1;
  },
};
