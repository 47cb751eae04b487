import * as z from 'zod';
import { durationSchema, sizeSchema } from '../../quantities.ts';
import { text } from '../text.ts';
import { everySource } from './every-source.ts';
import { compileLinePattern, linePatternLimits } from './line-pattern.ts';

const globLimits = { globsMax: 256, globCharsMax: 1_024 } as const;

const glob = text(globLimits.globCharsMax).startsWith('/', 'expected a whole path or glob that begins with /');

const linePattern = text(linePatternLimits.charsMax).superRefine((pattern, context) => {
  const compiled = compileLinePattern(pattern);
  if (typeof compiled === 'string') context.addIssue({ code: 'custom', message: compiled });
});

/** Lines that are one record: either `start` says which lines begin one, or `continuation` which lines do not. */
const multiline = z
  .strictObject({
    start: linePattern.optional(),
    continuation: linePattern.optional(),
    /** Milliseconds of silence after which a record is whole. */
    timeout: durationSchema({ min: '100ms', max: '1h' }).prefault('2s'),
    maxLines: z.number().int().min(2).max(10_000).default(1_000),
    /** Below the limit of a line, so that a record, its beginning and the next line are seen at once. */
    maxBytes: sizeSchema({ min: '1KiB', max: '512KiB' }).prefault('256KiB'),
  })
  .refine(({ start, continuation }) => (start === undefined) !== (continuation === undefined), {
    error: 'expected either `start` or `continuation`',
  });

export const fileSource = z
  .strictObject({
    ...everySource,
    type: z.literal('file'),
    paths: z.array(glob).min(1).max(globLimits.globsMax),
    exclude: z.array(glob).max(globLimits.globsMax).default([]),
    encoding: z.enum(['utf-8', 'latin-1', 'utf-16', 'utf-16le', 'utf-16be']).default('utf-8'),
    multiline: multiline.optional(),
    /** Files whose lines belong together, or are read by a header, in a way that the agent knows. */
    records: z.enum(['zeek', 'audit']).optional(),
  })
  .refine(({ records, multiline, encoding }) => records === undefined || (multiline === undefined && encoding === 'utf-8'), {
    error: 'has `records`, which says how lines are read: leave `multiline` and `encoding` out',
    path: ['records'],
  });

export type Multiline = z.output<typeof multiline>;
export type Encoding = z.output<typeof fileSource>['encoding'];
