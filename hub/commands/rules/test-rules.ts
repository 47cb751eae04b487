// `rules test DIR`: runs the tests beside the rules (`<rule>.test.yml`). A test gives events (`event:` ECS fields, `line:` a
// raw line to be normalised) at times counted from the first, and says which findings of that file's rules it expects, no
// more and no fewer. Only what an expectation names is compared. `until:` lets time pass after the last event.
import * as z from 'zod';
import type { DecoderSpec } from '../../../config/decoders/format.ts';
import { EventRow } from '../../../config/fields/row.ts';
import { parseYaml } from '../../../config/load-yaml.ts';
import type { Ruleset } from '../../detect/engine/ruleset.ts';
import { createNormaliser } from '../../normalise/create-normaliser.ts';
import type { RuleSource } from '../../work.ts';
import { parseLogSource } from './event-source.ts';
import { kindFromEvent, readEvent } from './read-event.ts';
import { Replay } from './replay.ts';
import type { ReplayedFinding } from './replay.ts';

const duration = z.string().regex(/^\d{1,6}(?:ms|s|m|h|d)$/, 'a number and ms, s, m, h or d');
const given = z
  .strictObject({
    at: duration.optional(),
    every: duration.default('1s'),
    times: z.int().min(1).max(10_000).default(1),
    /** Names a source; events of several sources are told apart by it. */
    source: z.string().default('test'),
    logsource: z.string().optional(),
    event: z.record(z.string(), z.unknown()).optional(),
    line: z.string().optional(),
    lines: z.array(z.string()).optional(),
    source_type: z.string().default(''),
  })
  .refine(
    (one) => [one.event, one.line, one.lines].filter((part) => part !== undefined).length === 1,
    'give exactly one of event, line and lines',
  );
const expected = z.strictObject({
  rule: z.string(),
  at: duration.optional(),
  group: z.union([z.string(), z.array(z.string())]).optional(),
  count: z.int().optional(),
  level: z.string().optional(),
});
const testFile = z
  .array(
    z.strictObject({
      name: z.string(),
      given: z.array(given),
      until: duration.optional(),
      expect: z.array(expected),
      from: z.string().optional(),
    }),
  )
  .min(1);
type RuleTest = z.output<typeof testFile>[number];

export interface TestOutcome {
  readonly file: string;
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string;
}

/** Tuesday, 24 November 2026, 10:00 UTC: what `at: 0s` stands for. */
const startMs = Date.UTC(2026, 10, 24, 10);
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function runRuleTests(tests: readonly RuleSource[], ruleset: Ruleset, decoders: readonly DecoderSpec[]): TestOutcome[] {
  return tests.flatMap(({ file, text }) =>
    parseYaml(text, testFile, file).map((test) => ({ file, name: test.name, ...runOne(file, test, ruleset, decoders) })),
  );
}

function runOne(file: string, test: RuleTest, ruleset: Ruleset, decoders: readonly DecoderSpec[]): { ok: boolean; reason: string } {
  const ruleFile = file.replace(/\.test\.(ya?ml)$/, '');
  const own = new Set(
    [...ruleset.rules, ...ruleset.correlations].filter((rule) => rule.file.replace(/\.ya?ml$/, '') === ruleFile).map(({ id }) => id),
  );
  if (own.size === 0) return { ok: false, reason: `there is no rule file ${ruleFile}.yml beside it, or its rules were refused` };
  const found = play(test, ruleset, decoders).filter(({ finding }) => own.has(finding.ruleId));
  const names = new Map(
    [...ruleset.rules, ...ruleset.correlations].map((rule) => [
      rule.id,
      [rule.id, rule.name, rule.title, ruleFile.split('/').at(-1) ?? ''],
    ]),
  );
  const left = [...found];
  for (const wanted of test.expect) {
    const at = left.findIndex((one) => fits(one, wanted, names.get(one.finding.ruleId) ?? []));
    if (at < 0) return { ok: false, reason: `expected ${JSON.stringify(wanted)}, found ${describe(found)}` };
    left.splice(at, 1);
  }
  return { ok: left.length === 0, reason: left.length === 0 ? '' : `found more than expected: ${describe(left)}` };
}

function fits({ finding, foundAtMs }: ReplayedFinding, wanted: RuleTest['expect'][number], names: readonly string[]): boolean {
  const values = finding.group.map(({ value }) => value);
  const group = wanted.group === undefined ? [] : [wanted.group].flat();
  return (
    names.includes(wanted.rule) &&
    (wanted.at === undefined || foundAtMs - startMs === msOf(wanted.at)) &&
    group.every((value) => values.includes(value)) &&
    (wanted.count === undefined || wanted.count === finding.count) &&
    (wanted.level === undefined || wanted.level === finding.level)
  );
}

function describe(found: readonly ReplayedFinding[]): string {
  const each = found.map(
    ({ finding, foundAtMs }) =>
      `${finding.title} at ${(foundAtMs - startMs) / 1_000}s, group ${finding.group.map(({ value }) => value).join(' ')}, count ${finding.count}`,
  );
  return each.join('; ') || 'nothing';
}

function play(test: RuleTest, ruleset: Ruleset, decoders: readonly DecoderSpec[]): ReplayedFinding[] {
  // Small batches: a test should see what a slow stream sees.
  const replay = new Replay(ruleset, 3);
  const normaliser = createNormaliser(decoders);
  const fromEvent = kindFromEvent(decoders);
  const row = new EventRow();
  const steps = stepsOf(test);
  for (const [number, { atMs, event, line, step }] of steps.entries()) {
    row.clear();
    if (line !== undefined) normaliser.normalise({ text: line, readAtMs: startMs + atMs, typeHint: step.source_type, timeZone: '' }, row);
    else readEvent(event, row, fromEvent);
    if (step.logsource !== undefined) row.kindId = parseLogSource(step.logsource).id;
    row.timeMs = startMs + atMs;
    replay.add(row, number, step.source);
  }
  const lastMs = steps.at(-1)?.atMs ?? 0;
  return replay.finish(startMs + (test.until === undefined ? lastMs : msOf(test.until)));
}

interface Step {
  readonly atMs: number;
  readonly event: Record<string, unknown>;
  readonly line: string | undefined;
  readonly step: RuleTest['given'][number];
}

/** In the order of time; a step without `at` goes on where the one before it ended. */
function stepsOf(test: RuleTest): Step[] {
  const steps: Step[] = [];
  let cursorMs = 0;
  for (const step of test.given) {
    if (step.at !== undefined) cursorMs = msOf(step.at);
    const lines = step.lines ?? (step.line === undefined ? [undefined] : [step.line]);
    for (let time = 0; time < step.times; time++)
      for (const line of lines) {
        steps.push({ atMs: cursorMs, event: step.event ?? {}, line, step });
        cursorMs += msOf(step.every);
      }
  }
  return steps.sort((a, b) => a.atMs - b.atMs);
}

function msOf(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * (unitsMs[match[2] ?? ''] ?? 0) : 0;
}
