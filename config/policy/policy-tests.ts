// The tests of a policy, in the policy itself: lines in, and for each record what becomes of it.
// They say what a policy does and change nothing of what it does: its hash leaves them out (DECISION-policy-tests.md).
import * as z from 'zod';
import { laneNames } from '../../proto/delivery.ts';
import { parseDuration } from '../quantities.ts';
import { verdicts } from './choose-lines.ts';
import { policyLimits } from './rule-limits.ts';
import { sourceId } from './sources/every-source.ts';
import { text } from './text.ts';

const timesMax = 10_000;
/** Of all tests of a policy: they run at each start of the agent. */
const linesMax = 100_000;
const atMsMax = 30 * 24 * 60 * 60 * 1_000;

/** Stays as it was written, as the durations of filter rules do. */
const time = z.string().refine((written) => {
  const ms = parseDuration(written);
  return ms !== undefined && ms <= atMsMax;
}, 'expected a duration such as 0s, 500ms or 2m, up to 30d');
const times = z.int().min(1).max(timesMax).default(1);
const line = z.string();

const givenLine = z.union(
  [line, z.strictObject({ line, at: time.optional(), times, every: time.optional() })],
  `expected a line as quoted text, such as '{"a":1}', or { line: TEXT } with at, times or every`,
);

const expectedLine = z.strictObject({ line, lane: z.enum(laneNames).optional(), times });
const expectedDrop = z.strictObject({ dropped: z.enum(verdicts).exclude(['kept']), times });
const expectation = z.union(
  [line, expectedLine, expectedDrop],
  `expected a line as quoted text, { line: TEXT } with lane or times, or { dropped: ${verdicts.slice(1).join(' or ')} }`,
);

const policyTest = z
  .strictObject({
    name: text(256),
    source: sourceId.optional(),
    given: z.array(givenLine).min(1).max(timesMax),
    expect: z.array(expectation).max(timesMax),
  })
  .superRefine(({ given }, context) => {
    let beforeMs = 0;
    for (const [index, entry] of given.entries()) {
      const { atMs, lastMs } = timesOf(entry, beforeMs);
      const isLater = atMs >= beforeMs;
      beforeMs = Math.max(beforeMs, lastMs);
      if (isLater) continue;
      context.addIssue({ code: 'custom', path: ['given', index, 'at'], message: 'is before the line above it; times go onwards' });
    }
  });

export const policyTests = z
  .array(policyTest)
  .max(policyLimits.testsMax)
  .superRefine((tests, context) => {
    let lines = 0;
    for (const [index, { given, expect, name }] of tests.entries()) {
      for (const entry of [...given, ...expect]) lines += typeof entry === 'string' ? 1 : entry.times;
      if (lines > linesMax) {
        context.addIssue({ code: 'custom', path: [index], message: `expected at most ${linesMax} lines in all tests of a policy` });
        return;
      }
      if (tests.findIndex((test) => test.name === name) !== index)
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'another test has this name; give each its own' });
    }
  });

export type PolicyTest = z.output<typeof policyTest>;
export type GivenLine = z.output<typeof givenLine>;

/** When the first and the last of the lines are read, in milliseconds since the first line of the test. */
export function timesOf(entry: GivenLine, beforeMs: number): { readonly atMs: number; readonly everyMs: number; readonly lastMs: number } {
  if (typeof entry === 'string') return { atMs: beforeMs, everyMs: 0, lastMs: beforeMs };
  const atMs = entry.at === undefined ? beforeMs : (parseDuration(entry.at) ?? 0);
  const everyMs = entry.every === undefined ? 0 : (parseDuration(entry.every) ?? 0);
  return { atMs, everyMs, lastMs: atMs + everyMs * (entry.times - 1) };
}
