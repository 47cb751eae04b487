// The rules of a policy's `trim`, as people write them: a source, a format, and one or more operations on fields.
// Where several operations name one field the one that shows least wins: drop, mask, pseudonymise, shorten.
import * as z from 'zod';
import { sourceId } from '../sources/every-source.ts';
import { text } from '../text.ts';
import { fieldPathLimits, parseFieldPath } from './field-paths.ts';
import { csvLimits } from './trim-csv.ts';
import { compileSpec, type TrimSpec } from './trimmer.ts';

const fieldPath = text(fieldPathLimits.bytesMax).superRefine((path, context) => {
  const parsed = parseFieldPath(path);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: `the field path has ${parsed.reason}` });
});
const structuredPath = fieldPath.refine((path) => {
  const parsed = parseFieldPath(path);
  return !parsed.ok || parsed.path.length <= 2;
}, 'expected an element (`id`) or a parameter (`id.name`); write a dot inside a name as \\.');
const pairName = text(256).regex(/^[^\s="]+$/, 'expected a name without spaces, = and "');
const zeekName = text(256).regex(/^[^\s"\\]+$/, 'expected a name as the #fields line of Zeek has it, such as id.orig_h');
const columnName = z.union(
  [
    z
      .int()
      .min(1)
      .max(csvLimits.columnsMax)
      .transform((number) => String(number)),
    text(256),
  ],
  { error: `expected the name of a column or its number, from 1 to ${csvLimits.columnsMax}` },
);
const maskText = text(128).regex(/^(?! )[^\p{Cc}]*(?<! )$/u, 'expected a text without control characters and without spaces at its ends');

const defaultMask = '***';
const defaultPseudonymLength = 16;

/** Drop, keep, mask, pseudonymise and shorten of fields that are written as `name` says. */
function operations<Name extends z.ZodType<string, string | number>>(name: Name) {
  const fields = z.array(name).min(1).max(fieldPathLimits.pathsMax);
  return {
    source: sourceId,
    drop: fields.optional(),
    keep: fields.optional(),
    mask: z.strictObject({ fields, with: maskText.default(defaultMask) }).optional(),
    pseudonymise: z
      .strictObject({
        fields,
        keyFile: text(1_024).startsWith('/', 'expected a whole path that begins with /'),
        length: z.int().min(8).max(64).default(defaultPseudonymLength),
      })
      .optional(),
    shorten: z
      .strictObject({
        fields,
        bytes: z
          .int()
          .min(1)
          .max(1024 * 1024),
      })
      .optional(),
  };
}

export const trimRule = z
  .discriminatedUnion('format', [
    z.strictObject({ format: z.literal('json'), ...operations(fieldPath) }),
    z.strictObject({ format: z.literal('key-value'), ...operations(pairName) }),
    z.strictObject({ format: z.literal('cef'), ...operations(pairName) }),
    z.strictObject({ format: z.literal('leef'), ...operations(pairName) }),
    z.strictObject({ format: z.literal('structured-data'), ...operations(structuredPath) }),
    z.strictObject({ format: z.literal('zeek'), ...operations(zeekName) }),
    z.strictObject({
      format: z.literal('csv'),
      ...operations(columnName),
      columns: z.array(text(256)).max(csvLimits.columnsMax).optional(),
      delimiter: z.enum([',', ';', '|', '\t']).optional(),
    }),
  ])
  .superRefine(checkOperations);

export type TrimRule = z.output<typeof trimRule>;

export const trimOperations = ['drop', 'keep', 'mask', 'pseudonymise', 'shorten'] as const;

function checkOperations(rule: TrimSpec, context: z.RefinementCtx): void {
  if (trimOperations.every((name) => rule[name] === undefined)) {
    context.addIssue({ code: 'custom', message: `a trim that does nothing; give at least one of ${trimOperations.join(', ')}` });
    return;
  }
  if (rule.format === 'csv') checkColumns(rule, context);
  // A path that does not parse has been told already, at its place.
  if ((rule.format === 'json' || rule.format === 'structured-data') && allFields(rule).some((path) => !parseFieldPath(path).ok)) return;
  try {
    compileSpec(rule, () => Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}

function allFields(rule: TrimSpec): string[] {
  return trimOperations.flatMap((name) => fieldsOf(rule, name));
}

/** The fields that an operation of a rule names. */
export function fieldsOf(rule: TrimSpec, name: (typeof trimOperations)[number]): readonly string[] {
  if (name === 'drop' || name === 'keep') return rule[name] ?? [];
  return rule[name]?.fields ?? [];
}

function checkColumns(rule: TrimSpec, context: z.RefinementCtx): void {
  const known = new Set(rule.columns ?? []);
  for (const name of trimOperations) {
    for (const field of fieldsOf(rule, name)) {
      if (known.has(field) || (/^[1-9]\d{0,3}$/.test(field) && Number(field) <= csvLimits.columnsMax)) continue;
      const message = `there is no column ${field}; name it in \`columns\`, or give its number from 1 to ${csvLimits.columnsMax}`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  }
}
