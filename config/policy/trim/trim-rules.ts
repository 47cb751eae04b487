// The rules of a policy's `trim`, as people write them.
import * as z from 'zod';
import { sourceId } from '../sources/every-source.ts';
import { text } from '../text.ts';
import { compileFieldPaths, fieldPathLimits, parseFieldPath } from './field-paths.ts';

const fieldName = text(fieldPathLimits.bytesMax).superRefine((path, context) => {
  const parsed = parseFieldPath(path);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: `the field path has ${parsed.reason}` });
});
export const trimRule = z.discriminatedUnion('format', [
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

export type TrimRule = z.output<typeof trimRule>;
