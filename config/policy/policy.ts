// The policy: what a group of agents reads, keeps and ships. One document form, in agent.yaml and on the wire.
// Promises: a value of type Policy has been checked whole: conditions compile, field paths parse, references name sources
// that exist, and sources that share a lane agree on what happens when it is full (one drop policy per lane: DELIVERY.md 5).
import * as z from 'zod';
import { laneNames, limits } from '../../proto/delivery.ts';
import { nearest } from '../explain-issue.ts';
import { compileCondition } from './conditions/compile-condition.ts';
import { compileFieldPaths, fieldPathLimits, parseFieldPath } from './trim/field-paths.ts';

const policyLimits = { sourcesMax: 1_024, globsMax: 256, globCharsMax: 1_024, rulesMax: 256 } as const;

const text = (charsMax: number) => z.string().min(1).max(charsMax);
const sourceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected a name of lower-case letters, digits, `.`, `_` or `-`, at most 64 characters');
const glob = text(policyLimits.globCharsMax).startsWith('/', 'expected a whole path or glob that begins with /');

const timeZone = z
  .string()
  .refine((name) => name === 'local' || isTimeZone(name), 'expected `local` or an IANA name such as Europe/Lisbon or UTC');

function isTimeZone(name: string): boolean {
  try {
    return name !== '' && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const labels = z
  .record(text(64), z.string().max(256))
  .refine((map) => Object.keys(map).length <= limits.labelsPerStreamMax, `expected at most ${limits.labelsPerStreamMax} labels`);

const everySource = {
  id: sourceId,
  typeHint: z.string().max(128).default(''),
  timeZone: timeZone.default('local'),
  startAt: z.enum(['start', 'end']).default('end'),
  whenFull: z.enum(['block', 'drop-oldest', 'drop-newest']).default('block'),
  lane: z.enum(laneNames).default('normal'),
  labels: labels.default({}),
};

const fileSource = z.strictObject({
  ...everySource,
  type: z.literal('file'),
  paths: z.array(glob).min(1).max(policyLimits.globsMax),
  exclude: z.array(glob).max(policyLimits.globsMax).default([]),
});

const journaldSource = z.strictObject({ ...everySource, type: z.literal('journald') });

const conditionValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const selection = z.record(text(1_024), z.union([conditionValue, z.array(conditionValue)]));
const condition = z.union([selection, z.array(selection).min(1).max(policyLimits.rulesMax)]).superRefine((value, context) => {
  const compiled = compileCondition(value);
  if (!compiled.ok) context.addIssue({ code: 'custom', message: compiled.reason, path: [...compiled.path] });
});
const choice = z.strictObject({ source: sourceId.optional(), where: condition });
const filterRule = z.union([z.strictObject({ drop: choice }), z.strictObject({ keep: choice })]);

const fieldName = text(fieldPathLimits.bytesMax).superRefine((path, context) => {
  const parsed = parseFieldPath(path);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: `the field path has ${parsed.reason}` });
});
const trimRule = z.discriminatedUnion('format', [
  z.strictObject({
    source: sourceId,
    format: z.literal('json'),
    drop: z.array(fieldName).min(1).max(fieldPathLimits.pathsMax).superRefine(refuseHugePaths),
  }),
  z.strictObject({
    source: sourceId,
    format: z.literal('key-value'),
    drop: z
      .array(text(256).regex(/^[^\s="]+$/, 'expected a name without spaces, = and "'))
      .min(1)
      .max(fieldPathLimits.pathsMax),
  }),
]);

function refuseHugePaths(paths: readonly string[], context: z.RefinementCtx): void {
  const parsed = paths.map((path) => parseFieldPath(path)).flatMap((path) => (path.ok ? [path.path] : []));
  try {
    compileFieldPaths(parsed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}

export const policySchema = z
  .strictObject({
    kind: z.literal('Policy'),
    version: z.literal(1),
    sources: z
      .array(z.discriminatedUnion('type', [fileSource, journaldSource]))
      .max(policyLimits.sourcesMax)
      .default([]),
    filter: z.array(filterRule).max(policyLimits.rulesMax).default([]),
    trim: z.array(trimRule).max(policyLimits.rulesMax).default([]),
  })
  .superRefine(checkReferences);

export type Policy = z.output<typeof policySchema>;
export type Source = Policy['sources'][number];
export type FileSource = Extract<Source, { type: 'file' }>;
export type JournaldSource = Extract<Source, { type: 'journald' }>;
export type FilterRule = Policy['filter'][number];
export type TrimRule = Policy['trim'][number];

interface Checked {
  readonly sources: readonly { readonly id: string; readonly lane: string; readonly whenFull: string }[];
  readonly filter: readonly z.output<typeof filterRule>[];
  readonly trim: readonly { readonly source: string }[];
}

function checkReferences(policy: Checked, context: z.RefinementCtx): void {
  const ids = policy.sources.map(({ id }) => id);
  const firstOfLane = new Map<string, Checked['sources'][number]>();
  const complain = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
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
    if ('drop' in rule) checkSource(rule.drop.source, ['filter', index, 'drop', 'source']);
    else checkSource(rule.keep.source, ['filter', index, 'keep', 'source']);
  }
  for (const [index, rule] of policy.trim.entries()) checkSource(rule.source, ['trim', index, 'source']);
}
