// The form of a decoder file: what one vendor format looks like and which ECS fields its parts become. Declarative only:
// nothing in a file is run as code. README.md in this folder explains it by example.
// Promises: whatever this schema lets through compiles; a fault is told with file, line and column by the loader.
// Paths into JSON are dotted, with "quoted" names, `[]` for every element of an array and `[0]` for one.
import * as z from 'zod';
import { fieldByName } from '../fields/registry.ts';
import { ecsFault } from './ecs-values.ts';
import { captureTargets, parsePattern } from './pattern.ts';

const word = z.string().min(1).max(200);
const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const constant = z.union([scalar, z.array(z.string().max(200)).max(16)]);
const fieldName = z
  .string()
  .regex(/^(@timestamp|message|[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+)$/, 'must be a dotted field name or @timestamp')
  .refine((name) => !ecsRoots.has(name.split('.')[0] ?? '') || name === '@timestamp' || fieldByName(name) !== undefined, {
    error: 'is under an ECS name but not in config/fields/registry.ts; correct it, or use a name under the vendor',
  });
/** Below these a name must be registered; anything else is a vendor's own name and travels as text. */
const ecsRoots = new Set(
  'event host source destination client server network observer user group process file http url user_agent dns tls rule error service registry cloud container orchestrator threat vulnerability related'.split(
    ' ',
  ),
);

const timeFormats = ['iso', 'clf', 'bsd', 'epoch', 'epoch-ms', 'epoch-us'] as const;
const timeFormat = z
  .string()
  .refine(
    (name) => timeFormats.some((known) => known === name) || (/^(?:[^%]|%[YymdebHIMSfzZpsjaA%])+$/.test(name) && name.includes('%')),
    {
      error: `must be one of ${timeFormats.join(', ')} or a template of %Y %y %m %d %e %b %H %I %M %S %f %z %Z %p %j %a %A %s`,
    },
  );

const mapping = z.strictObject({
  from: z.union([word, z.array(word).min(1).max(8)]),
  /** Part of the value: after the first / before the first occurrence of a literal. */
  after: z.string().max(50).optional(),
  before: z.string().max(50).optional(),
  /** The elements of a list as one text, with this between them. */
  join: z.string().max(8).optional(),
  /** So many characters left out at the start. */
  skip: z.int().positive().max(1_000).optional(),
  /** So many characters from the start. */
  first: z.int().positive().max(1_000).optional(),
  /** These characters taken off both ends. */
  strip: z.string().min(1).max(20).optional(),
  /** Every occurrence of a text becomes another. */
  replace: z.record(z.string().min(1).max(50), z.string().max(50)).optional(),
  lower: z.boolean().optional(),
  upper: z.boolean().optional(),
  /** Value to value; what is not listed is `default`, or left out. */
  map: z.record(z.string(), constant).optional(),
  /** Like map, by the first listed text that occurs in the value, case-insensitive. */
  contains: z.record(z.string(), constant).optional(),
  default: constant.optional(),
  split: z.string().min(1).max(8).optional(),
  /** A number to so many decimals, before it is multiplied. */
  round: z.int().min(0).max(9).optional(),
  multiply: z.number().optional(),
  time: z.array(timeFormat).min(1).max(8).optional(),
});
const fieldMap = z.record(fieldName, z.union([word, mapping]));

const logSource = z.strictObject({
  product: z.string().max(60).optional(),
  service: z.string().max(60).optional(),
  categories: z.array(z.string().max(60)).max(8).optional(),
});

const constants = z.record(fieldName, constant);

const pairs = z
  .strictObject({
    /** The capture that holds the pairs; without it the whole text. */
    from: z
      .string()
      .regex(/^_[a-z0-9_]+$/)
      .optional(),
    between: z.string().min(1).max(4).default(' '),
    assign: z.string().min(1).max(4).default('='),
    /** Of a key that comes again, the value that counts. */
    repeated: z.enum(['first', 'last']).default('last'),
    /** The text is several records, one a line; a raw name `SYSCALL.exe` is the key `exe` of records whose `by` is SYSCALL. */
    records: z
      .strictObject({
        by: word,
        /** A record has parts, with this between them. */
        parts: z.string().length(1).optional(),
      })
      .optional(),
    /** With records: a value between two of these holds pairs itself. */
    nested: z.string().length(1).optional(),
    /** With records: raw names whose values, where they are not quoted, are text in hexadecimal; NUL in it becomes a space. */
    hex: z.array(word).max(64).optional(),
  })
  .refine(({ records, nested, hex }) => records !== undefined || (nested === undefined && hex === undefined), {
    error: '`nested` and `hex` go with `records`',
  });

const pattern = z.string().min(1).max(1_024);

const message = z.strictObject({
  name: word,
  match: z.union([pattern, z.array(pattern).min(1).max(32)]),
  source: logSource.optional(),
  set: constants.optional(),
  fields: fieldMap.optional(),
});

/** Raw names and the values they must have; `*` is any value. */
const condition = z.record(word, z.union([scalar, z.array(scalar).min(1).max(200)]));

const decodeCase = z.strictObject({
  /** One condition, or several of which one is enough. */
  when: z.union([condition, z.array(condition).min(1).max(8)]),
  source: logSource.optional(),
  set: constants.optional(),
  fields: fieldMap.optional(),
});

const sample = z.strictObject({
  line: z.string().min(1).max(16_384),
  type: z.string().optional(),
  zone: z.string().optional(),
  readAt: z.iso.datetime().optional(),
  expect: z.record(z.string(), z.union([constant, z.null()])),
});

export const decoderSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by dashes'),
    version: z.int().positive(),
    title: word,
    /** Takes everything that is not written here from that decoder. */
    like: z.string().optional(),
    source: logSource,
    /** Type hints of sources it answers to, beside its id. */
    types: z.array(word).max(12).optional(),
    recognise: z
      .strictObject({
        programs: z.array(word).max(64).optional(),
        keys: z.array(word).max(8).optional(),
        values: z.record(word, z.array(scalar).min(1)).optional(),
        starts: z.array(word).max(32).optional(),
        contains: z.array(word).max(8).optional(),
        /** Tried on any line that nothing before it took: for formats that begin with a variable part. */
        anyLine: z.boolean().optional(),
      })
      .optional(),
    format: z.enum(['json', 'key-value', 'pattern']).optional(),
    /** Lower is tried first where several decoders would do. */
    priority: z.int().min(0).max(100).optional(),
    time: z.array(timeFormat).min(1).max(8).optional(),
    empty: z.array(z.string()).max(8).optional(),
    pairs: pairs.optional(),
    set: constants.optional(),
    fields: fieldMap.optional(),
    /** Put before every message's pattern: the part that all of them share, in its variants. */
    head: z.union([z.string().max(500), z.array(z.string().max(500)).min(1).max(6)]).optional(),
    messages: z.array(message).min(1).max(400).optional(),
    cases: z.array(decodeCase).min(1).max(400).optional(),
    /** For envelopes: the field with the text of another format, and the one that names its program. */
    inner: z.strictObject({ text: word, program: word.optional() }).optional(),
    /** JSON fields that no mapping reads travel under this name. */
    rest: z
      .string()
      .regex(/^[a-z][a-z0-9_.]*$/)
      .optional(),
    samples: z.array(sample).min(1).max(400),
  })
  .superRefine((file, context) => {
    if (!file.like && !file.format) context.addIssue({ code: 'custom', path: ['id'], message: 'a decoder needs a format (or like)' });
    if (file.format === 'pattern' && !file.messages && !file.like)
      context.addIssue({ code: 'custom', path: ['format'], message: 'a pattern decoder needs messages' });
    checkPatterns(file, context);
    checkEcs(file.set ?? {}, ['set'], context);
    for (const list of ['messages', 'cases'] as const)
      for (const [at, one] of (file[list] ?? []).entries()) if (one.set) checkEcs({ ...file.set, ...one.set }, [list, at, 'set'], context);
  });

interface Patterns {
  readonly head?: string | string[] | undefined;
  readonly messages?: readonly { readonly match: string | string[] }[] | undefined;
}

/** Every pattern a decoder is compiled from: each head with each match. */
export function patternsOf(head: string | readonly string[] | undefined, match: string | readonly string[]): string[] {
  return [head ?? ''].flat().flatMap((start) => [match].flat().map((rest) => start + rest));
}

function checkPatterns(file: Patterns, context: z.RefinementCtx): void {
  for (const [at, { match }] of (file.messages ?? []).entries()) {
    for (const text of patternsOf(file.head, match)) {
      const fault = patternFault(text);
      if (fault)
        context.addIssue({ code: 'custom', path: ['messages', at, 'match'], message: `the pattern ${text.slice(0, 120)} ${fault}` });
    }
  }
}

function patternFault(text: string): string | undefined {
  const parsed = parsePattern(text);
  if (!parsed.ok) return parsed.reason;
  for (const target of captureTargets(parsed.elements)) {
    const fault = target.startsWith('_') ? undefined : fieldName.safeParse(target).error;
    if (fault) return `has a capture ${target}, which ${fault.issues[0]?.message ?? 'is wrong'}`;
  }
  return undefined;
}

function checkEcs(set: Readonly<Record<string, Constant>>, path: (string | number)[], context: z.RefinementCtx): void {
  const fault = ecsFault(set);
  if (fault) context.addIssue({ code: 'custom', path, message: fault });
  for (const [name, value] of Object.entries(set)) {
    const field = fieldByName(name);
    if (!field) continue;
    const fits = field.isArray
      ? Array.isArray(value)
      : typeof value === (field.type === 'long' || field.type === 'float' ? 'number' : field.type === 'boolean' ? 'boolean' : 'string');
    if (!fits)
      context.addIssue({
        code: 'custom',
        path: [...path, name],
        message: `${name} must be ${field.isArray ? 'a list of words' : `a ${field.type}`}`,
      });
  }
}

export type DecoderSpec = z.output<typeof decoderSchema>;
export type Mapping = z.output<typeof mapping>;
export type FieldMap = z.output<typeof fieldMap>;
export type LogSource = z.output<typeof logSource>;
export type Constant = z.output<typeof constant>;
